"""Pictures from a radio or a recording into a folder of results, for a while.

```
radio ─ frames ─► Inbox ─ pictures ─► thread: rebuild, write the folder, report.json and index.html
```
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semcom.apps.delivery.heard_result import write_picture
from semcom.apps.delivery.inbox import HeardPicture, Inbox
from semcom.apps.delivery.radio_facts import reported
from semcom.apps.delivery.said_once import SaidOnce
from semcom.apps.report.model import PictureResult
from semcom.apps.report.results import Results
from semcom.flowgraphs.live.receive import Listener, run_receive
from semcom.flowgraphs.radios.sigmf_files import SigmfRecorder
from semcom.flowgraphs.radios.stream_events import advice_on
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.real_radio import RealRadio


@dataclass(frozen=True)
class Reception:
    """What came: the entries of ``report.json``, and the counts of `Inbox`."""

    entries: list[dict[str, Any]]
    counts: Counter[str]


def receive_pictures(
    command: str,
    name: str,
    settings: RealRadio,
    out_dir: Path,
    pictures: int,
    timeout_s: float,
    recorder: SigmfRecorder | None = None,
    written: Callable[[PictureResult], None] = lambda result: None,
    warn: Callable[[str], None] = lambda words: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Reception:
    """Receive; write each picture as it is complete, and the incomplete ones in the end.

    ``report.json`` and ``index.html`` are up to date after each picture. What stops the reception does not stop the
    writing.

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
    recorder : SigmfRecorder, optional
        Keeps what is received.
    written : callable
        Given each result, in a thread of its own.
    warn : callable
        Given what a person should read: settings the radio changed, samples it lost, why bursts cannot be read.
    stopped : callable
        Whether somebody wants it to end.

    Raises
    ------
    OSError
        Results cannot be written.
    """
    inbox = Inbox()
    results = Results(out_dir, f"Pictures of semcom {command}")
    jobs: list[Future[None]] = []
    say_once = SaidOnce(warn)
    nominal_rate_hz = Waveform.load(settings.waveform).nominal_rate_hz

    def write(picture: HeardPicture) -> None:
        result = write_picture(out_dir, picture, command, reported(name, settings), nominal_rate_hz)
        results.add(result)
        written(result)

    # Rebuilding takes a second: the radio's samples do not wait for it.
    with ThreadPoolExecutor(1, "rebuilding") as pool:

        def on_frame(frame) -> None:
            jobs.extend(pool.submit(write, picture) for picture in inbox.take_frame(frame))
            if inbox.counts["packets"]:
                say_once("packets are on the air: `semcom modem rx` receives them")

        def on_burst(burst) -> None:
            inbox.take_burst(burst)
            say_once(burst.note)
            if recorder is not None:
                recorder.take_burst(burst)

        listener = Listener(on_frame, on_burst, warn, lambda: stopped() or 0 < pictures <= inbox.counts["complete"])
        try:
            summary = run_receive(settings, listener, timeout_s=timeout_s, recorder=recorder)
        except KeyboardInterrupt:
            summary = None
        jobs += [pool.submit(write, picture) for picture in inbox.rest()]
    for job in jobs:
        job.result()  # raises what went wrong there
    results.write()
    if summary is not None:
        for words in (*summary.differences, *advice_on(summary.events)):
            warn(words)
    return Reception(results.entries, inbox.counts)
