"""Pictures on their way: what became of each frame, which go out again, and when a picture is closed.

A frame has been *sent* until the radio tells its outcome, *heard* until the receiving host confirms it, *lost by cause*
until a report asks for it again.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from semcom.apps.delivery.frame_plan import FramePlan
from semcom.apps.services.radio_process.frames_in_flight import FramesInFlight, FrameToSend
from semcom.apps.services.receiver_credit import ReceiverCredit, Reception
from semcom.apps.services.sending.sent_pictures import SentPicture, SentPictures
from semcom.apps.services.sending.tx_settings import TxSettings
from semcom.apps.services.unheard_pictures import UnheardPictures
from semcom.link import Feedback, FrameName, OutgoingFrame, RepeatPolicy
from semcom.link.arq.combining import CombiningProcesses
from semcom.link.messages import Outcome
from semcom.link.transports.client import Client

SETTLING_S = 1.0
"""A picture all of whose frames came or were lost on the air is closed after so long: somebody may ask for them."""

NO_RECEIPT = "receiving host did not confirm"
CAUSES = {
    Outcome.MISSED: "burst not detected",
    Outcome.HEADER: "signal field lost",
    Outcome.CRC: "block CRC failed",
    Outcome.REFUSED: "radio refused the frame",
}
log = logging.getLogger("semcom.tx")


class PicturesInFlight:
    """Open pictures and their frames.

    Parameters
    ----------
    sent_pictures : SentPictures
    plan : FramePlan
    settings : TxSettings
    counts : Counter
        Shared with the service.
    on_closed : callable
        Told of each picture that has been closed, and whether it is kept to go out again.
    """

    def __init__(
        self,
        sent_pictures: SentPictures,
        plan: FramePlan,
        settings: TxSettings,
        counts: Counter[str],
        on_closed: Callable[[SentPicture, bool], None],
    ) -> None:
        self.sent_pictures, self.frames, self.counts = sent_pictures, FramesInFlight(), counts
        self._plan, self._patience_s, self._on_closed = plan, settings.patience_s, on_closed
        self._repeats = RepeatPolicy(settings.max_transmissions)
        self._processes = CombiningProcesses() if settings.combine else None
        self.unheard, self.credit = UnheardPictures(), ReceiverCredit()
        self._not_yet: set[FrameName] = set()  # of pictures opened again: the new account does not know these yet

    def use_plan(self, plan: FramePlan) -> None:
        """What decides on the MCS of each frame from now on."""
        self._plan = plan

    @property
    def may_begin(self) -> bool:
        """Whether the receiving host, as far as it is known, can take one more picture."""
        unanswered = sum(picture.is_unanswered for picture in self.sent_pictures.open.values())
        return self.credit.may_begin(unanswered, self.unheard.is_full)

    def resume(self) -> int:
        """Pictures that were on their way when the host ended go on; how many."""
        for picture in self.sent_pictures.open.values():
            frames = [frame for name, frame in picture.frames.items() if name in picture.missing]
            sent_before = picture.account.history().keys()
            self._not_yet |= {frame.name for frame in frames if frame.name not in sent_before}
            self.put(picture, frames)
            self.counts["pictures_resumed"] += 1
        return len(self.sent_pictures.open)

    def put(self, picture: SentPicture, frames: Sequence[OutgoingFrame]) -> None:
        """Frames of an open picture go out."""
        self.unheard.began(picture)
        picture.unsettled |= {frame.name for frame in frames}
        picture.changed_at_s = time.monotonic()
        self.frames.waiting.extend(map(self._to_send, frames))

    def send(self, client: Client) -> None:
        """Hand waiting frames to the radio; again those that it seems to have forgotten."""
        self.counts["frames"] += self.frames.send(client, self._write_down)
        if self.frames.is_stuck() and client.connected:
            self.send_unconfirmed_again()

    def send_unconfirmed_again(self) -> None:
        """A radio that was started anew, or lost its connection, knows nothing of them; what came twice counts once."""
        unconfirmed = [
            self._to_send(frame)
            for picture in self.sent_pictures.open.values()
            for name, frame in picture.frames.items()
            if name in picture.missing and name not in picture.causes
        ]
        again = self.frames.send_again(unconfirmed)
        for name in again:
            if picture := self._picture_of(name):
                picture.unsettled.add(name)
        self.counts["frames_again"] += len(again)

    def settle(self, outcomes: Sequence[tuple[int, int]]) -> None:
        """What became of frames on the air."""
        self.frames.still_here()
        failed: dict[str, list[FrameName]] = {}
        names = []
        for number, code in outcomes:
            name = self.frames.settle(number)
            if name is None:
                self.counts["unknown_outcomes"] += 1
                continue
            names.append(name)
            self.counts[f"outcome_{Outcome(code).name.lower()}"] += 1
            self._note_outcome(name, code)
            if code in CAUSES:
                failed.setdefault(CAUSES[Outcome(code)], []).append(name)
        for cause, lost in failed.items():
            self.sent_pictures.failed(lost, cause)
            for name in lost:
                if picture := self._picture_of(name):
                    picture.causes[name] = cause
        for name in names:
            if picture := self._picture_of(name):
                picture.unsettled.discard(name)
        self._touch(names)

    def came(self, names: Sequence[FrameName]) -> None:
        """The receiving host has them."""
        self.unheard.heard(names)
        early = self._not_yet.intersection(names)
        self._need_not_go(early)
        strange = self.sent_pictures.came([name for name in names if name not in early])
        if self._processes is not None:
            self._processes.release(names)
        self.counts["late_receipts"] += len(early) + len(strange)
        self._touch(names)

    def dropped(self, names: Sequence[FrameName], cause: str) -> None:
        """The radio's process gave them up."""
        self.sent_pictures.failed(names, cause)
        self._touch(names)

    def take_report(self, report: Feedback) -> None:
        """What the receiving host has of a picture or group: the rest goes out again."""
        self.unheard.heard()
        for picture in self.sent_pictures.open.values():
            settled = (name for name in picture.frames if name not in picture.unsettled)
            if again := self._repeats.frames_again(report, settled):
                self._send_again(picture, again)

    def close_pictures(self) -> None:
        """Pictures of which all came; and those of which no more is to be expected."""
        now = time.monotonic()
        for picture in list(self.sent_pictures.open.values()):
            if self._is_on_hold(picture):
                picture.changed_at_s = now
                continue
            quiet_s = now - picture.changed_at_s
            if picture.missing and (picture.unsettled or quiet_s < min(SETTLING_S, self._patience_s)):
                continue
            heard = picture.missing - picture.causes.keys()  # on the way to the receiving host, as far as is known
            if heard and quiet_s < self._patience_s:
                continue
            if again := self._repeats.allowed(name for name in picture.frames if name in picture.missing):
                self._send_again(picture, again)
                continue
            kept = picture.group == self.sent_pictures.group and self.unheard.closed(picture)
            closed = self.sent_pictures.close_picture(picture, NO_RECEIPT, done=not kept)
            self._repeats.forget(picture.frames)
            if self._processes is not None:
                self._processes.release(picture.frames)
            again = "; it goes out again when the receiving host is heard of" if kept else ""
            log.info("picture %s: %s%s", picture.scope, _in_words(closed), again)
            self._on_closed(picture, kept)
        while self.unheard.given_up:
            lost = self.unheard.given_up.pop()
            self.sent_pictures.skip(lost.mark)
            self._on_closed(lost, False)

    def send_unheard_again(self) -> None:
        """Pictures that went out while nobody was there, now that somebody is: under their own numbers."""
        for lost in self.unheard.take(scope.picture for scope in self.sent_pictures.open):
            if next(iter(lost.frames)).key.group != self.sent_pictures.group:
                continue  # numbers have begun anew since
            frames = [frame for name, frame in lost.frames.items() if name in lost.missing]
            picture = self.sent_pictures.begin(lost.name, lost.mark, frames, lost.number, lost.submission)
            self._not_yet |= picture.frames.keys()
            self.put(picture, frames)
            self.counts["pictures_again"] += 1
            log.info("picture %s goes out again: somebody is there now", picture.scope)

    def _is_on_hold(self, picture: SentPicture) -> bool:
        """Whether the receiving host cannot confirm anything now: nothing follows from its silence."""
        if picture.missing and self.credit.reception is Reception.NOT_HEARD:
            return picture.group != self.sent_pictures.group or self.unheard.is_full
        return bool(picture.missing) and self.credit.on_hold

    def _send_again(self, picture: SentPicture, names: Sequence[FrameName]) -> None:
        for name in names:
            picture.causes.pop(name, None)
        self.put(picture, [picture.frames[name] for name in names])
        self.counts["frames_again"] += len(names)

    def _write_down(self, names: list[FrameName]) -> bool:
        written = self.sent_pictures.sent(names)
        if written:
            self._not_yet.difference_update(names)
        return written

    def _need_not_go(self, names: set[FrameName]) -> None:
        """They came by another way before they were sent once more."""
        if not names:
            return
        self._not_yet -= names
        self.frames.leave_out(names)
        for name in names:
            if picture := self._picture_of(name):
                picture.missing.discard(name)
                picture.unsettled.discard(name)

    def _note_outcome(self, name: FrameName, code: int) -> None:
        """How the receiver can combine the next transmission of it."""
        if self._processes is None:
            return
        if code == Outcome.CRC:
            self._processes.failed(name)
        elif code in CAUSES:
            self._processes.missed(name)
        elif code == Outcome.ON_AIR:
            self._processes.on_air(name)

    def _to_send(self, frame: OutgoingFrame) -> FrameToSend:
        if self._processes is None:
            mcs = self._plan.mcs_of(frame, self._repeats.times_repeated(frame.name))
            return FrameToSend(frame.name, frame.data, mcs)
        repeat, mcs = self._processes.next(frame.name, lambda missed: self._plan.mcs_of(frame, missed))
        return FrameToSend(frame.name, frame.data, mcs, repeat.to_bytes() if repeat else b"")

    def _picture_of(self, name: FrameName) -> SentPicture | None:
        return self.sent_pictures.picture_of(name)

    def _touch(self, names: Sequence[FrameName]) -> None:
        now = time.monotonic()
        for name in names:
            if picture := self._picture_of(name):
                picture.changed_at_s = now


def _in_words(closed: dict[str, Any]) -> str:
    lost = ", ".join(f"{count} {cause}" for cause, count in closed["lost_by_cause"].items())
    came = closed["delivered"] + closed["repaired"]
    return f"{came} of {closed['sent']} frames came" + (f"; lost: {lost}" if lost else "")
