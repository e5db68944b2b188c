"""Receiving pictures for a while: what `semcom receive` and `semcom replay` share."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from semcom.apps.commands.console import OUTCOME_COLOURS, err, out, shown

if TYPE_CHECKING:
    from semcom.apps.report.model import PictureResult

NOTHING_ARRIVED = 3


def receive_pictures(
    command: str,
    name: str,
    settings,
    out_dir: Path,
    pictures: int,
    timeout_s: float,
    as_json: bool = False,
    recorder=None,
) -> None:
    """Receive, write each picture as it is complete and the incomplete ones in the end, and say what came.

    ``report.json`` and ``index.html`` are up to date after each picture; Ctrl-C ends the reception, not the writing.

    Parameters
    ----------
    command : str
        For reports: receive or replay.
    name : str
        Of the radio, for reports.
    settings : RealRadio
    out_dir : Path
    pictures : int
        Stop after so many complete ones; 0: never.
    timeout_s : float
    as_json : bool
    recorder : SigmfRecorder, optional
        Keeps what is received.

    Raises
    ------
    typer.Exit
        Status 3 where nothing usable arrived.
    """
    from semcom.apps.commands.radio_facts import reported
    from semcom.apps.delivery.heard_result import write_picture
    from semcom.apps.delivery.inbox import HeardPicture, Inbox
    from semcom.apps.report.results import Results
    from semcom.flowgraphs.live.receive import Listener, run_receive
    from semcom.flowgraphs.radios.stream_events import advice_on
    from semcom.phy.waveform import Waveform

    inbox = Inbox()
    results = Results(out_dir, f"Pictures of semcom {command}")
    written: list[Future[None]] = []
    nominal_rate_hz = Waveform.load(settings.waveform).nominal_rate_hz

    def write(picture: HeardPicture) -> None:
        result = write_picture(out_dir, picture, command, reported(name, settings), nominal_rate_hz)
        results.add(result)
        if not as_json:
            _say(result, out_dir)

    # Rebuilding takes a second: the radio's samples do not wait for it.
    with ThreadPoolExecutor(1, "rebuilding") as pool:

        def on_frame(frame) -> None:
            for picture in inbox.take_frame(frame):
                written.append(pool.submit(write, picture))

        def on_burst(burst) -> None:
            inbox.take_burst(burst)
            if recorder is not None:
                recorder.take_burst(burst)

        listener = Listener(
            on_frame,
            on_burst,
            lambda words: err.print(f"[yellow]{shown(words)}[/yellow]"),
            lambda: 0 < pictures <= inbox.counts["complete"],
        )
        try:
            summary = run_receive(
                settings, listener, timeout_s=timeout_s, record_to=recorder.data_path if recorder else None
            )
        except KeyboardInterrupt:
            summary = None
        written += [pool.submit(write, picture) for picture in inbox.rest()]
    for done in written:
        done.result()  # raises what went wrong there
    results.write()
    if recorder is not None:
        recorder.finish()
    if summary is not None:
        for words in (*summary.differences, *advice_on(summary.events)):
            err.print(f"[yellow]{shown(words)}[/yellow]")
    if as_json:
        print(json.dumps(results.entries, indent=2))
    else:
        counts = inbox.counts
        out.print(
            f"{counts['bursts']} bursts, {counts['frames']} frames ({counts['failed']} failed their CRC), "
            f"{counts['complete']} complete pictures in {shown(out_dir)}"
        )
    if all(entry["outcome"] == "lost" for entry in results.entries):
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
