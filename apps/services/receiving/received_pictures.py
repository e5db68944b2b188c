"""The receiver's ledger: every frame that came is on the disk before it is confirmed, and is kept until it is shown.

```
frames ─ room_for ─ take ─ record file (fdatasync) ─ pictures in memory ─ result written ─ forgotten, compacted
             │                                             └─ no room ─► SpilledPictures (disk) ─ more of it came ─┐
             └─ none: they wait at the radio                                          ▲────────────────────────────┘
```
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from semcom.apps.services.records.frame_record import FrameRecord
from semcom.apps.services.records.group_frames import GroupFrames
from semcom.apps.services.records.received_picture import ReceivedPicture, contradiction
from semcom.apps.services.records.spilled_pictures import SpilledPictures
from semcom.link import Arrival, Assembler, Feedback, FrameError, FrameName, Picture, Receiver, Scope
from semcom.link.parity.set_frame import read_frame
from semcom.link.refusals import Refusals
from semcom.semantic import LayerKey
from semcom.semantic.requirements import requirements_of

MAX_PICTURES = 64
"""In memory: a frame that would begin one more is not taken before one of them is shown."""
MAX_NAMES = 256
"""Pictures and groups whose frames are known by name, finished ones too."""
MAX_BYTES = 64 << 20
"""Of frames in memory."""
_FINISHED_KEPT = 64
log = logging.getLogger("semcom.rx")


class ReceivedPictures:
    """Frames → pictures.

    Parameters
    ----------
    path : Path
        Of the record file; read if it is there.
    finished : callable
        Given a scope, the payloads of its result where that is written and complete, else None. Late frames of it
        change nothing; layers that were asked for afterwards are put to the others.
    results_to_disk : callable
        After it the results written so far are on the disk, whatever happens: only then are their frames dropped.

    Attributes
    ----------
    assembler : Assembler
    spilled : SpilledPictures
    counts : Counter
        ``evicted`` (pictures that went from memory to the disk unasked), ``dropped_group_frames``, ``refused``,
        ``refused_CAUSE``, ``disk_errors``, and those of `SpilledPictures`.
    """

    def __init__(
        self,
        path: Path,
        finished: Callable[[Scope], dict[LayerKey, bytes] | None],
        results_to_disk: Callable[[], None] = lambda: None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._refusals = Refusals(log, self.counts)
        self.spilled = SpilledPictures(path.parent / "spilled", self.counts)
        self.assembler = Assembler(
            requirements_of, MAX_PICTURES + 1, max_remembered=MAX_NAMES, on_evicted=self._evicted
        )
        self.pictures: dict[Scope, ReceivedPicture] = {}
        self._finished = lru_cache(_FINISHED_KEPT)(finished)  # it reads a file; a picture's frames come together
        self._groups = GroupFrames()
        self._num_bytes = 0
        self._records = FrameRecord(path, results_to_disk)
        self.replayed = 0
        for frame in list(self._records.replay()):
            self._push(frame, {})
            self.replayed += 1
        self.show_spilled()
        self._compact()

    @property
    def receiver(self) -> Receiver:
        return self.assembler.receiver

    def room_for(self, frames: Sequence[bytes]) -> int:
        """How many of these frames, from the first on, can be taken now; the others have to wait.

        Pictures that are shown as far as they came make room: their frames wait on the disk for the rest.
        """
        num_bytes = sum(map(len, frames))
        if self._fits(len(frames), num_bytes):
            return len(frames)
        opened: set[Scope] = set()
        num_bytes = 0
        for count, data in enumerate(frames):
            num_bytes += len(data)
            scope = _scope_of(data)
            begins = bool(scope and scope.picture and scope not in self.pictures and scope not in opened)
            if begins and self._finished(scope) is None:
                opened.add(scope)
            while not self._fits(len(opened), num_bytes) and self._spill_one(besides=scope):
                pass
            if len(self.pictures) + len(opened) > MAX_PICTURES:
                return count
            alone = not self.pictures.keys() - {scope} and not opened - {scope}
            if self._num_bytes + num_bytes > MAX_BYTES and not alone:
                return count
        return len(frames)

    @property
    def room(self) -> tuple[int, int]:
        """Pictures and bytes of frames that can be taken now."""
        shown = [picture for picture in self.pictures.values() if picture.is_shown]
        free_bytes = MAX_BYTES - self._num_bytes + sum(len(frame) for picture in shown for frame in picture.frames)
        return max(0, MAX_PICTURES - len(self.pictures) + len(shown)), max(0, free_bytes)

    def take(self, frames: Sequence[tuple[bytes, dict[str, float]]]) -> list[FrameName]:
        """Write frames to the disk and put them together; the names of all that are good.

        Raises
        ------
        OSError
            They cannot be written: nothing has changed, the same frames may be given again.
        """
        self._records.append(data for data, _ in frames)
        arrivals = [self._push(data, quality) for data, quality in frames]
        kept = self._num_bytes + self._groups.num_bytes
        if self._records.is_long(kept):
            self._compact()
        return [arrival.name for arrival in arrivals if arrival.name is not None and arrival.status != "refused"]

    def show_spilled(self) -> None:
        """Take pictures back into memory whose results are still to be written, as far as there is room for them."""
        waiting = [entry for entry in self.spilled.unshown() if entry[0] not in self.pictures]
        for scope, num_bytes in waiting:
            while self.pictures and not self._fits(1, num_bytes):
                if not self._spill_one(besides=None):
                    return
            self._take_back(scope)

    def _fits(self, num_pictures: int, num_bytes: int) -> bool:
        """Whether there is room in memory for so much more."""
        return len(self.pictures) + num_pictures <= MAX_PICTURES and self._num_bytes + num_bytes <= MAX_BYTES

    def to_write(self, quiet_s: float) -> list[ReceivedPicture]:
        """Pictures with layers that no result shows yet: complete ones, and those that have been quiet."""
        now = time.monotonic()
        for picture in self.pictures.values():
            picture.settled = now - picture.changed_at_s > quiet_s
        return [
            picture
            for picture in self.pictures.values()
            if picture.version > picture.written and (picture.complete or picture.settled)
        ]

    def forget(self, picture: ReceivedPicture) -> None:
        """Its result is written and complete."""
        self._finished.cache_clear()  # there may be a result now
        self.spilled.remove(picture.scope)
        self._release(picture.scope)

    def results_removed(self, scopes: Iterable[Scope]) -> None:
        """Results that made room were shown: a process started anew must not take their frames for new pictures."""
        if self._records.has_finished(scopes):
            self._compact()

    def reports(self, picture: ReceivedPicture) -> list[Feedback]:
        """What has come of a picture, and of its group where a layer of that is required."""
        scopes = [picture.scope, *dict.fromkeys(Scope(*key[:3]) for key in picture.required if key.picture == 0)]
        snr_db = picture.quality.get("snr_db")
        return [Feedback(scope, 0, *self.receiver.received(scope), snr_db=snr_db) for scope in scopes]

    def close(self) -> None:
        self._records.close()

    def _push(self, data: bytes, quality: dict[str, float]) -> Arrival:
        arrival, changed = self.assembler.push(data)
        if arrival.status == "refused":
            self._refusals.note("frame", arrival.reason)
        if arrival.status == "new":
            scope = arrival.name.key.scope
            if not scope.picture:
                self.counts["dropped_group_frames"] += self._groups.keep(arrival.name, data)
            elif scope in self.pictures or self._open(scope, arrival):
                self._keep_frame(self.pictures[scope], data, quality)
            elif reason := contradiction(scope, self._finished(scope) or {}, arrival.items):
                self._refusals.note("content", reason)
                return Arrival("refused", arrival.name, (), reason)
        for scope in changed:
            if scope in self.pictures:
                self.pictures[scope].is_now(self.assembler.picture(scope))
        if arrival.items and (picture := self.pictures.get(arrival.name.key.scope)):
            self._leave_if_known(picture)
        return arrival

    def _keep_frame(self, picture: ReceivedPicture, data: bytes, quality: dict[str, float]) -> None:
        picture.frames.append(data)
        picture.changed_at_s, picture.settled = time.monotonic(), False
        picture.quality = quality or picture.quality
        self._num_bytes += len(data)
        while len(self.pictures) > MAX_PICTURES or self._num_bytes > MAX_BYTES:
            self.assembler.evict(next(iter(self.pictures)))

    def _open(self, scope: Scope, arrival: Arrival) -> bool:
        """Whether this frame is of interest: a picture that is not finished, or something new of one that is."""
        if scope in self.spilled:
            self._take_back(scope)
            if scope in self.pictures:
                return True
        known = self._finished(scope)
        is_new = known is None or any(LayerKey(*item.key) not in known for item in arrival.items)
        if is_new or not arrival.items:  # what a piece belongs to shows when all of them are there
            self._begin(scope)
        else:
            self._release(scope)
        return scope in self.pictures

    def _begin(self, scope: Scope) -> None:
        """A picture in memory: a new one, or a finished one with what its result has."""
        known = self._finished(scope)
        if known is None:
            self.pictures[scope] = ReceivedPicture(scope)
            return
        self.pictures[scope] = ReceivedPicture(scope, known, complete=True, written=len(known), reopened=True)
        self.assembler.restore(scope, known)

    def _leave_if_known(self, picture: ReceivedPicture) -> None:
        """A finished picture of which frames came again: once they are put together, there is nothing new in them."""
        is_known = picture.reopened and picture.version == picture.written
        if is_known and not self.receiver.missing(picture.scope, max_names=0).num_frames:
            self._release(picture.scope)

    def _release(self, scope: Scope) -> None:
        """A finished picture: only the record file has frames of it, until it is shortened."""
        self._drop(scope)
        self.assembler.release(scope)
        self._records.finished(scope)

    def _take_back(self, scope: Scope) -> None:
        """The frames of a picture that was spilled come into memory again; to the record file first."""
        try:
            frames = self.spilled.frames(scope)
        except OSError as error:  # what comes of it now is put to them later
            self._disk_error("frames cannot be read", error)
            return
        try:
            self._records.append(frames)
            self.spilled.remove(scope)
        except OSError as error:  # its file stays: after a restart it is taken back again
            self._disk_error("frames cannot be written", error)
        if frames:
            self._begin(scope)
        for frame in frames:
            self._push(frame, {})

    def _spill_one(self, besides: Scope | None) -> bool:
        """Whether a picture that is shown as far as it came has made room."""
        scope = next((scope for scope, kept in self.pictures.items() if kept.is_shown and scope != besides), None)
        if scope is None or not self.spilled.put(scope, self.pictures[scope].frames, shown=True):
            return False
        self._drop(scope)
        self.assembler.evict(scope)
        return True

    def _evicted(self, picture: Picture) -> None:
        """A limit of the assembler itself is reached: nothing that was confirmed is lost by that."""
        kept = self.pictures.get(picture.scope)
        if kept is not None and self._drop(picture.scope):
            self.counts["evicted"] += 1
            if not self.spilled.put(picture.scope, kept.frames, kept.is_shown):
                self.spilled.in_memory[picture.scope] = kept.frames

    def _drop(self, scope: Scope) -> bool:
        picture = self.pictures.pop(scope, None)
        self._num_bytes -= sum(map(len, picture.frames)) if picture else 0
        return picture is not None

    def _compact(self) -> None:
        """Only frames of pictures that are still open need to be kept, and those of groups, which come first."""
        open_pictures = (frame for picture in self.pictures.values() for frame in picture.frames)
        not_spilled = (frame for frames in self.spilled.in_memory.values() for frame in frames)
        try:
            self._records.shorten([*self._groups, *open_pictures, *not_spilled])
        except OSError as error:  # the file stays as it was, longer than need be
            self._disk_error("the record of frames cannot be shortened", error)

    def _disk_error(self, what: str, error: OSError) -> None:
        self.counts["disk_errors"] += 1
        log.error("%s: %s", what, error.strerror)


def _scope_of(data: bytes) -> Scope | None:
    try:
        return read_frame(data).key.scope
    except FrameError:
        return None
