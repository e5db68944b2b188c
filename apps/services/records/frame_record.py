"""The record file of the frames that came: on the disk before they are confirmed, until their results are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from semcom.apps.services.journal import RecordFile
from semcom.link import Scope

COMPACT_BYTES = 1 << 18
"""Of finished pictures in the file: a process started anew reads all of it before it answers."""


class FrameRecord:
    """Frames in a file that is shortened when most of it is of finished pictures.

    Parameters
    ----------
    path : Path
        Read if it is there.
    results_to_disk : callable
        After it the results written so far are on the disk, whatever happens: only then are their frames dropped.
    """

    def __init__(self, path: Path, results_to_disk: Callable[[], None]) -> None:
        self._file, self._results_to_disk = RecordFile(path), results_to_disk
        self._finished: set[Scope] = set()  # of which the file has frames
        self._shorten_above_bytes = 0

    def replay(self) -> Iterator[bytes]:
        """As `RecordFile.replay`."""
        return self._file.replay()

    def append(self, frames: Iterable[bytes]) -> None:
        """They are on the disk when this returns; raises `OSError` with nothing changed."""
        self._file.append(frames, durable=True)

    def finished(self, scope: Scope) -> None:
        """Frames of this picture are needed no longer than until its result is on the disk."""
        self._finished.add(scope)

    def has_finished(self, scopes: Iterable[Scope]) -> bool:
        """Whether the file may have frames of one of these finished pictures."""
        return not self._finished.isdisjoint(scopes)

    def is_long(self, kept_bytes: int) -> bool:
        """Whether most of it is finished, where so many bytes of it are still needed."""
        return self._file.num_bytes > max(COMPACT_BYTES + 2 * kept_bytes, self._shorten_above_bytes)

    def shorten(self, frames: Iterable[bytes]) -> None:
        """Keep only these frames. Raises `OSError`: the file is as it was, and stays so until it has grown further."""
        try:
            self._results_to_disk()
            self._file.replace(frames)
        except OSError:
            self._shorten_above_bytes = self._file.num_bytes + COMPACT_BYTES
            raise
        self._shorten_above_bytes = 0
        self._finished.clear()

    def close(self) -> None:
        self._file.close()
