"""The receiver's books: every frame that came is written down before it is confirmed, and so survives `kill -9`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from semcom.apps.services.journal import RecordFile
from semcom.link import Arrival, FrameName, Receiver, Scope
from semcom.semantic import LayerKey

MAX_PICTURES = 64
MAX_BYTES = 64 << 20
COMPACT_BYTES = 1 << 18
"""Of finished pictures in the record file: a process started anew reads all of it before it answers."""
_FINISHED_KEPT = 64


@dataclass
class ReceivedPicture:
    """Layers of a picture as they come.

    Attributes
    ----------
    payloads : dict
        Layers that are whole.
    frames : list of bytes
        All that came, for the record file.
    complete : bool
        All its layers came.
    reopened : bool
        Its result was complete before; these are layers that were asked for.
    version, written : int
        Number of layers that are whole; how many of them the result shows.
    """

    scope: Scope
    payloads: dict[LayerKey, bytes] = field(default_factory=dict)
    frames: list[bytes] = field(default_factory=list)
    complete: bool = False
    written: int = 0
    reopened: bool = False
    changed_at_s: float = 0.0
    quality: dict[str, float] = field(default_factory=dict)

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
    """

    def __init__(self, path: Path, finished: Callable[[Scope], dict[LayerKey, bytes] | None]) -> None:
        self.receiver = Receiver(MAX_PICTURES)
        self.pictures: dict[Scope, ReceivedPicture] = {}
        self._finished = lru_cache(_FINISHED_KEPT)(finished)  # it reads a file; a picture's frames come together
        self._num_bytes = 0
        self._records = RecordFile(path)
        self.replayed = 0
        for frame in self._records.replay():
            self._push(frame, {})
            self.replayed += 1
        self._compact()

    def take(self, frames: Sequence[tuple[bytes, dict[str, float]]]) -> list[FrameName]:
        """Write frames down and put them together; the names of all that are good.

        Raises
        ------
        OSError
            They cannot be written: nothing has changed, the same frames may be given again.
        """
        self._records.append(data for data, _ in frames)
        arrivals = [self._push(data, quality) for data, quality in frames]
        if self._records.num_bytes > COMPACT_BYTES + 2 * self._num_bytes:  # most of it is finished
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
        """Its result is written and complete, or there is no room for it."""
        self._finished.cache_clear()  # there may be a result now
        if self.pictures.pop(picture.scope, None) is not None:
            self._num_bytes -= sum(map(len, picture.frames))

    def close(self) -> None:
        self._records.close()

    def _push(self, data: bytes, quality: dict[str, float]) -> Arrival:
        arrival = self.receiver.push(data)
        if arrival.status != "new":
            return arrival
        scope = arrival.name.key.scope
        if scope not in self.pictures and not self._open(scope, arrival):
            return arrival
        picture = self.pictures[scope]
        picture.frames.append(data)
        picture.changed_at_s = time.monotonic()
        picture.quality = quality or picture.quality
        for item in arrival.items:
            picture.payloads[LayerKey(*item.key)] = item.payload
            picture.complete = picture.reopened or self.receiver.is_complete(scope)
        self._num_bytes += len(data)
        while len(self.pictures) > MAX_PICTURES or self._num_bytes > MAX_BYTES:
            self.forget(next(iter(self.pictures.values())))
        return arrival

    def _open(self, scope: Scope, arrival: Arrival) -> bool:
        """Whether this frame is of interest: a picture that is not finished, or something new of one that is."""
        known = self._finished(scope)
        if known is None:
            self.pictures[scope] = ReceivedPicture(scope)
            return True
        is_new = any(LayerKey(*item.key) not in known for item in arrival.items)
        if is_new or not arrival.items:
            self.pictures[scope] = ReceivedPicture(scope, known, complete=True, written=len(known), reopened=True)
        return scope in self.pictures

    def _compact(self) -> None:
        """Only frames of pictures that are still open need to be kept."""
        self._records.replace(frame for picture in self.pictures.values() for frame in picture.frames)
