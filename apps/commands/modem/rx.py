"""`semcom modem rx`: bytes from a radio."""

from __future__ import annotations

from typing import Annotated

import typer

from semcom.apps.commands.console import plain_errors
from semcom.apps.commands.modem.options import FramingOption, JsonOption, RadioOption, RateOption, WaveformOption, given
from semcom.apps.commands.modem.saying import say_account, tell
from semcom.apps.commands.reception import WorkersOption


def rx(
    sink: Annotated[
        str, typer.Argument(metavar="SINK", help="-, FILE, udp:[HOST:]PORT, kiss[:[HOST:]PORT] or zmq:ADDRESS.")
    ] = "-",
    radio: RadioOption = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="Recording to read in the place of a radio.", show_default="none")
    ] = None,
    framing: FramingOption = "stream",
    keep_on: Annotated[bool, typer.Option("--keep-on", help="Go on after the end of a stream.")] = False,
    timeout_s: Annotated[float, typer.Option(help="Stop after so many seconds.", min=0.1, max=1e7)] = 1e7,
    waveform: WaveformOption = None,
    sample_rate_hz: RateOption = None,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Receive bytes over a radio, until a stream has ended, the recording is over, the time is, Ctrl-C or SIGTERM.

    Status 3 where nothing arrived, 4 where something is missing.
    """
    with plain_errors():
        from semcom.flowgraphs.requirements import require_gnu_radio

        require_gnu_radio()
        from semcom.apps.modem.airs import AirOptions
        from semcom.apps.modem.one_way import receive_bytes

        rate = "sample_rate_hz" if from_ is None else "recorded_rate_hz"
        changes = given(**{rate: sample_rate_hz}, waveform=waveform, rx_workers=workers)
        air = AirOptions(radio, from_, changes)
        station, status = receive_bytes(sink, air, framing, keep_on, timeout_s, tell)
        say_account([station], as_json)
    if status:
        raise typer.Exit(status)
