"""Unfinished pictures of the receiving host that no longer fit its memory: their frames wait on the disk.

STATE/spilled/0-7-3.shown       frames of picture 0/7/3, each with its length in front; the result shows what they hold
STATE/spilled/0-7-4.unshown     the same of a picture whose result is still to be written
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from pathlib import Path

from semcom.apps.report.result_folder import write_file_whole
from semcom.link import Scope

MAX_SPILLED_PICTURES = 4096
MAX_SPILLED_BYTES = 1 << 30
_LENGTH_BYTES = 4
_NAME = re.compile(r"(\d{1,5})-(\d{1,5})-(\d{1,5})\.(shown|unshown)")
log = logging.getLogger("semcom.rx")


class SpilledPictures:
    """Frames by picture, oldest first.

    Beyond `MAX_SPILLED_PICTURES` or `MAX_SPILLED_BYTES` the oldest picture that is shown as far as it came is given up,
    counted as ``abandoned_pictures``: its result stays. One that is not shown yet is never given up.

    Parameters
    ----------
    folder : Path
        What lies there from before is known.
    counts : Counter
        Where to count ``spilled_pictures``, ``abandoned_pictures``, ``disk_errors``.

    Attributes
    ----------
    in_memory : dict of Scope to list of bytes
        Frames of those that the disk did not take: they have to stay in the record file.
    """

    def __init__(self, folder: Path, counts: Counter[str]) -> None:
        self._folder, self.counts = folder, counts
        self._kept: dict[Scope, tuple[Path, int, bool]] = {}
        self.in_memory: dict[Scope, list[bytes]] = {}
        found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)] if folder.is_dir() else []
        for path in sorted(found, key=lambda path: path.stat().st_mtime_ns):
            *numbers, shown = _NAME.fullmatch(path.name).groups()
            self._kept[Scope(*map(int, numbers))] = path, path.stat().st_size, shown == "shown"

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, scope: Scope) -> bool:
        return scope in self._kept or scope in self.in_memory

    @property
    def num_bytes(self) -> int:
        return sum(size for _, size, _ in self._kept.values())

    def unshown(self) -> list[tuple[Scope, int]]:
        """Pictures whose result is still to be written, oldest first, and the bytes of each."""
        in_memory = [(scope, sum(map(len, frames))) for scope, frames in self.in_memory.items()]
        return in_memory + [(scope, size) for scope, (_, size, shown) in self._kept.items() if not shown]

    def put(self, scope: Scope, frames: list[bytes], shown: bool) -> bool:
        """Keep the frames of a picture, with those that are there of it; whether they are on the disk now."""
        try:
            there = self.frames(scope) if scope in self else []
            shown &= not there  # the result shows what was in memory
            path = self._folder / f"{'-'.join(map(str, scope))}.{'shown' if shown else 'unshown'}"
            each_once = dict.fromkeys([*there, *frames])
            data = b"".join(len(frame).to_bytes(_LENGTH_BYTES, "big") + frame for frame in each_once)
            write_file_whole(path, data, durable=True)
        except OSError as error:
            self.counts["disk_errors"] += 1
            log.error("frames of picture %s cannot be put aside: %s", scope, error.strerror)
            return False
        self.in_memory.pop(scope, None)
        before = self._kept.pop(scope, None)
        if before is not None and before[0] != path:
            before[0].unlink(missing_ok=True)
        self._kept[scope] = path, len(data), shown
        self.counts["spilled_pictures"] += 1
        self._give_up_oldest()
        return True

    def frames(self, scope: Scope) -> list[bytes]:
        """The frames of a picture; none where its file is gone. Raises `OSError` where it cannot be read."""
        if scope in self.in_memory:
            return self.in_memory[scope]
        try:
            data = self._kept[scope][0].read_bytes()
        except FileNotFoundError:
            log.error("frames of picture %s are gone", scope)
            return []
        frames, position = [], 0
        while position + _LENGTH_BYTES <= len(data):
            end = position + _LENGTH_BYTES + int.from_bytes(data[position : position + _LENGTH_BYTES], "big")
            frames.append(data[position + _LENGTH_BYTES : end])
            position = end
        return frames

    def remove(self, scope: Scope) -> None:
        """It is kept elsewhere, or finished."""
        self.in_memory.pop(scope, None)
        if scope in self._kept:
            path, *_ = self._kept.pop(scope)
            path.unlink(missing_ok=True)

    def _give_up_oldest(self) -> None:
        while len(self) > MAX_SPILLED_PICTURES or self.num_bytes > MAX_SPILLED_BYTES:
            oldest = next((scope for scope, (*_, shown) in self._kept.items() if shown), None)
            if oldest is None:
                return
            self.remove(oldest)
            self.counts["abandoned_pictures"] += 1
            log.warning("picture %s stays as it is: more than %d are unfinished", oldest, MAX_SPILLED_PICTURES)
