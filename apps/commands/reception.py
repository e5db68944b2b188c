"""What `semcom receive` and `semcom replay` say while pictures come, and the status they end with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semcom.apps.commands.console import OUTCOME_COLOURS, err, out, shown
from semcom.apps.delivery.stopping import Stopping

if TYPE_CHECKING:
    from semcom.apps.report.model import PictureResult

NOTHING_ARRIVED = 3

WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers", help="Processes that decode bursts, on other cores.", min=0, max=64, show_default="by the radio, 0"
    ),
]


def receive_and_say(command: str, name: str, settings: Any, out_dir: Path, as_json: bool, **options: Any) -> None:
    """Receive pictures, in words or as JSON; the parameters are those of `receive_session.receive_pictures`.

    Raises
    ------
    typer.Exit
        Status 3 where nothing usable arrived.
    """
    from semcom.apps.delivery.receive_session import receive_pictures

    with Stopping() as stopping:
        came = receive_pictures(
            command,
            name,
            settings,
            out_dir,
            written=lambda result: None if as_json else _say(result, out_dir),
            warn=lambda words: err.print(f"[yellow]{shown(words)}[/yellow]"),
            stopped=lambda: bool(stopping),
            **options,
        )
    if as_json:
        print(json.dumps(came.entries, indent=2))
    else:
        counts = came.counts
        if stopping:
            out.print(f"Ended by {stopping.by}.")
        out.print(
            f"{counts['bursts']} bursts, {counts['frames']} frames ({counts['failed']} failed their CRC), "
            f"{counts['complete']} complete pictures in {shown(out_dir)}"
        )
    if all(entry["outcome"] == "lost" for entry in came.entries):
        raise typer.Exit(NOTHING_ARRIVED)


def _say(result: PictureResult, out_dir: Path) -> None:
    colour, snr_db = OUTCOME_COLOURS[result.outcome], result.snr_db_estimated
    heard = "" if snr_db is None else f", SNR {snr_db:.1f} dB, carrier offset {result.cfo_hz_estimated:.0f} Hz"
    out.print(
        f"[bold]{shown(result.image)}[/bold] [{colour}]{result.outcome}[/{colour}]: "
        f"{result.bytes_packet or 0} bytes in {result.frames.received} frames{heard}"
    )
    if result.caption:
        out.print(f"  “{shown(result.caption)}”")
    out.print(f"  {shown(out_dir / result.image / 'report.html')}")
