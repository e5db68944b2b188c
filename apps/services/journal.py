"""Files that grow by whole records: what was written survives `kill -9`, what was written as durable a power cut.

A torn last record is cut off.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from semcom.apps.report.result_folder import OutputError, sync_folder, write_file_whole

MAGIC = b"SEMCREC1"
_HEAD_BYTES = 8
_CHECK_START = 1  # so that zeros, which a crash of the computer may leave, are no record
MAX_RECORD_BYTES = 1 << 22


class RecordFile:
    """Records of bytes, each with its length and a CRC-32 in front.

    Parameters
    ----------
    path : Path
        Made where it does not exist. Only one process may have it open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self._lock_file()
        self._end = len(MAGIC)
        start = os.pread(self._file, len(MAGIC), 0)
        if not MAGIC.startswith(start):
            os.close(self._file)
            raise OutputError(f"{path}: must be a file of records, begins with {start!r}")
        if len(start) < len(MAGIC):
            os.pwrite(self._file, MAGIC, 0)
            sync_folder(path.parent)

    @property
    def num_bytes(self) -> int:
        return self._end

    def replay(self) -> Iterator[bytes]:
        """All whole records from the beginning; what follows the last whole one is cut off. To be done first."""
        # Read through our own descriptor: a lock is gone as soon as its process closes any other one of the file.
        with open(self._file, "rb", closefd=False) as file:
            position = file.seek(len(MAGIC))
            while len(head := file.read(_HEAD_BYTES)) == _HEAD_BYTES:
                num_bytes, check = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")
                record = file.read(num_bytes) if num_bytes <= MAX_RECORD_BYTES else b""
                if len(record) < num_bytes or zlib.crc32(record, _CHECK_START) != check:
                    break
                position += _HEAD_BYTES + num_bytes
                yield record
        self._end = position
        os.ftruncate(self._file, position)

    def append(self, records: Iterable[bytes], durable: bool = False) -> None:
        """Write records; all of them or (on `OSError`) none. Durable ones are on the disk when this returns."""
        if not self._is_in_place():
            self._restore()
        data = b"".join(map(_framed, records))
        view, position = memoryview(data), self._end
        try:
            while view:
                written = os.pwrite(self._file, view, position)
                view, position = view[written:], position + written
            if durable:
                os.fdatasync(self._file)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._end)
            raise
        self._end = position

    def replace(self, records: Iterable[bytes]) -> None:
        """Write the file anew with these records only; on `OSError` it is as it was."""
        data = MAGIC + b"".join(map(_framed, records))
        write_file_whole(self.path, data, durable=True)
        self._reopen(len(data))

    def close(self) -> None:
        os.close(self._file)

    def _is_in_place(self) -> bool:
        """Whether the file still lies under its name: its folder may have been removed, or moved away."""
        here = os.fstat(self._file)
        try:
            there = self.path.stat()
        except OSError:
            return False
        return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)

    def _restore(self) -> None:
        """The file was removed or moved while it was open: what it held is written anew under its name."""
        data = os.pread(self._file, self._end, 0)
        write_file_whole(self.path, data, durable=True)
        self._reopen(len(data))

    def _reopen(self, num_bytes: int) -> None:
        file = os.open(self.path, os.O_RDWR)
        os.close(self._file)
        self._file, self._end = file, num_bytes
        self._lock_file()

    def _lock_file(self) -> None:
        try:
            os.lockf(self._file, os.F_TLOCK, 0)
        except OSError:
            os.close(self._file)
            raise OutputError(f"{self.path}: must be used by one process at a time, another one has it") from None


def _framed(record: bytes) -> bytes:
    check = zlib.crc32(record, _CHECK_START)
    return len(record).to_bytes(4, "big") + check.to_bytes(4, "big") + record


class Journal(RecordFile):
    """Records that are JSON objects."""

    def entries(self) -> Iterator[dict[str, Any]]:
        """As `replay`."""
        return (json.loads(record) for record in self.replay())

    def write(self, *entries: dict[str, Any], durable: bool = False) -> None:
        self.append((json.dumps(entry, separators=(",", ":")).encode() for entry in entries), durable)

    def rewrite(self, entries: Iterable[dict[str, Any]]) -> None:
        self.replace(json.dumps(entry, separators=(",", ":")).encode() for entry in entries)
