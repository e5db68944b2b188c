"""``semcom host rx``: the receiving computer. Frames from the radio, pictures into a folder.

```
radio ─ frames ─ ReceivedPictures (on the disk) ─ receipts, credit ─► radio
                     └ layers ─ ResultFolders (thread): rebuild, write whole
```

A frame is confirmed when it is on the disk. One for which there is no room is not taken: it stays unconfirmed at the
radio, and the credit that is told says so.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from semcom.apps.services.receiver_credit import CreditTeller
from semcom.apps.services.receiving.received_pictures import ReceivedPicture, ReceivedPictures
from semcom.apps.services.receiving.result_folders import ResultFolders
from semcom.apps.services.refinement_answers import take_requests
from semcom.apps.services.start import WaitingWords
from semcom.apps.services.unheard_pictures import here_i_am
from semcom.link import Feedback, FrameName, ReportTiming
from semcom.link.messages import MAX_ENTRIES, Kind, Message
from semcom.link.transports.client import Client
from semcom.link.transports.mailbox import Mailbox

WINDOW = 512
QUIET_S = 1.5
"""A picture of which nothing has come for so long is shown as it is."""

SAY_SNR_EVERY_S = 1.0
"""The SNR is reported so often while bursts come, whether anything of them is missing or not."""
TRY_AGAIN_S = 0.5
TIDY_EVERY_S = 60.0
CLOSE_S = 5.0
LOOK_FOR_REQUESTS_S = 0.2
_SMOOTHING = 0.05
log = logging.getLogger("semcom.rx")


class HostRx:
    """Takes what the radio gives.

    Parameters
    ----------
    client : Client
        To the radio; its window is `WINDOW`.
    pictures : ReceivedPictures
    results : ResultFolders
    state : Path
        Refinement requests are left in a folder of it.

    Attributes
    ----------
    on_frame, on_burst, on_spectrum : callable
        Given the body of each RECEIVED message whose frame is on the disk, of each BURST, and of each SPECTRUM.
    """

    def __init__(
        self,
        client: Client,
        pictures: ReceivedPictures,
        results: ResultFolders,
        state: Path,
    ) -> None:
        self.client, self.pictures, self.results, self._state = client, pictures, results, state
        self.on_frame: Callable[[dict[str, Any]], None] = lambda body: None
        self.on_burst: Callable[[dict[str, Any]], None] = lambda body: None
        self.on_spectrum: Callable[[dict[str, Any]], None] = lambda body: None
        self._waiting = WaitingWords(client, log)
        self._timing, self._credit = ReportTiming(), CreditTeller()
        self._look_for_requests_at_s = 0.0
        self.counts: Counter[str] = Counter()
        self._pending: list[Message] = []
        self._unreported: list[FrameName] = []
        self._confirmed = self._reported = 0
        self._trouble = self._trouble_with = ""
        self._said_here, self._unsaid_bursts, self._say_snr_at_s = True, False, 0.0
        self._try_again_at_s = 0.0
        self._quality: dict[str, float] = {}
        self._times_s: dict[str, float] = {}
        self._busy: ReceivedPicture | None = None
        self._jobs: queue.Queue[ReceivedPicture | None] = queue.Queue()
        self._done = Mailbox()
        self._worker = threading.Thread(target=self._write_results, name="semcom results", daemon=True)
        self._worker.start()

    def waits_on(self) -> Sequence[Any]:
        return self.client.socket, self._done.fileno()

    def finished(self) -> bool:
        return False

    def step(self) -> None:
        for message in self.client.receive():
            self._hear(message)
        self._waiting.look()
        self._keep()
        self._confirm()
        self._speak_back()
        self._look_after_results()

    def status(self) -> dict[str, Any]:
        return {
            "frames": {**self.pictures.receiver.counts, "replayed": self.pictures.replayed},
            "lost_by_cause": {name: self.counts[name] for name in ("signal field lost", "block CRC failed")},
            "bursts": self.counts["bursts"],
            "results": self.results.counts(),
            "queues": {
                "unwritten_frames": len(self._pending),
                "open_pictures": len(self.pictures.pictures),
                "spilled_pictures": len(self.pictures.spilled),
            },
            "quality": dict(self._quality),
            "stage_s": dict(self._times_s),
            "trouble": self._trouble,
            "radio": {
                **self.client.statistics(),
                "address": self.client.address,
                "refused_by": self.client.refused,
            },
            "counts": {**(self.counts + self.pictures.counts), **self.pictures.assembler.pictures.counts},
        }

    def close(self) -> None:
        """Writes what has come, so far as it can be written within `CLOSE_S`; the rest is on the disk, for the next."""
        self._jobs.put(None)
        self._worker.join()
        until_s = time.monotonic() + CLOSE_S
        for picture in self.pictures.to_write(quiet_s=-1.0):
            if time.monotonic() > until_s:
                break
            try:
                self.results.write(picture)
            except OSError as error:
                log.error("%s cannot be written: %s", picture.scope, error.strerror)
        self.results.close()
        self.pictures.close()
        self.client.close()
        self._done.close()

    def _hear(self, message: Message) -> None:
        body = message.body
        match message.kind:
            case Kind.WELCOME:
                log.info("radio %s: %s", self.client.address, body["about"])
                self._pending.clear()  # a radio that is new, or new to us, gives them again
                self._confirmed = self._reported = 0
                self._said_here = False
            case Kind.RECEIVED:
                if len(self._pending) < 2 * WINDOW:
                    self._pending.append(message)
                else:
                    self.counts["beyond_window"] += 1
            case Kind.BURST:
                self.counts["bursts"] += 1
                self._unsaid_bursts = True
                self.counts["signal field lost"] += not body["header_ok"]
                self.counts["block CRC failed"] += body["num_blocks"] - body["num_blocks_ok"]
                for name in ("snr_db", "cfo_hz", "evm_db"):
                    if math.isfinite(body[name]):
                        before = self._quality.get(name, body[name])
                        self._quality[name] = before + _SMOOTHING * (body[name] - before)
                self.on_burst(body)
            case Kind.SPECTRUM:
                self.on_spectrum(body)
            case Kind.REFUSED:
                self._waiting.refused(body["reason"])

    def _keep(self) -> None:
        """Write the frames that came; only then are they confirmed."""
        if time.monotonic() < self._try_again_at_s:
            return
        self.pictures.show_spilled()
        if not self._pending:
            return
        fitting = self._pending[: self.pictures.room_for([message.body["frame"] for message in self._pending])]
        if not fitting:
            self.counts["no_room"] += 1
            return
        good = [message.body for message in fitting if message.body["frame"]]  # one without a good seal is empty
        frames = [(body["frame"], {name: body[name] for name in ("snr_db", "cfo_hz", "evm_db")}) for body in good]
        try:
            self._unreported += self.pictures.take(frames)
        except OSError as error:
            self._in_trouble("frames", error)
            return
        for body in good:
            self.on_frame(body)
        self._confirmed = fitting[-1].body["number"]
        del self._pending[: len(fitting)]
        if self._trouble_with == "frames":
            self._trouble = ""

    def _speak_back(self) -> None:
        """That we are there, our credit, reports of what is missing, and refinement requests that were left for us."""
        pictures, num_bytes = (0, 0) if self._trouble else self.pictures.room
        reason = self._trouble or ("" if pictures and num_bytes else "results take longer to be written than to come")
        if self._credit.is_due(pictures, reason):
            told = {"heard": True, "pictures": pictures, "frame_bytes": num_bytes, "reason": reason}
            if self.client.send(Kind.CREDIT, **told):
                self._credit.told(pictures, reason)
        if not self._said_here or (self._unsaid_bursts and time.monotonic() >= self._say_snr_at_s):
            self._said_here = self.client.send(Kind.FEEDBACK, feedback=here_i_am(self._quality.get("snr_db")))
            self._unsaid_bursts, self._say_snr_at_s = False, time.monotonic() + SAY_SNR_EVERY_S
        for report in self._reports_due():
            self.counts["reports"] += self.client.send(Kind.FEEDBACK, feedback=report.to_bytes())
        if time.monotonic() >= self._look_for_requests_at_s:
            self._look_for_requests_at_s = time.monotonic() + LOOK_FOR_REQUESTS_S
            for request in take_requests(self._state):
                self.counts["refinement_requests"] += self.client.send(Kind.FEEDBACK, feedback=request.to_bytes())

    def _reports_due(self) -> list[Feedback]:
        now_s = time.monotonic()
        due = [
            picture
            for picture in self.pictures.pictures.values()
            if not picture.complete and self._timing.is_due(picture.scope, picture.changed_at_s, now_s)
        ]
        return [report for picture in due for report in self.pictures.reports(picture)]

    def _confirm(self) -> None:
        while self._unreported or self._confirmed > self._reported:
            names = tuple(self._unreported[:MAX_ENTRIES])
            if not self.client.send(Kind.RECEIPT, up_to=self._confirmed, names=names):
                return
            del self._unreported[:MAX_ENTRIES]
            self._reported = self._confirmed

    def _look_after_results(self) -> None:
        for num_layers, outcome, seconds in self._done.take_all():
            picture, self._busy = self._busy, None
            if isinstance(outcome, OSError):
                self._in_trouble("results", outcome)
            elif isinstance(outcome, Exception):
                self.counts["failed_results"] += 1
                picture.written = num_layers
                log.error("%s cannot be rebuilt: %s: %s", picture.scope, type(outcome).__name__, outcome)
            else:
                self._trouble = ""
                picture.written = num_layers
                self.counts["results"] += 1
                self._times_s["rebuild_and_write"] = seconds
                log.info("%s: %s", outcome.image, outcome.caption or "no caption")
                if self.results.is_finished(picture.scope):
                    self.pictures.forget(picture)
        self.pictures.results_removed(self.results.take_removed())
        if self._busy is None and time.monotonic() >= self._try_again_at_s:
            for picture in self.pictures.to_write(QUIET_S)[:1]:
                self._busy = picture
                # As it is now: what comes while it is rebuilt is not in its result.
                self._jobs.put(replace(picture, frames=list(picture.frames)))

    def _in_trouble(self, what: str, error: OSError) -> None:
        self.counts["disk_errors"] += 1
        reason, self._trouble_with = f"{what} cannot be written: {error.strerror}", what
        if reason != self._trouble:
            log.error("%s; trying again", reason)
        self._trouble = reason
        self._try_again_at_s = time.monotonic() + TRY_AGAIN_S

    def _next_job(self) -> ReceivedPicture | None:
        """The next picture to write, None at the end; while there is none, old results are looked after."""
        while True:
            try:
                return self._jobs.get(timeout=TIDY_EVERY_S)
            except queue.Empty:
                self.results.tidy()

    def _write_results(self) -> None:
        """The thread: rebuilding takes longer than the radio should wait."""
        while (picture := self._next_job()) is not None:
            num_layers, since = picture.version, time.perf_counter()
            try:
                outcome: Any = self.results.write(picture)
            except Exception as error:
                outcome = error
            self._done.put((num_layers, outcome, time.perf_counter() - since))
