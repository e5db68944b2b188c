"""``semcom host tx``: the sending computer. Pictures from a folder or from requests, frames to the radio.

```
files ─ PictureSource ─ packet ─ FramePlan ─ frames ─ Books (written down) ─ radio
        AnswerDesk ◄── questions ── reports ─► RepeatDesk ┘ ▲ outcomes, receipts, way back
```
"""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from semcom.apps.frame_plan import FramePlan
from semcom.apps.frames_on_way import FramesOnWay, FrameToSend
from semcom.apps.host_answers import AnswerDesk, RecentPicture
from semcom.apps.host_repeat import RepeatDesk
from semcom.apps.output_folder import write_file_whole
from semcom.apps.packet_items import items_of
from semcom.apps.picture_source import Encoded, PictureSource
from semcom.apps.requests import RequestDesk
from semcom.apps.sent_pictures import Books, SentPicture
from semcom.link import Feedback, FrameName, LinkError, OutgoingFrame, Question, Scope, is_question
from semcom.link.messages import Kind, Message, Outcome
from semcom.link.transports.client import Client
from semcom.semantic import Layer

ACCOUNT_FILE = "account.json"
MAX_OPEN_PICTURES = 8
SETTLING_S = 1.0
"""A picture all of whose frames came or were lost on the air is closed after so long: somebody may ask for them."""

NO_RECEIPT = "receiving host did not confirm"
STOPPED = "sender was stopped"
CAUSES = {
    Outcome.MISSED: "burst not detected",
    Outcome.HEADER: "signal field lost",
    Outcome.CRC: "block CRC failed",
    Outcome.REFUSED: "radio refused the frame",
}
log = logging.getLogger("semcom.tx")


@dataclass(frozen=True)
class TxSettings:
    """How pictures are sent.

    Attributes
    ----------
    patience_s : float
        How long a receipt is waited for after a frame has been heard.
    max_transmissions : int
        Of a frame that the receiving host reports as missing.
    until_done : bool
        End when all pictures have been sent.
    """

    patience_s: float = 10.0
    max_transmissions: int = 4
    until_done: bool = False


