"""Files of recordings: their names, opened with care, their checksum."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from semcom.phy.errors import RecordingNotFoundError

META, DATA = ".sigmf-meta", ".sigmf-data"
ARCHIVE, COLLECTION = ".sigmf", ".sigmf-collection"


@dataclass(frozen=True)
class Extent:
    """Where bytes lie in a file."""

    first_byte: int
    num_bytes: int


def stem_of(path: str | Path) -> Path:
    """The recording's name without its ending."""
    path = Path(path)
    return path.with_suffix("") if path.suffix in (META, DATA, ARCHIVE) else path


def with_ending(stem: Path, ending: str) -> Path:
    """The file beside; a name with a dot in it keeps it."""
    return stem.with_name(stem.name + ending)


class opened:  # noqa: N801 (used as a function)
    """A regular file and its size. Others, pipes among them, could keep the reader waiting for ever."""

    def __init__(self, path: Path) -> None:
        try:
            about = path.stat()
            if not stat.S_ISREG(about.st_mode):
                raise RecordingNotFoundError(f"recording {path}: must be a file, it is none")
            self._file, self._size = path.open("rb"), about.st_size
        except (OSError, ValueError) as error:
            raise RecordingNotFoundError(
                f"recording {path}: cannot be read: {getattr(error, 'strerror', None) or error}"
            ) from None

    def __enter__(self) -> tuple[BinaryIO, int]:
        return self._file, self._size

    def __exit__(self, *_: object) -> None:
        self._file.close()


def sha512_of(path: Path, extent: Extent | None = None) -> str:
    """Of a file's content, or of a part of it, lower-case hexadecimal."""
    digest = hashlib.sha512()
    with path.open("rb") as file:
        left = extent.num_bytes if extent else os.fstat(file.fileno()).st_size
        file.seek(extent.first_byte if extent else 0)
        while left > 0 and (part := file.read(min(left, 1 << 20))):
            digest.update(part)
            left -= len(part)
    return digest.hexdigest()
