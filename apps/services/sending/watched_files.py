"""Which files lie in folders, and which of them are ready to be read.

A file is ready when its size and time have not changed for a while: clocks of other computers say nothing.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from semcom.semantic.picture_file import SUFFIXES as PICTURE_SUFFIXES

SUFFIXES = {*PICTURE_SUFFIXES, ".sem"}
SETTLED_S = 0.3
"""A file that has not changed for so long is no longer being written."""

TRY_AGAIN_S = 1.0
LONGEST_PAUSE_S = 60.0
"""Between attempts to read a file; each pause is twice the one before."""

log = logging.getLogger("semcom.tx")


@dataclass(frozen=True)
class FoundFile:
    """A file in one of the folders.

    Attributes
    ----------
    path : Path
    mark : str
        Folder, name, size and time: changed contents are another picture.
    temporary : bool
        To be removed once it has been sent: it was pushed.
    time_ns : int
        Its modification time.
    """

    path: Path
    mark: str
    temporary: bool
    time_ns: int = 0


class WatchedFiles:
    """Pictures and packets in folders. A folder that cannot be read is said once, and looked at again.

    Parameters
    ----------
    folders : sequence of (Path, bool)
        And whether its files are temporary: those were written whole.

    Attributes
    ----------
    present : set of str
        Marks of the files that were there when last looked.
    knows_all : bool
        Whether every folder could be looked into then; one for temporary files that is not there has none.
    """

    def __init__(self, folders: Sequence[tuple[Path, bool]]) -> None:
        self._folders = folders
        self.present: set[str] = set()
        self.knows_all = False
        self._seen_at_s: dict[str, float] = {}  # mark: first look that found it so
        self._trouble: dict[Path, str] = {}
        self._pauses: dict[str, tuple[float, float]] = {}  # mark of a file that cannot be read: when again, next pause

    def look(self, now_s: float) -> list[FoundFile]:
        """All files that are there, by folder, oldest first; those whose names begin with a dot are not for us."""
        self.knows_all = True
        files = [file for folder, temporary in self._folders for file in self._files(folder, temporary)]
        self.present = {file.mark for file in files}
        self._seen_at_s = {file.mark: self._seen_at_s.get(file.mark, now_s) for file in files}
        self._pauses = {mark: pause for mark, pause in self._pauses.items() if mark in self.present}
        return files

    def is_ready(self, file: FoundFile, now_s: float) -> bool:
        """Whether it may be read now."""
        again_at_s, _ = self._pauses.get(file.mark, (-math.inf, 0.0))
        return now_s >= again_at_s and (file.temporary or now_s - self._seen_at_s[file.mark] >= SETTLED_S)

    def try_again_later(self, file: FoundFile, reason: str, now_s: float) -> None:
        """It could not be read."""
        _, pause_s = self._pauses.get(file.mark, (0.0, TRY_AGAIN_S))
        if file.mark not in self._pauses:
            log.warning("%s: cannot be read: %s; trying again", file.path.name, reason)
        self._pauses[file.mark] = now_s + pause_s, min(2 * pause_s, LONGEST_PAUSE_S)

    def _files(self, folder: Path, temporary: bool) -> list[FoundFile]:
        found = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or Path(entry.name).suffix.lower() not in SUFFIXES:
                        continue
                    if file := _found_file(folder, entry, temporary):
                        found.append(file)
            self._over(folder)
        except FileNotFoundError:
            self._over(folder)  # pictures go out when it is there
            self.knows_all &= temporary
        except OSError as error:
            self.knows_all = False
            self._in_trouble(folder, error)
        return [file for *_, file in sorted(found, key=lambda entry: entry[:2])]

    def _in_trouble(self, folder: Path, error: OSError) -> None:
        if self._trouble.get(folder) != error.strerror:
            log.error("%s cannot be read: %s; trying again", folder, error.strerror)
        self._trouble[folder] = str(error.strerror)

    def _over(self, folder: Path) -> None:
        if self._trouble.pop(folder, None):
            log.info("%s can be read again", folder)


def _found_file(folder: Path, entry: os.DirEntry[str], temporary: bool) -> tuple[int, str, FoundFile] | None:
    """Time, name and file; None where it is no file, or gone again."""
    try:
        status = entry.stat()
        if not entry.is_file():
            return None
    except OSError:
        return None
    mark = f"{folder.name}/{entry.name}:{status.st_size}:{status.st_mtime_ns}"
    return status.st_mtime_ns, entry.name, FoundFile(Path(entry.path), mark, temporary, status.st_mtime_ns)
