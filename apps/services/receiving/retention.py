"""Which results are kept: the newest, as far as count, bytes, age and free space of the disk allow.

Only results go, never frames: what was confirmed and is not shown yet lies elsewhere and is not counted here. The
newest result stays whatever the limits are, so that each picture was shown.
"""

from __future__ import annotations

import math
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_BLOCK_BYTES = 512
"""Unit of ``st_blocks``."""


@dataclass(frozen=True)
class Keep:
    """How much is kept; None: no limit.

    Attributes
    ----------
    results : int
    num_bytes : int or None
        All results together may take on the disk.
    age_s : float or None
        By this computer's clock.
    free_bytes : int or None
        What is to stay free on the disk.
    """

    results: int = 10_000
    num_bytes: int | None = None
    age_s: float | None = None
    free_bytes: int | None = None


class Retention:
    """Knows size and age of each result, oldest first, and says which is to go.

    Parameters
    ----------
    folder : Path
        Of the results, each a folder in it.
    keep : Keep
    now_s : callable
        Seconds since 1970.
    """

    def __init__(self, folder: Path, keep: Keep, now_s: Callable[[], float] = time.time) -> None:
        self._folder, self.keep, self._now_s = folder, keep, now_s
        self._results: dict[str, tuple[int, float]] = {}
        self.num_bytes = 0

    def put(self, name: str) -> None:
        """A result was written; it is the newest now."""
        self.remove(name)
        num_bytes, written_s = _measured(self._folder / name)
        self._results[name] = num_bytes, written_s
        self.num_bytes += num_bytes

    def remove(self, name: str) -> None:
        """A result is no longer there."""
        self.num_bytes -= self._results.pop(name, (0, 0.0))[0]

    def beyond(self) -> str | None:
        """The oldest result where it is beyond a limit; to be asked again when that is gone. None: all may stay."""
        if len(self._results) < 2:
            return None
        oldest = next(iter(self._results))
        keep, written_s = self.keep, self._results[oldest][1]
        goes = (
            len(self._results) > keep.results
            or (keep.num_bytes is not None and self.num_bytes > keep.num_bytes)
            or (keep.age_s is not None and self._now_s() - written_s > keep.age_s)
            or (keep.free_bytes is not None and self._free_bytes() < keep.free_bytes)
        )
        return oldest if goes else None

    def _free_bytes(self) -> float:
        try:
            return shutil.disk_usage(self._folder).free
        except OSError:  # the folder was removed
            return math.inf


def _measured(folder: Path) -> tuple[int, float]:
    """Bytes that a result takes on the disk, and when it was written last; of one that is gone: nothing, long ago."""
    try:
        with os.scandir(folder) as entries:
            stats = [entry.stat(follow_symlinks=False) for entry in entries]
    except OSError:
        return 0, 0.0
    return sum(_BLOCK_BYTES * one.st_blocks for one in stats), max((one.st_mtime for one in stats), default=0.0)
