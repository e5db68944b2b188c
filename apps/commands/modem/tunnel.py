"""`semcom modem tunnel`: packets both ways over a radio."""

from __future__ import annotations

from typing import Annotated

import typer

from semcom.apps.commands.console import plain_errors
from semcom.apps.commands.modem.options import (
    CallsignOption,
    CfoOption,
    ConfirmOption,
    FrameBytesOption,
    IdentifyOption,
    JsonOption,
    McsOption,
    RateOption,
    SnrOption,
    SourceOption,
    WaveformOption,
    given,
)
from semcom.apps.commands.modem.saying import say_account, tell


def tunnel(
    ports: Annotated[
        list[str],
        typer.Argument(
            metavar="PORT...",
            help="tun:NAME[@NAMESPACE][,ADDRESS/PREFIX], udp:LISTEN[,TO], kiss[:[HOST:]PORT] or zmq:PULL,PUB; "
            "two of them with a loopback, one for each end.",
            show_default=False,
        ),
    ],
    radio: Annotated[
        str, typer.Option(help="Radio: a name from sdr_configs/, a YAML file, or loopback.", show_default=False)
    ],
    mcs: McsOption = "qpsk-1/2",
    waveform: WaveformOption = None,
    mtu: Annotated[int, typer.Option(help="Of a TUN device, bytes.")] = 1500,
    frame_bytes: FrameBytesOption = None,
    repeats: Annotated[
        bool, typer.Option("--repeats/--no-repeats", help="What is lost is sent again; both ends alike.")
    ] = True,
    max_transmissions: Annotated[int, typer.Option(help="Of each block, with repeats.", min=1, max=16)] = 8,
    half_duplex: Annotated[
        bool, typer.Option("--half-duplex", help="Both ends share one frequency: listen before talk, take turns.")
    ] = False,
    source: SourceOption = None,
    far_source: Annotated[
        int | None,
        typer.Option(help="Of a loopback, the other end's number.", min=0, max=255, show_default="by chance"),
    ] = None,
    confirm_transmit: ConfirmOption = False,
    callsign: CallsignOption = None,
    identify_min: IdentifyOption = None,
    sample_rate_hz: RateOption = None,
    snr_db: SnrOption = None,
    cfo_hz: CfoOption = None,
    timeout_s: Annotated[float, typer.Option(help="Stop after so many seconds.", min=0.1, max=1e9)] = 1e9,
    as_json: JsonOption = False,
) -> None:
    """Carry packets both ways over a radio, until Ctrl-C or SIGTERM. The other end runs the same command.

    A loopback has both ends in this process, two stations with GNU Radio's channel model between them.
    """
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.modem.airs import AirOptions
        from semcom.apps.modem.link_settings import LinkOptions
        from semcom.apps.modem.tunnel import run_tunnel

        link = LinkOptions(
            mcs,
            frame_bytes,
            repeats,
            max_transmissions,
            half_duplex=half_duplex,
            callsign=callsign,
            identify_every_min=identify_min,
        )
        changes = given(sample_rate_hz=sample_rate_hz, waveform=waveform)
        air = AirOptions(radio, None, changes, given(snr_db=snr_db, cfo_hz=cfo_hz), confirm_transmit)
        stations = run_tunnel(ports, air, link, mtu, (source, far_source), timeout_s, tell)
        say_account(stations, as_json)
