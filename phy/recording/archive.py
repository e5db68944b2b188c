"""SigMF archives: a recording inside a tar file, read where it lies.

Nothing is unpacked, so no name in an archive can reach a file outside; links and devices in it are passed over. What
headers say is bounded before it is read.
"""

from __future__ import annotations

import os
import tarfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from semcom.phy.errors import RecordingError
from semcom.phy.recording.files import DATA, META, Extent

MAX_MEMBERS = 4096
MAX_NAME_BYTES = 1 << 14
_BLOCK = tarfile.BLOCKSIZE
_LONG_NAMES = {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME}
_FILES = {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE}


def find_recording(path: Path, file: BinaryIO) -> tuple[str, Extent, Extent | None]:
    """Name, metadata and samples of the one recording in an archive; None where it has no samples.

    Raises
    ------
    RecordingError
        No archive, none or several recordings in it, or a header that cannot be.
    """
    members = _members(path, file)
    names = sorted(name.removesuffix(META) for name in members if name.endswith(META))
    if len(names) != 1:
        held = ", ".join(PurePosixPath(name).name for name in names[:5]) or "none"
        raise RecordingError(
            f"{path}: archive must hold one recording, got {len(names)} ({held:.200})"
            + (": unpack it with tar and name one of them" if names else "")
        )
    return names[0], members[names[0] + META], members.get(names[0] + DATA)


def _members(path: Path, file: BinaryIO) -> dict[str, Extent]:
    """Regular files by name; of two of one name the last counts, as with tar."""
    size = file.seek(0, os.SEEK_END)
    members: dict[str, Extent] = {}
    at, name, size_told = 0, "", None
    for _ in range(MAX_MEMBERS):
        file.seek(at)
        block = file.read(_BLOCK)
        if len(block) < _BLOCK or not block.strip(b"\0"):
            return members
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except (tarfile.HeaderError, ValueError) as error:
            raise RecordingError(f"{path}: must be a tar archive, at byte {at} it is none ({error})") from None
        long_name = header.type in _LONG_NAMES
        num_bytes = header.size if long_name or size_told is None else size_told
        if not 0 <= num_bytes <= size - at - _BLOCK:
            raise RecordingError(f"{path}: archive ends at byte {size}, before the end of {header.name!r:.100} in it")
        if long_name:
            if num_bytes > MAX_NAME_BYTES:
                raise RecordingError(
                    f"{path}: extended header must have at most {MAX_NAME_BYTES} bytes, got {num_bytes}"
                )
            if header.type != tarfile.XGLTYPE:
                told = _told(file.read(num_bytes), header.type == tarfile.GNUTYPE_LONGNAME)
                name, size_told = told.get("path", name), _whole(told.get("size"), size_told)
        else:
            if header.type in _FILES and not header.name.endswith("/"):
                members[name or header.name] = Extent(at + _BLOCK, num_bytes)
            elif header.type not in _FILES:
                num_bytes = 0 if header.type in (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE) else num_bytes
            name, size_told = "", None
        at += _BLOCK + -(-num_bytes // _BLOCK) * _BLOCK
    raise RecordingError(f"{path}: archive must hold at most {MAX_MEMBERS} files, got more")


def _told(body: bytes, is_name: bool) -> dict[str, str]:
    """What an extended header says: a long name alone (GNU), or lines ``LENGTH KEY=VALUE`` (POSIX pax)."""
    if is_name:
        return {"path": body.split(b"\0")[0].decode("utf-8", "surrogateescape")}
    told = {}
    while body:
        digits, _, rest = body.partition(b" ")
        length = int(digits) if digits.isdigit() and len(digits) < 8 else 0
        if not len(digits) + 1 < length <= len(body):
            break
        key, _, value = rest[: length - len(digits) - 2].partition(b"=")
        told[key.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        body = body[length:]
    return told


def _whole(text: str | None, otherwise: int | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else otherwise
