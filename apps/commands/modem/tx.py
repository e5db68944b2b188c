"""`semcom modem tx`: bytes to a radio."""

from __future__ import annotations

from typing import Annotated

import typer

from semcom.apps.commands.console import plain_errors
from semcom.apps.commands.modem.options import (
    CallsignOption,
    CfoOption,
    ConfirmOption,
    FrameBytesOption,
    FramingOption,
    IdentifyOption,
    JsonOption,
    McsOption,
    RadioOption,
    RateOption,
    SnrOption,
    SourceOption,
    WaveformOption,
    given,
)
from semcom.apps.commands.modem.saying import say_account, tell


def tx(
    source_port: Annotated[
        str, typer.Argument(metavar="SOURCE", help="-, FILE, udp:[HOST:]PORT, kiss[:[HOST:]PORT] or zmq:ADDRESS.")
    ] = "-",
    radio: RadioOption = None,
    to: Annotated[
        str | None, typer.Option(help="Recording to write in the place of a radio.", show_default="none")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="The recording may replace one of its name.")] = False,
    sink: Annotated[
        str, typer.Option(help="Of a loopback, where what was received goes: as for `semcom modem rx`.")
    ] = "-",
    mcs: McsOption = "qpsk-1/2",
    waveform: WaveformOption = None,
    frame_bytes: FrameBytesOption = None,
    framing: FramingOption = "stream",
    repeat: Annotated[int, typer.Option(help="Times that each block is sent.", min=1, max=64)] = 1,
    source: SourceOption = None,
    confirm_transmit: ConfirmOption = False,
    callsign: CallsignOption = None,
    identify_min: IdentifyOption = None,
    sample_rate_hz: RateOption = None,
    snr_db: SnrOption = None,
    cfo_hz: CfoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send bytes over a radio; the other side runs `semcom modem rx`. A loopback also receives them, to --sink.

    Status 2 for bad input, half a packet included; 4 where not all went out; over a loopback 3 where
    nothing arrived, 4 where some was lost.
    """
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.modem.airs import AirOptions
        from semcom.apps.modem.link_settings import LinkOptions
        from semcom.apps.modem.one_way import transmit_bytes

        link = LinkOptions(mcs, frame_bytes, passes=repeat, callsign=callsign, identify_every_min=identify_min)
        changes = given(sample_rate_hz=sample_rate_hz, waveform=waveform, overwrite=overwrite or None)
        air = AirOptions(radio, to, changes, given(snr_db=snr_db, cfo_hz=cfo_hz), confirm_transmit)
        station, status = transmit_bytes(source_port, sink, air, link, framing, source, tell)
        say_account([station], as_json)
    if status:
        raise typer.Exit(status)
