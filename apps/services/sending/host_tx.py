"""``semcom host tx``: the sending computer. Pictures from a folder or from requests, frames to the radio.

```
files ─ PictureSource ─ packet ─ FramePlan ─ frames ─ SentPictures (written down) ─ radio
    RefinementHandler ◄── requests ── reports ─► RepeatDesk ┘ ▲ outcomes, receipts, feedback channel
```
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from semcom.apps.delivery.frame_plan import FramePlan
from semcom.apps.delivery.packet_items import items_of
from semcom.apps.delivery.submissions import submission_bytes
from semcom.apps.report.result_folder import write_file_whole
from semcom.apps.services.refinement_answers import RefinementHandler
from semcom.apps.services.sending.automatic_mcs import AutomaticMcs
from semcom.apps.services.sending.picture_source import Encoded, PictureSource, remove
from semcom.apps.services.sending.pictures_in_flight import PicturesInFlight
from semcom.apps.services.sending.recent_pictures import RecentPicture
from semcom.apps.services.sending.requests import PushHandler
from semcom.apps.services.sending.sent_pictures import SentPicture, SentPictures
from semcom.apps.services.sending.tx_settings import TxSettings as TxSettings
from semcom.apps.services.start import WaitingWords
from semcom.link import Feedback, LinkError, RefinementFrame, Scope, is_refinement_frame
from semcom.link.messages import Kind, Message
from semcom.link.transports.client import Client
from semcom.semantic import EncodeRequest, Layer

ACCOUNT_FILE = "account.json"
MAX_OPEN_PICTURES = 8
STOPPED = "sender was stopped"
log = logging.getLogger("semcom.tx")


class HostTx:
    """Sends what the source gives.

    Parameters
    ----------
    client : Client
        To the radio.
    source : PictureSource
    sent_pictures : SentPictures
    settings : TxSettings
    folder : Path
        For ``account.json``.
    plan : FramePlan
        From layers to frames.
    desk : PushHandler, optional
        Takes requests.
    automatic : AutomaticMcs, optional
        Chooses the MCS of each picture; without it, that of the plan.

    Attributes
    ----------
    on_encoded : callable
        Given what became of each file, and the picture that is sent, or None and why there is none.
    """

    def __init__(
        self,
        client: Client,
        source: PictureSource,
        sent_pictures: SentPictures,
        settings: TxSettings,
        folder: Path,
        plan: FramePlan,
        desk: PushHandler | None = None,
        automatic: AutomaticMcs | None = None,
    ) -> None:
        self.client, self.source, self.sent_pictures, self.settings, self.desk = (
            client,
            source,
            sent_pictures,
            settings,
            desk,
        )
        self.counts: Counter[str] = Counter()
        self._folder, self._plan, self._automatic = folder, plan, automatic
        self.on_encoded: Callable[[Encoded, SentPicture | None, str], None] = lambda encoded, picture, reason: None
        self._waiting = WaitingWords(client, log)
        self.answers = RefinementHandler()
        self._in_flight = PicturesInFlight(sent_pictures, plan, settings, self.counts, self._picture_closed)
        self._request_files: dict[str, Path] = {}
        self._said = ""
        source.taken_before(picture.mark for picture in sent_pictures.open.values())
        if resumed := self._in_flight.resume():
            log.info("%d pictures go on that were on their way when host tx ended", resumed)
        self._times_s: dict[str, float] = {}

    def waits_on(self) -> Sequence[Any]:
        desk = self.desk.waits_on() if self.desk else ()
        return [self.client.socket, self.source.encoded.fileno(), self.answers.done.fileno(), *desk]

    def step(self) -> None:
        for message in self.client.receive():
            self._hear(message)
        self._waiting.look()
        if self.desk is not None:
            self.desk.step()
        if len(self.sent_pictures.open) < MAX_OPEN_PICTURES and self._in_flight.may_begin:
            self.source.look()
            if self.source.knows_all:
                self.sent_pictures.prune(self.source.present)
        for encoded in self.source.take():
            self._begin(encoded)
        for scope, picture, layers in self.answers.take():
            self._send_answer(scope, picture, layers)
        self._in_flight.send_unheard_again()
        self._in_flight.send(self.client)
        self._in_flight.close_pictures()
        self._say_whether_it_waits()

    def finished(self) -> bool:
        done = not self.sent_pictures.open and not self._in_flight.unheard.due and self.source.is_empty()
        return self.settings.until_done and done

    def status(self) -> dict[str, Any]:
        account = self.sent_pictures.as_dict()
        return {
            "account": account["totals"],
            "lost_by_cause": account["lost_by_cause"],
            "group": self.sent_pictures.group,
            "queues": {
                "open_pictures": len(self.sent_pictures.open),
                "unheard_pictures": len(self._in_flight.unheard),
                "unsent_frames": len(self._in_flight.frames.waiting),
                "frames_in_flight": len(self._in_flight.frames),
                "encoding": self.source.waiting,
            },
            "receiving_host": self._in_flight.credit.status(),
            "mcs": {"base": self._plan.mcs, **(self._automatic.status() if self._automatic else {})},
            "stage_s": self._times_s,
            "radio": {**self.client.statistics(), "address": self.client.address, "refused_by": self.client.refused},
            "refinement_requests": dict(self.answers.counts),
            "requests": self.desk.statistics() if self.desk else {},
            "counts": {**self.counts, "disk_errors": self.counts["disk_errors"] + self.sent_pictures.disk_errors},
            "recent": account["recent"],
        }

    def use_plan(self, plan: FramePlan) -> None:
        """Another MCS or policy, from the next picture on."""
        self._plan = plan
        self._in_flight.use_plan(plan)

    def close(self) -> None:
        """Closes the account, checks and exports it."""
        for picture in list(self.sent_pictures.open.values()):
            self.sent_pictures.close_picture(picture, STOPPED, done=False)
        self._export()
        self.sent_pictures.check()
        self.sent_pictures.close()
        self.client.close()
        if self.desk is not None:
            self.desk.close()

    def _begin(self, encoded: Encoded) -> None:
        file = encoded.file
        self._times_s["encode"] = encoded.seconds
        if encoded.packet is None:
            self._refuse(encoded, encoded.reason)
            return
        if self._automatic is not None:
            self.use_plan(self._automatic.next_plan(self._plan))
        group, number = self.sent_pictures.next_number()
        try:
            items = items_of(encoded.packet, group, number, self.sent_pictures.stream)
            frames = self._plan.frames(items)
        except LinkError as error:
            self._refuse(encoded, str(error))
            return
        told = encoded.submission
        picture = self.sent_pictures.begin(
            file.path.name, file.mark, frames, submission=told.identifier.hex() if told else ""
        )
        self.counts["submission_bytes"] += submission_bytes(encoded.packet)
        request = EncodeRequest() if encoded.analysis is None else encoded.analysis.request
        recent = RecentPicture(file.path.name, encoded.content, encoded.packet, request, encoded.analysis)
        self.answers.recent.keep(items[0].key.scope, recent)
        self.counts["pictures"] += 1
        if file.temporary:
            self._request_files[file.mark] = file.path
        self._in_flight.put(picture, frames)
        self.on_encoded(encoded, picture, "")
        log.info("%s is picture %s/%s: %d frames", file.path.name, group, number, len(frames))
        if cost := self._plan.cost_of_protection(items):
            log.info("%s", cost)

    def _send_answer(self, scope: Scope, recent: RecentPicture, layers: Sequence[Layer]) -> None:
        """More of a picture that was asked for, under the picture's own number."""
        if not layers or scope.group != self.sent_pictures.group or scope in self.sent_pictures.open:
            return  # nothing more to say; or that picture is still on its way: the request may be made again
        more = replace(recent.packet, layers=tuple(layers))
        frames = self._plan.frames_of_more(items_of(more, scope.group, scope.picture, scope.stream))
        picture = self.sent_pictures.begin(f"more of {recent.name}", "", frames, scope.picture)
        self.counts["answers"] += 1
        self._in_flight.put(picture, frames)
        log.info("more of picture %s: %d layers, %d frames", scope, len(layers), len(frames))

    def _refuse(self, encoded: Encoded, reason: str) -> None:
        file = encoded.file
        self.counts["refused_pictures"] += 1
        log.warning("%s refused: %s", file.path.name, reason)
        self.sent_pictures.skip(file.mark)
        if file.temporary:
            remove(file.path)
        self.on_encoded(encoded, None, reason)

    def _hear(self, message: Message) -> None:
        body = message.body
        match message.kind:
            case Kind.WELCOME:
                log.info("radio %s: %s", self.client.address, body["about"])
                self._in_flight.credit.radio_is_new()
                self._in_flight.send_unconfirmed_again()
            case Kind.OUTCOMES:
                self._in_flight.settle(body["outcomes"])
                if self._automatic is not None:
                    self._automatic.settled(body["outcomes"])
            case Kind.RECEIPT:
                self._in_flight.came(body["names"])
            case Kind.DROPPED:
                self._in_flight.dropped(body["names"], body["cause"])
            case Kind.FEEDBACK:
                self._take_feedback(body["feedback"])
            case Kind.CREDIT:
                self._in_flight.credit.take(body)
            case Kind.REFUSED:
                self._waiting.refused(body["reason"])

    def _take_feedback(self, feedback: bytes) -> None:
        """A report of what has come, or a refinement request: all that reaches us on the feedback channel."""
        self.counts["feedback"] += 1
        try:
            if is_refinement_frame(feedback):
                self.answers.ask(RefinementFrame.from_bytes(feedback))
                return
            report = Feedback.from_bytes(feedback)
            self._in_flight.take_report(report)
            if self._automatic is not None:
                self._automatic.reported(report.snr_db)
        except LinkError as error:
            self.counts["refused_feedback"] += 1
            log.warning("feedback refused: %s", error)

    def _picture_closed(self, picture: SentPicture, kept: bool) -> None:
        self._export()
        if kept:
            return
        if request := self._request_files.pop(picture.mark, None):
            remove(request)
        else:
            self.source.release(picture.mark)

    def _say_whether_it_waits(self) -> None:
        """Once, when it begins, and when it is over."""
        credit = self._in_flight.credit
        said = credit.in_words() if credit.on_hold else ""
        if said != self._said and (bool(said) != bool(self._said) or not said.startswith(self._said[:30])):
            log.warning("%s", f"waiting: {said}" if said else "receiving host has room again")
        self._said = said

    def _export(self) -> None:
        text = json.dumps(self.sent_pictures.as_dict(), indent=2) + "\n"
        try:
            write_file_whole(self._folder / ACCOUNT_FILE, text.encode())
        except OSError as error:
            self.counts["disk_errors"] += 1
            log.error("%s cannot be written: %s", ACCOUNT_FILE, error.strerror)
