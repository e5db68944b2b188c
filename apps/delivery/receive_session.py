"""Receiving pictures for a while: what `semcom receive` and `semcom replay` share."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import typer
from rich.markup import escape

from semcom.apps.commands.console import err, out

NOTHING_ARRIVED = 3


def receive_pictures(
    name: str,
    settings,
    out_dir: Path,
    pictures: int,
    timeout_s: float,
    as_json: bool = False,
    recorder=None,
) -> None:
    """Receive, write each picture as it is complete and the incomplete ones in the end, and say what came.

    Parameters
    ----------
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
    from semcom.apps.delivery.inbox import HeardPicture, Inbox
    from semcom.apps.report.received_report import write_picture
    from semcom.apps.report.results import write_report_json
    from semcom.flowgraphs.live.receive import Listener, run_receive
    from semcom.flowgraphs.radios.stream_events import advice_on
    from semcom.phy.waveform import Waveform

    inbox = Inbox()
    entries: list[Future[dict]] = []
    nominal_rate_hz = Waveform.load(settings.waveform).nominal_rate_hz

    # Rebuilding takes a second: the radio's samples do not wait for it.
    with ThreadPoolExecutor(1, "rebuilding") as pool:

        def write(picture: HeardPicture) -> None:
            future = pool.submit(write_picture, out_dir, picture, reported(name, settings), nominal_rate_hz)
            if not as_json:
                future.add_done_callback(lambda done: _say(done, out_dir))
            entries.append(future)

        def on_frame(frame) -> None:
            for picture in inbox.take_frame(frame):
                write(picture)

        def on_burst(burst) -> None:
            inbox.take_burst(burst)
            if recorder is not None:
                recorder.take_burst(burst)

        listener = Listener(
            on_frame,
            on_burst,
            lambda words: err.print(f"[yellow]{escape(words)}[/yellow]"),
            lambda: 0 < pictures <= inbox.counts["complete"],
        )
        try:
            summary = run_receive(
                settings, listener, timeout_s=timeout_s, record_to=recorder.data_path if recorder else None
            )
        except KeyboardInterrupt:
            summary = None
        for picture in inbox.rest():
            write(picture)
    reports = [entry.result() for entry in entries]
    write_report_json(out_dir, reports)
    if recorder is not None:
        recorder.finish()
    if summary is not None:
        for words in (*summary.differences, *advice_on(summary.events)):
            err.print(f"[yellow]{escape(words)}[/yellow]")
    if as_json:
        print(json.dumps(reports, indent=2))
    else:
        counts = inbox.counts
        out.print(
            f"{counts['bursts']} bursts, {counts['frames']} frames ({counts['failed']} failed their CRC), "
            f"{counts['complete']} complete pictures in {escape(str(out_dir))}"
        )
    if all(report["outcome"] == "lost" for report in reports):
        raise typer.Exit(NOTHING_ARRIVED)


def _say(done: Future[dict], out_dir: Path) -> None:
    if done.exception() is not None:
        return  # the main thread raises it
    entry = done.result()
    colour = {"complete": "green", "partial": "yellow", "lost": "red"}[entry["outcome"]]
    snr_db = entry["snr_db_estimated"]
    heard = "" if snr_db is None else f", SNR {snr_db:.1f} dB, carrier offset {entry['cfo_hz_estimated']:.0f} Hz"
    out.print(
        f"[bold]{entry['image']}[/bold] [{colour}]{entry['outcome']}[/{colour}]: "
        f"{entry['bytes_packet'] or 0} bytes in {entry['frames']['received']} frames{heard}"
    )
    if entry["caption"]:
        out.print(f"  “{escape(entry['caption'])}”")
    out.print(f"  {escape(str(out_dir / entry['image'] / 'report.html'))}")