class HostTx:
    """Sends what the source gives.

    Parameters
    ----------
    client : Client
        To the radio.
    source : PictureSource
    books : Books
    settings : TxSettings
    folder : Path
        For ``account.json``.
    plan : FramePlan
        From layers to frames.
    desk : RequestDesk, optional
        Takes requests.
    """

    def __init__(
        self,
        client: Client,
        source: PictureSource,
        books: Books,
        settings: TxSettings,
        folder: Path,
        plan: FramePlan,
        desk: RequestDesk | None = None,
    ) -> None:
        self.client, self.source, self.books, self.settings, self.desk = client, source, books, settings, desk
        self.counts: Counter[str] = Counter()
        self._folder, self._plan = folder, plan
        self._repeats, self.answers = RepeatDesk(settings.max_transmissions), AnswerDesk()
        self._frames = FramesOnWay()
        self._request_files: dict[str, Path] = {}
        self._times_s: dict[str, float] = {}

    def waits_on(self) -> Sequence[Any]:
        desk = self.desk.waits_on() if self.desk else ()
        return [self.client.socket, self.source.encoded.fileno(), self.answers.done.fileno(), *desk]

    def step(self) -> None:
        for message in self.client.receive():
            self._hear(message)
        if self.desk is not None:
            self.desk.step()
        if len(self.books.open) < MAX_OPEN_PICTURES:
            self.source.look()
        for encoded in self.source.take():
            self._begin(encoded)
        for scope, picture, layers in self.answers.take():
            self._send_answer(scope, picture, layers)
        self.counts["frames"] += self._frames.send(self.client, self.books.sent)
        if self._frames.is_stuck() and self.client.connected:
            self._send_unconfirmed_again()
        self._close_pictures()

    def finished(self) -> bool:
        return self.settings.until_done and not self.books.open and self.source.is_empty()

    def status(self) -> dict[str, Any]:
        account = self.books.as_dict()
        return {
            "account": account["totals"],
            "lost_by_cause": account["lost_by_cause"],
            "group": self.books.group,
            "queues": {
                "open_pictures": len(self.books.open),
                "unsent_frames": len(self._frames.waiting),
                "frames_on_way": len(self._frames),
                "encoding": self.source.waiting,
            },
            "stage_s": self._times_s,
            "radio": {**self.client.statistics(), "address": self.client.address, "refused_by": self.client.refused},
            "questions": dict(self.answers.counts),
            "requests": self.desk.statistics() if self.desk else {},
            "counts": {**self.counts, "disk_errors": self.counts["disk_errors"] + self.books.disk_errors},
            "recent": account["recent"],
        }

    def close(self) -> None:
        """Closes the account, checks and exports it."""
        for picture in list(self.books.open.values()):
            self.books.close_picture(picture, STOPPED, done=False)
        self._export()
        self.books.check()
        self.books.close()
        self.client.close()
        if self.desk is not None:
            self.desk.close()

    def _begin(self, encoded: Encoded) -> None:
        file = encoded.file
        self._times_s["encode"] = encoded.seconds
        if encoded.packet is None:
            self._refuse(file, encoded.reason)
            return
        group, number = self.books.next_number()
        try:
            items = items_of(encoded.packet, group, number)
            frames = self._plan.frames(items)
        except LinkError as error:
            self._refuse(file, str(error))
            return
        picture = self.books.begin(file.path.name, file.mark, frames)
        self.answers.recent.keep(items[0].key.scope, RecentPicture(file.path.name, encoded.content, encoded.packet))
        self.counts["pictures"] += 1
        if file.temporary:
            self._request_files[file.mark] = file.path
        self._put_on_way(picture, frames)
        log.info("%s is picture %s/%s: %d frames", file.path.name, group, number, len(frames))

    def _put_on_way(self, picture: SentPicture, frames: Sequence[OutgoingFrame]) -> None:
        picture.unsettled |= {frame.name for frame in frames}
        picture.changed_at_s = time.monotonic()
        self._frames.waiting.extend(FrameToSend(frame.name, frame.data, self._plan.mcs_of(frame)) for frame in frames)

    def _send_answer(self, scope: Scope, recent: RecentPicture, layers: Sequence[Layer]) -> None:
        """More of a picture that was asked for, under the picture's own number."""
        if not layers or scope.group != self.books.group or scope.picture in self.books.open:
            return  # nothing more to say; or that picture is still on its way: the question may be put again
        more = replace(recent.packet, layers=tuple(layers))
        frames = self._plan.frames_of_more(items_of(more, scope.group, scope.picture))
        picture = self.books.begin(f"more of {recent.name}", "", frames, scope.picture)
        self.counts["answers"] += 1
        self._put_on_way(picture, frames)
        log.info("more of picture %s: %d layers, %d frames", scope, len(layers), len(frames))

    def _refuse(self, file: Any, reason: str) -> None:
        self.counts["refused_pictures"] += 1
        log.warning("%s refused: %s", file.path.name, reason)
        self.books.skip(file.mark)
        if file.temporary:
            file.path.unlink(missing_ok=True)

    def _hear(self, message: Message) -> None:
        body = message.body
        match message.kind:
            case Kind.WELCOME:
                log.info("radio %s: %s", self.client.address, body["about"])
                self._send_unconfirmed_again()
            case Kind.OUTCOMES:
                self._frames.still_here()
                self._settle(body["outcomes"])
            case Kind.RECEIPT:
                self.counts["late_receipts"] += len(self.books.came(body["names"]))
                self._touch(body["names"])
            case Kind.DROPPED:
                self.books.failed(body["names"], body["cause"])
                self._touch(body["names"])
            case Kind.FEEDBACK:
                self._take_feedback(body["feedback"])
            case Kind.REFUSED:
                log.warning("radio refuses: %s", body["reason"])

    def _send_unconfirmed_again(self) -> None:
        """A radio that was started anew, or lost its connection, knows nothing of them; what came twice counts once."""
        unconfirmed = [
            FrameToSend(name, frame.data, self._plan.mcs_of(frame))
            for picture in self.books.open.values()
            for name, frame in picture.frames.items()
            if name in picture.missing and name not in picture.causes
        ]
        again = self._frames.send_again(unconfirmed)
        for name in again:
            if picture := self._picture_of(name):
                picture.unsettled.add(name)
        self.counts["frames_again"] += len(again)

    def _settle(self, outcomes: Sequence[tuple[int, int]]) -> None:
        failed: dict[str, list[FrameName]] = {}
        names = []
        for number, code in outcomes:
            name = self._frames.settle(number)
            if name is None:
                self.counts["unknown_outcomes"] += 1
                continue
            names.append(name)
            self.counts[f"outcome_{Outcome(code).name.lower()}"] += 1
            if code in CAUSES:
                failed.setdefault(CAUSES[Outcome(code)], []).append(name)
        for cause, lost in failed.items():
            self.books.failed(lost, cause)
            for name in lost:
                if picture := self._picture_of(name):
                    picture.causes[name] = cause
        for name in names:
            if picture := self._picture_of(name):
                picture.unsettled.discard(name)
        self._touch(names)

    def _take_feedback(self, feedback: bytes) -> None:
        """A report of what has come, or a question: all that reaches us on the way back."""
        self.counts["feedback"] += 1
        try:
            if is_question(feedback):
                self.answers.ask(Question.from_bytes(feedback))
                return
            report = Feedback.from_bytes(feedback)
        except LinkError as error:
            self.counts["refused_feedback"] += 1
            log.warning("feedback refused: %s", error)
            return
        picture = self.books.open.get(report.scope.picture) if report.scope.group == self.books.group else None
        if picture is None:
            return
        self._send_again(picture, self._repeats.frames_again(report, picture))

    def _send_again(self, picture: SentPicture, names: Sequence[FrameName]) -> None:
        for name in names:
            picture.causes.pop(name, None)
        self._put_on_way(picture, [picture.frames[name] for name in names])
        self.counts["frames_again"] += len(names)

    def _picture_of(self, name: FrameName) -> SentPicture | None:
        return self.books.open.get(name.key.picture) if name.key.group == self.books.group else None

    def _touch(self, names: Sequence[FrameName]) -> None:
        now = time.monotonic()
        for name in names:
            if picture := self._picture_of(name):
                picture.changed_at_s = now

    def _close_pictures(self) -> None:
        """Pictures of which all came; and those of which no more is to be expected."""
        now = time.monotonic()
        for picture in list(self.books.open.values()):
            quiet_s = now - picture.changed_at_s
            if picture.missing and (picture.unsettled or quiet_s < min(SETTLING_S, self.settings.patience_s)):
                continue
            heard = picture.missing - picture.causes.keys()  # on the way to the receiving host, as far as is known
            if heard and quiet_s < self.settings.patience_s:
                continue
            if again := self._repeats.unconfirmed(picture):
                self._send_again(picture, again)
                continue
            closed = self.books.close_picture(picture, NO_RECEIPT)
            self._repeats.forget(picture)
            log.info("picture %s/%d: %s", self.books.group, picture.number, _in_words(closed))
            self._export()
            if request := self._request_files.pop(picture.mark, None):
                request.unlink(missing_ok=True)

    def _export(self) -> None:
        text = json.dumps(self.books.as_dict(), indent=2) + "\n"
        try:
            write_file_whole(self._folder / ACCOUNT_FILE, text.encode())
        except OSError as error:
            self.counts["disk_errors"] += 1
            log.error("%s cannot be written: %s", ACCOUNT_FILE, error.strerror)


def _in_words(closed: dict[str, Any]) -> str:
    lost = ", ".join(f"{count} {cause}" for cause, count in closed["lost_by_cause"].items())
    came = closed["delivered"] + closed["repaired"]
    return f"{came} of {closed['sent']} frames came" + (f"; lost: {lost}" if lost else "")
