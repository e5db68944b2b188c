"""``semcom live``: the page of a link, in the browser."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import out, plain_errors

LOCAL_HOST = "127.0.0.1"


def live(
    host: Annotated[str, typer.Option(help="Address to listen at; other computers need the token.")] = LOCAL_HOST,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8765,
    name: Annotated[
        list[str] | None, typer.Option(help="Name or address of this computer as others type it; again for more.")
    ] = None,
    others_may_drive: Annotated[
        bool, typer.Option("--others-may-drive", help="Viewers on other computers may do more than look.")
    ] = False,
    radio: Annotated[str, typer.Option(help="A loopback of sdr_configs, or a file: its waveform.")] = "loopback-awgn",
    certificate: Annotated[
        str | None, typer.Option(help="TLS certificate (PEM): other computers' cameras need it.", show_default="none")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Its private key (PEM).", show_default="none")] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Show a link live: drop a photo or use the camera, see what is understood, sent, and made of it."""
    with plain_errors():
        from semcom.apps.live.requirements import require_live

        require_live()
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.live.run import Serving, serve
        from semcom.apps.live.session import LiveSession
        from semcom.sdr_configs.radio import load_loopback

        token = secrets.token_urlsafe(18)
        serving = Serving(host, port, frozenset(name or ()), token, others_may_drive, certificate, key)
        loopback = load_loopback(radio)

        def say(address: str) -> None:
            out.print(f"live page: [bold]{escape(address)}[/bold]   (Ctrl-C ends it)")
            if host != LOCAL_HOST:
                out.print(f"token of other computers: {token}")
            if open_browser:
                typer.launch(address)

        serve(lambda: LiveSession(loopback), serving, say)
