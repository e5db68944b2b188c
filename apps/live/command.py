"""``semcom live``: the page of a link, in the browser."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import out, plain_errors

LOCAL_HOST = "127.0.0.1"
_HOSTS = "Two computers"


def live(
    host: Annotated[str, typer.Option(help="Address to listen at; other computers need the token.")] = LOCAL_HOST,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8765,
    name: Annotated[
        list[str] | None, typer.Option(help="Name or address of this computer as others type it; again for more.")
    ] = None,
    others_may_drive: Annotated[
        bool, typer.Option("--others-may-drive", help="Viewers on other computers may do more than look.")
    ] = False,
    radio: Annotated[
        str,
        typer.Option(help="Loopback (its waveform); with --tx or --rx a real radio, or tcp://... of `semcom radio`."),
    ] = "loopback-awgn",
    certificate: Annotated[
        str | None, typer.Option(help="TLS certificate (PEM): other computers' cameras need it.", show_default="none")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Its private key (PEM).", show_default="none")] = None,
    camera: Annotated[
        Path | None, typer.Option(help="Camera of this computer, /dev/video0.", show_default="none")
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    tx: Annotated[bool, typer.Option("--tx", help="The sender's page alone.", rich_help_panel=_HOSTS)] = False,
    rx: Annotated[bool, typer.Option("--rx", help="The receiver's page alone.", rich_help_panel=_HOSTS)] = False,
    confirm_transmit: Annotated[
        bool,
        typer.Option(
            "--confirm-transmit", help="I may transmit on this frequency with this power.", rich_help_panel=_HOSTS
        ),
    ] = False,
    keys: Annotated[
        Path | None,
        typer.Option(help="Folder of semcom keygen, for tcp://...", show_default="none", rich_help_panel=_HOSTS),
    ] = None,
    radio_key: Annotated[
        str, typer.Option(help="Name of the radio's key in peers/.", rich_help_panel=_HOSTS)
    ] = "radio",
    waveform: Annotated[
        str, typer.Option(help="Of the radio at tcp://..., for --tx.", rich_help_panel=_HOSTS)
    ] = "ofdm64",
    watch: Annotated[
        Path | None,
        typer.Option(help="--tx: send what appears here, too.", show_default="none", rich_help_panel=_HOSTS),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Of the host: --tx its state, --rx its results.",
            show_default="out/live-tx, out/live-rx",
            rich_help_panel=_HOSTS,
        ),
    ] = None,
) -> None:
    """Show a link live: drop a photo or use the camera, see what is understood, sent, and made of it."""
    with plain_errors():
        from semcom.apps.live.requirements import require_live

        require_live()
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.live.host_camera import v4l2_frames
        from semcom.apps.live.hosts.choice import HostOptions, open_session
        from semcom.apps.live.page_session import PageSession
        from semcom.apps.live.run import Serving, serve

        token = secrets.token_urlsafe(18)
        serving = Serving(host, port, frozenset(name or ()), token, others_may_drive, certificate, key)
        options = HostOptions(tx, rx, radio, confirm_transmit, keys, radio_key, waveform, watch, folder)
        options.check()

        def say(address: str) -> None:
            out.print(f"live page: [bold]{escape(address)}[/bold]   (Ctrl-C ends it)")
            if host != LOCAL_HOST:
                out.print(f"token of other computers: {token}")
            if open_browser:
                typer.launch(address)

        def make_session() -> PageSession:
            session = open_session(options, lambda line: out.print(f"  {escape(line)}"))
            if camera is not None:
                session.use_camera(lambda: v4l2_frames(camera))
            return session

        serve(make_session, serving, say)
