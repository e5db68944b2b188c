"""Directories of a TIFF file (or an Exif block): tags with their values, bounded, loops ended.

References
----------
TIFF 6.0, section 2; BigTIFF (tags of 20 bytes, offsets of 8); Exif 2.32, 4.6.2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from semcom.semantic.errors import PictureError

MAX_DIRECTORIES = 256
MAX_TAGS = 1024
MAX_VALUES = 1 << 20
SUB_DIRECTORIES = 330

_TYPES = {1: "B", 2: "s", 3: "H", 4: "I", 5: "II", 6: "b", 7: "s", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d",
          13: "I", 16: "Q", 17: "q", 18: "Q"}  # fmt: skip
"""struct letters of each type of value; rationals are two numbers, text and undefined bytes stay bytes."""


@dataclass(frozen=True)
class Tag:
    """One entry: type and number of its values, and where they lie."""

    type: int
    count: int
    offset: int


@dataclass(frozen=True)
class Directory:
    """The tags of one page.

    Attributes
    ----------
    data : bytes
        Of the file.
    order : str
        ``<`` or ``>``.
    tags : dict of int to Tag
    is_sub : bool
        It hangs below another page.
    """

    data: bytes
    order: str
    tags: dict[int, Tag]
    is_sub: bool = False

    def __contains__(self, number: int) -> bool:
        return number in self.tags

    def raw(self, number: int) -> bytes | None:
        """Bytes of a tag's values; None where it is not there or reaches beyond the file."""
        tag = self.tags.get(number)
        if tag is None or tag.type not in _TYPES:
            return None
        size = struct.calcsize("<" + _TYPES[tag.type]) * tag.count
        part = self.data[tag.offset : tag.offset + size]
        return bytes(part) if size and len(part) == size else None

    def numbers(self, number: int) -> tuple[float, ...]:
        """A tag's values; none where there are none, too many, or where they cannot be read."""
        raw = self.raw(number)
        if raw is None or self.tags[number].count > MAX_VALUES:
            return ()
        letters = _TYPES[self.tags[number].type]
        if letters == "s":
            return tuple(raw)
        values = struct.unpack(f"{self.order}{self.tags[number].count * len(letters)}{letters[0]}", raw)
        if len(letters) == 2:
            values = tuple(a / b if b else 0.0 for a, b in zip(values[::2], values[1::2], strict=True))
        return values

    def number(self, number: int, default: int) -> int:
        """A tag's first value as an integer."""
        values = self.numbers(number)
        try:
            return int(values[0]) if values else default
        except (ValueError, OverflowError):  # a float that is no number
            return default


def read_directories(data: bytes, most: int = MAX_DIRECTORIES) -> list[Directory]:
    """The pages of a TIFF file in order, each followed by those that hang below it.

    Raises
    ------
    PictureError
        There is not a single one.
    """
    order = {b"II": "<", b"MM": ">"}.get(bytes(data[:2]))
    if order is None or len(data) < 8:
        raise PictureError("must begin as a TIFF file does")
    version = struct.unpack(order + "H", data[2:4])[0]
    is_big = version == 43
    if is_big and len(data) < 16:
        raise PictureError("is cut short")
    first = struct.unpack(order + "Q", data[8:16])[0] if is_big else struct.unpack(order + "I", data[4:8])[0]
    found: list[Directory] = []
    seen: set[int] = set()
    _follow(data, order, is_big, first, False, found, seen, most)
    if not found:
        raise PictureError("has no directory that can be read: it is cut short or damaged")
    return found


def _follow(
    data: bytes, order: str, is_big: bool, offset: int, is_sub: bool, found: list[Directory], seen: set[int], most: int
) -> None:
    """A chain of directories into `found`."""
    while offset and offset not in seen and len(found) < most:
        seen.add(offset)
        try:
            directory, following = _read(data, order, is_big, offset, is_sub)
        except struct.error:
            return
        found.append(directory)
        if not is_sub:  # deeper ones hold no pictures
            for below in directory.numbers(SUB_DIRECTORIES)[:MAX_DIRECTORIES]:
                if len(found) < most:
                    _follow(data, order, is_big, int(below), True, found, seen, most)
        offset = 0 if is_sub else following


def _read(data: bytes, order: str, is_big: bool, offset: int, is_sub: bool) -> tuple[Directory, int]:
    """One directory and the offset of the next; what is cut off is left out."""
    count = struct.unpack_from(order + ("Q" if is_big else "H"), data, offset)[0]
    at = offset + (8 if is_big else 2)
    entry_bytes, letters, room = (20, "HHQQ", 8) if is_big else (12, "HHII", 4)
    if count > MAX_TAGS:
        raise struct.error("too many tags")
    tags = {}
    for index in range(count):
        begin = at + index * entry_bytes
        if begin + entry_bytes > len(data):
            break
        number, kind, values, where = struct.unpack_from(order + letters, data, begin)
        size = struct.calcsize("<" + _TYPES[kind]) * values if kind in _TYPES else 0
        tags.setdefault(number, Tag(kind, values, where if size > room else begin + entry_bytes - room))
    if not tags:
        raise struct.error("no tags")
    try:
        following = struct.unpack_from(order + ("Q" if is_big else "I"), data, at + count * entry_bytes)[0]
    except struct.error:
        following = 0
    return Directory(data, order, tags, is_sub), following
