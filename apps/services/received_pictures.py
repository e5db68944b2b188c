"""The receiver's ledger: every frame that came is written down before it is confirmed, and so survives `kill -9`."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from semcom.apps.services.journal import RecordFile
from semcom.link import Arrival, Assembler, Feedback, FrameName, Picture, Receiver, Scope
from semcom.semantic import LayerKey
from semcom.semantic.requirements import requirements_of

MAX_PICTURES = 64
MAX_NAMES = 256
"""Pictures and groups whose frames are known by name, finished ones too."""
MAX_BYTES = 64 << 20
MAX_GROUP_BYTES = 8 << 20
"""Frames of layers of groups that outlive the process."""
COMPACT_BYTES = 1 << 18
"""Of finished pictures in the record file: a process started anew reads all of it before it answers."""
_FINISHED_KEPT = 64


@dataclass
class ReceivedPicture:
    """Layers of a picture as they come.

    Attributes
    ----------
    payloads : dict
        Layers that came, those of the group that they require too. Replaced as a whole: another thread may read it.
    damaged : dict of LayerKey to bytes
        Layers that came as soft values, with their LLRs.
    required : tuple of LayerKey
        Layers that others require and that are not there.
    frames : list of bytes
        All that came of its own, for the record file.
    complete : bool
        All its layers came, and all that they require.
    reopened : bool
        Its result was complete before; these are layers that were asked for.
    version, written : int
        Number of layers that came; how many of them the result shows.
    """

    scope: Scope
    payloads: dict[LayerKey, bytes] = field(default_factory=dict)
    frames: list[bytes] = field(default_factory=list)
    complete: bool = False
    written: int = 0
    reopened: bool = False
    changed_at_s: float = 0.0
    quality: dict[str, float] = field(default_factory=dict)
    damaged: dict[LayerKey, bytes] = field(default_factory=dict)
    required: tuple[LayerKey, ...] = ()

    @property
    def version(self) -> int:
        return len(self.payloads)


class ReceivedPictures:
    """Frames → pictures.

    Parameters
    ----------
    path : Path
        Of the record file; read if it is there.
    finished : callable
        Given a scope, the payloads of its result where that is written and complete, else None. Late frames of it
        change nothing; layers that were asked for afterwards are put to the others.

    Attributes
    ----------
    assembler : Assembler
    counts : Counter
        ``evicted`` (pictures that had to make room), ``dropped_group_frames``.
    """

    def __init__(self, path: Path, finished: Callable[[Scope], dict[LayerKey, bytes] | None]) -> None:
        self.counts: Counter[str] = Counter()
        self.assembler = Assembler(
            requirements_of, MAX_PICTURES + 1, max_remembered=MAX_NAMES, on_evicted=self._evicted
        )
        self.pictures: dict[Scope, ReceivedPicture] = {}
        self._finished = lru_cache(_FINISHED_KEPT)(finished)  # it reads a file; a picture's frames come together
        self._groups: OrderedDict[Scope, dict[FrameName, bytes]] = OrderedDict()  # frames of layers of groups
        self._num_bytes = self._num_group_bytes = 0
        self._records = RecordFile(path)
        self.replayed = 0
        for frame in self._records.replay():
            self._push(frame, {})
            self.replayed += 1
        self._compact()

    @property
    def receiver(self) -> Receiver:
        return self.assembler.receiver

    def take(self, frames: Sequence[tuple[bytes, dict[str, float]]]) -> list[FrameName]:
        """Write frames down and put them together; the names of all that are good.

        Raises
        ------
        OSError
            They cannot be written: nothing has changed, the same frames may be given again.
        """
        self._records.append(data for data, _ in frames)
        arrivals = [self._push(data, quality) for data, quality in frames]
        kept = self._num_bytes + self._num_group_bytes
        if self._records.num_bytes > COMPACT_BYTES + 2 * kept:  # most of it is finished
            self._compact()
        return [arrival.name for arrival in arrivals if arrival.name is not None and arrival.status != "refused"]

    def to_write(self, quiet_s: float) -> list[ReceivedPicture]:
        """Pictures with layers that no result shows yet: complete ones, and those that have been quiet."""
        now = time.monotonic()
        return [
            picture
            for picture in self.pictures.values()
            if picture.version > picture.written and (picture.complete or now - picture.changed_at_s > quiet_s)
        ]

    def forget(self, picture: ReceivedPicture) -> None:
        """Its result is written and complete."""
        self._finished.cache_clear()  # there may be a result now
        self._drop(picture.scope)
        self.assembler.release(picture.scope)

    def reports(self, picture: ReceivedPicture) -> list[Feedback]:
        """What has come of a picture, and of its group where a layer of that is required."""
        scopes = [picture.scope, *dict.fromkeys(Scope(*key[:3]) for key in picture.required if key.picture == 0)]
        snr_db = picture.quality.get("snr_db")
        return [Feedback(scope, 0, *self.receiver.received(scope), snr_db=snr_db) for scope in scopes]

    def close(self) -> None:
        self._records.close()

    def _push(self, data: bytes, quality: dict[str, float]) -> Arrival:
        arrival, changed = self.assembler.push(data)
        if arrival.status == "new":
            scope = arrival.name.key.scope
            if not scope.picture:
                self._keep_group_frame(arrival.name, data)
            elif scope in self.pictures or self._open(scope, arrival):
                self._keep_frame(self.pictures[scope], data, quality)
        for scope in changed:
            if scope in self.pictures:
                self._bring_up_to_date(self.pictures[scope])
        return arrival

    def _keep_frame(self, picture: ReceivedPicture, data: bytes, quality: dict[str, float]) -> None:
        picture.frames.append(data)
        picture.changed_at_s = time.monotonic()
        picture.quality = quality or picture.quality
        self._num_bytes += len(data)
        while len(self.pictures) > MAX_PICTURES or self._num_bytes > MAX_BYTES:
            self.assembler.evict(next(iter(self.pictures)))

    def _keep_group_frame(self, name: FrameName, data: bytes) -> None:
        """Frames of a group are written down again with every compaction: some of its pictures are yet to come."""
        frames = self._groups.setdefault(name.key.scope, {})
        self._groups.move_to_end(name.key.scope)
        self._num_group_bytes += len(data) - len(frames.get(name, b""))
        frames[name] = data
        while self._num_group_bytes > MAX_GROUP_BYTES:
            _, frames = self._groups.popitem(last=False)
            self._num_group_bytes -= sum(map(len, frames.values()))
            self.counts["dropped_group_frames"] += len(frames)

    def _bring_up_to_date(self, picture: ReceivedPicture) -> None:
        came = self.assembler.picture(picture.scope)
        picture.payloads = {LayerKey(*key): payload for key, payload in came.payloads.items()}
        picture.damaged = {LayerKey(*key): llr for key, llr in came.damaged.items()}
        picture.required = tuple(LayerKey(*key) for key in came.missing.required)
        picture.complete = came.complete
        picture.changed_at_s = time.monotonic()

    def _open(self, scope: Scope, arrival: Arrival) -> bool:
        """Whether this frame is of interest: a picture that is not finished, or something new of one that is."""
        known = self._finished(scope)
        if known is None:
            self.pictures[scope] = ReceivedPicture(scope)
            return True
        is_new = any(LayerKey(*item.key) not in known for item in arrival.items)
        if is_new or not arrival.items:
            self.pictures[scope] = ReceivedPicture(scope, known, complete=True, written=len(known), reopened=True)
            self.assembler.restore(scope, known)
        else:
            self.assembler.release(scope)
        return scope in self.pictures

    def _evicted(self, picture: Picture) -> None:
        if self._drop(picture.scope):
            self.counts["evicted"] += 1

    def _drop(self, scope: Scope) -> bool:
        picture = self.pictures.pop(scope, None)
        self._num_bytes -= sum(map(len, picture.frames)) if picture else 0
        return picture is not None

    def _compact(self) -> None:
        """Only frames of pictures that are still open need to be kept, and those of groups, which come first."""
        groups = (frame for frames in self._groups.values() for frame in frames.values())
        self._records.replace([*groups, *(frame for picture in self.pictures.values() for frame in picture.frames)])
