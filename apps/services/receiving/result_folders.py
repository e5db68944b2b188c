"""Results of the receiving computer: a folder for each picture, all or nothing, and pages that show them all.

OUT/2026-11-29_03-15-07_street/    packet, caption, maps, drawing, report.html, result.json (`result_names`)
OUT/index.html                     the last pictures, latest first

A photo that was sent twice, by a sender that has lost its journal, is one result: its submission tells.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections import deque
from pathlib import Path

from semcom.apps.delivery.packet_items import rebuild
from semcom.apps.delivery.submissions import submission_in
from semcom.apps.report.index import Index
from semcom.apps.report.model import (
    COMPLETE,
    LOST,
    PARTIAL,
    FrameCounts,
    Identity,
    PictureResult,
    PictureTimes,
    SentBy,
    utc_text,
)
from semcom.apps.report.received_report import RESULT_JSON, fill_received, layer_results, received_result
from semcom.apps.report.result_folder import remove_folder, remove_remains, sync_file_system, write_folder
from semcom.apps.services.receiving.known_results import KnownResult, KnownResults, known_of, read_known
from semcom.apps.services.receiving.received_pictures import ReceivedPicture
from semcom.apps.services.receiving.result_names import folder_name, is_result_name
from semcom.apps.services.receiving.retention import Keep, Retention
from semcom.link import Scope
from semcom.semantic import LayerKey, Reconstruction, SemanticError, SemanticPacket
from semcom.semantic.layers import Submission

Rebuilt = tuple[SemanticPacket | None, Reconstruction | None, list[str]]
log = logging.getLogger("semcom.rx")


class ResultFolders:
    """Writes results and knows which are there.

    Parameters
    ----------
    folder : Path
        Remains of a process that was killed are removed from it. Made again where it vanishes.
    keep : Keep
        Results kept; the oldest are removed.
    """

    def __init__(self, folder: Path, keep: Keep | None = None) -> None:
        self.folder, self._retention = folder, Retention(folder, keep or Keep())
        folder.mkdir(parents=True, exist_ok=True)
        remove_remains(folder)
        self._index = Index(folder, "Received pictures", latest_first=True)
        self._known = KnownResults()
        self._removed: deque[Scope] = deque()
        there = (path for path in folder.glob(f"*-*-*/{RESULT_JSON}") if is_result_name(path.parent.name))
        found = {path.parent.name: read_known(path) for path in there}
        ours = {name: known for name, known in found.items() if known is not None}
        for name, known in sorted(ours.items(), key=lambda entry: entry[1].time):
            self._keep(name, known)
        self._identity = _identity(folder)

    def is_finished(self, scope: Scope) -> bool:
        """Whether a complete result of this picture is there."""
        return self._known.complete_of_scope(scope) is not None

    def payloads(self, scope: Scope) -> dict[LayerKey, bytes] | None:
        """Payloads of a complete result, by the names they had on the way; None where there is none."""
        name = self._known.complete_of_scope(scope)
        if name is None:
            return None
        folder = self.folder / name
        try:
            packet = SemanticPacket.from_bytes((folder / "packet.sem").read_bytes())
            if not all(path.stat().st_size for path in folder.iterdir() if path.is_file()):
                return None  # a power cut came before its contents were on the disk
        except (OSError, SemanticError):
            return None
        return {
            LayerKey(*scope[:2], layer.key.picture and scope.picture, layer.key.layer): layer.payload
            for layer in packet.layers
        }

    def write(self, picture: ReceivedPicture) -> PictureResult:
        """Rebuild a picture from what came and write its folder; raises `OSError` with nothing changed.

        Nothing is written of a photo whose complete result is there from when it was sent before, and no part of a
        picture takes the place of all of it.
        """
        self._look_after_folder()
        self._make_room()
        submission = submission_in(picture.payloads)
        own = self._known.of_scope(picture.scope)
        earlier = self._known.of_submission(submission.identifier.hex() if submission else None)
        name = earlier or own or self._new_name(picture, submission)
        known = self._known.get(name)
        is_there = known is not None and known.complete and (self.folder / name / RESULT_JSON).is_file()
        is_there &= earlier not in (None, own) or not picture.complete
        packet, result, reconstruction = self._result(picture, name, submission, known)
        if not is_there:
            write_folder(self.folder / name, lambda aside: fill_received(aside, result, packet, reconstruction, True))
            self._keep(name, known_of(result, picture.complete))
        elif picture.complete:
            self._known.came_as(name, picture.scope)
        if own not in (None, name):
            self._remove(own)
        self._make_room()
        self._index.write()
        self._identity = _identity(self.folder)
        return result

    def tidy(self) -> None:
        """Now and then while nothing comes: results grow old, and others fill the disk."""
        if self._make_room():
            with contextlib.suppress(OSError):  # the next result writes it
                self._index.write()

    def take_removed(self) -> list[Scope]:
        """Pictures whose results have made room since last asked."""
        return [self._removed.popleft() for _ in range(len(self._removed))]

    def to_disk(self) -> None:
        """All results written so far survive a power cut from now on. Raises `OSError`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        sync_file_system(self.folder)

    def counts(self) -> dict[str, int]:
        pictures, complete = len(self._known), self._known.num_complete
        return {"pictures": pictures, "complete": complete, "bytes": self._retention.num_bytes}

    def close(self) -> None:
        """Nothing is to be ended here."""

    def _new_name(self, picture: ReceivedPicture, submission: Submission | None) -> str:
        return folder_name(
            picture.heard_at_s,
            submission.name if submission else "",
            picture.scope,
            lambda name: name in self._known or (self.folder / name).exists(),
        )

    def _result(
        self, picture: ReceivedPicture, name: str, submission: Submission | None, known: KnownResult | None
    ) -> tuple[SemanticPacket | None, PictureResult, Reconstruction | None]:
        """Packet, numbers and what is shown of a picture; what an earlier result of it tells of times is kept."""
        since, told = time.perf_counter(), submission or Submission(b"")
        packet, reconstruction, notes = self._rebuilt(picture)
        completed = picture.completed_at_s and utc_text(picture.completed_at_s)
        result = received_result(
            "host rx",
            name,
            packet,
            reconstruction,
            identity=Identity(*picture.scope),
            sender=SentBy(picture.scope.stream, told.identifier.hex() or None, told.name or None),
            times=PictureTimes(
                None if told.taken_in_at_s is None else utc_text(told.taken_in_at_s),
                (known and known.first_burst) or utc_text(picture.heard_at_s),
                (known and known.completed) or completed,
            ),
            photo=told.name or None,
            outcome=LOST if packet is None else COMPLETE if picture.complete else PARTIAL,
            frames=FrameCounts(None, None if picture.reopened else len(picture.frames), None),
            layers=layer_results(packet),
            snr_db_estimated=picture.quality.get("snr_db"),
            cfo_hz_estimated=picture.quality.get("cfo_hz"),
            evm_db=picture.quality.get("evm_db"),
            timings_s={"reconstruct": time.perf_counter() - since},
            notes=notes,
        )
        return packet, result, reconstruction

    def _rebuilt(self, picture: ReceivedPicture) -> Rebuilt:
        """Packet, what is shown of it, and notes."""
        return rebuild(picture.payloads, picture.damaged, picture.required)

    def _keep(self, name: str, known: KnownResult) -> None:
        self._known.put(name, known)
        self._retention.put(name)
        self._index.put(name, known.entry)

    def _remove(self, name: str) -> None:
        remove_folder(self.folder / name)
        self._forget(name)

    def _forget(self, name: str) -> None:
        self._known.remove(name)
        self._retention.remove(name)
        self._index.remove(name)

    def _make_room(self) -> int:
        """Remove results that are beyond what is to be kept; how many."""
        count = 0
        while (oldest := self._retention.beyond()) is not None:
            self._removed += self._known.scopes_of(oldest)
            self._remove(oldest)
            count += 1
        return count

    def _look_after_folder(self) -> None:
        """A folder that was removed, or put in the place of ours, no longer has our results."""
        if _identity(self.folder) == self._identity:
            return
        gone = [name for name in self._known if not (self.folder / name / RESULT_JSON).is_file()]
        for name in gone:
            self._forget(name)
        log.warning("%s was removed; it is made again, without its %d results", self.folder, len(gone))


def _identity(folder: Path) -> tuple[int, int] | None:
    """Which folder stands under a name; None where there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
