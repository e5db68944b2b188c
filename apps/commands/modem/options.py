"""Options that the commands of the modem share."""

from __future__ import annotations

from typing import Annotated, Any

import typer

RadioOption = Annotated[
    str | None, typer.Option(help="Radio: a name from sdr_configs/, a YAML file, or loopback.", show_default="none")
]
RateOption = Annotated[
    float | None, typer.Option(help="Of the radio, in the place of its file's.", show_default="by the radio")
]
WaveformOption = Annotated[
    str | None, typer.Option(help="Name in sdr_configs/waveforms/ or a file.", show_default="by the radio")
]
SourceOption = Annotated[
    int | None, typer.Option(help="Number that our bursts carry.", min=0, max=255, show_default="by chance")
]
ConfirmOption = Annotated[
    bool, typer.Option("--confirm-transmit", help="I may transmit on this frequency with this power.")
]
McsOption = Annotated[str, typer.Option(help="Modulation and code rate, such as bpsk-1/2 or 16qam-3/4.")]
FrameBytesOption = Annotated[
    int | None, typer.Option(help="Longest block; longer packets are split.", show_default="1536, or what fits")
]
FramingOption = Annotated[
    str,
    typer.Option(help="Of files and pipes: stream (bytes), length (packets behind their length, 4 bytes), kiss."),
]
CallsignOption = Annotated[
    str | None, typer.Option(help="Sent every --identify-min minutes and last.", show_default="by the radio")
]
IdentifyOption = Annotated[
    float | None, typer.Option(help="Minutes between two call signs.", show_default="by the radio, 10")
]
SnrOption = Annotated[float | None, typer.Option(help="Of a loopback.", show_default="by the radio")]
CfoOption = Annotated[float | None, typer.Option(help="Of a loopback.", show_default="by the radio")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the account as JSON on the error stream.")]


def given(**options: Any) -> tuple[tuple[str, Any], ...]:
    """Those that are not None."""
    return tuple((key, value) for key, value in options.items() if value is not None)
