"""The parts of a message's body: each knows its bytes, its limits, and its name for errors.

Integers and floats most significant byte first. A limit is checked before anything of that size is made.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

from semcom.link.errors import ItemError, MessageError
from semcom.link.frame import MAX_PIECES, FrameName
from semcom.link.parity.set_frame import key_of

_NAME = struct.Struct(">HHHHH")
_SHOWN_BYTES = 40


class Cursor:
    """Walks through the bytes of a body; asking for more than there is raises `MessageError`."""

    def __init__(self, data: bytes) -> None:
        self.data, self.position = data, 0

    def take(self, field: str, num_bytes: int) -> bytes:
        left = len(self.data) - self.position
        if num_bytes > left:
            raise MessageError(field, f"{field} must have {num_bytes} bytes, got {left}")
        self.position += num_bytes
        return self.data[self.position - num_bytes : self.position]

    @property
    def at_end(self) -> bool:
        return self.position == len(self.data)

    def end(self) -> None:
        left = len(self.data) - self.position
        if left:
            raise MessageError("body", f"body must end after its last field, got {left} more bytes")


@dataclass(frozen=True)
class Number:
    """An unsigned integer of ``num_bytes``, from ``low`` to ``high``."""

    num_bytes: int
    low: int = 0
    high: int | None = None

    def check(self, field: str, value: Any) -> int:
        high = (1 << 8 * self.num_bytes) - 1 if self.high is None else self.high
        if not isinstance(value, int) or not self.low <= value <= high:
            raise MessageError(field, f"{field} must be {self.low} to {high}, got {value!r}")
        return value

    def pack(self, field: str, value: Any) -> bytes:
        return int(self.check(field, value)).to_bytes(self.num_bytes, "big")

    def unpack(self, field: str, cursor: Cursor) -> int:
        return self.check(field, int.from_bytes(cursor.take(field, self.num_bytes), "big"))


@dataclass(frozen=True)
class Flag:
    """A byte that is 0 or 1."""

    def pack(self, field: str, value: Any) -> bytes:
        return b"\1" if value else b"\0"

    def unpack(self, field: str, cursor: Cursor) -> bool:
        return bool(Number(1, 0, 1).unpack(field, cursor))


@dataclass(frozen=True)
class Real:
    """A float of 8 bytes; NaN says that the value is not known; never infinite."""

    def pack(self, field: str, value: Any) -> bytes:
        value = float(value)
        return struct.pack(">d", math.nan if math.isinf(value) else value)

    def unpack(self, field: str, cursor: Cursor) -> float:
        (value,) = struct.unpack(">d", cursor.take(field, 8))
        if math.isinf(value):
            raise MessageError(field, f"{field} must be finite or NaN, got {value}")
        return value


@dataclass(frozen=True)
class Blob:
    """A length of 4 bytes and that many bytes."""

    most_bytes: int

    def pack(self, field: str, value: Any) -> bytes:
        self._check(field, len(value))
        return len(value).to_bytes(4, "big") + bytes(value)

    def unpack(self, field: str, cursor: Cursor) -> bytes:
        num_bytes = int.from_bytes(cursor.take(field, 4), "big")
        self._check(field, num_bytes)
        return cursor.take(field, num_bytes)

    def _check(self, field: str, num_bytes: int) -> None:
        if num_bytes > self.most_bytes:
            raise MessageError(field, f"{field} must be at most {self.most_bytes} bytes, got {num_bytes}")


@dataclass(frozen=True)
class Appended:
    """A blob at the end of a body that older senders do not write: empty where it is not there, else never empty."""

    most_bytes: int

    def pack(self, field: str, value: Any) -> bytes:
        return Blob(self.most_bytes).pack(field, value) if value else b""

    def unpack(self, field: str, cursor: Cursor) -> bytes:
        if cursor.at_end:
            return b""
        value = Blob(self.most_bytes).unpack(field, cursor)
        if not value:
            raise MessageError(field, f"{field} must have 1 byte or more where it is there, got 0")
        return value


@dataclass(frozen=True)
class Text:
    """As `Blob`, but UTF-8 of printable characters."""

    most_bytes: int

    def pack(self, field: str, value: Any) -> bytes:
        kept = "".join(character if character.isprintable() else "?" for character in value)
        data = kept.encode("utf-8", "replace")[: self.most_bytes]
        return Blob(self.most_bytes).pack(field, data.decode("utf-8", "ignore").encode())

    def unpack(self, field: str, cursor: Cursor) -> str:
        data = Blob(self.most_bytes).unpack(field, cursor)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = "\0"
        if not text.isprintable():
            raise MessageError(field, f"{field} must be printable UTF-8, got {data[:_SHOWN_BYTES]!r}")
        return text


@dataclass(frozen=True)
class Names:
    """A count of 2 bytes and that many names of frames, 10 bytes each."""

    most: int

    def pack(self, field: str, value: Any) -> bytes:
        Number(2, 0, self.most).check(field, len(value))
        names = [self._name(field, (*name.key, name.piece)) for name in value]
        return len(value).to_bytes(2, "big") + b"".join(_NAME.pack(*name.key, name.piece) for name in names)

    def unpack(self, field: str, cursor: Cursor) -> tuple[FrameName, ...]:
        count = Number(2, 0, self.most).unpack(field, cursor)
        data = cursor.take(field, count * _NAME.size)
        return tuple(self._name(field, numbers) for numbers in _NAME.iter_unpack(data))

    def _name(self, field: str, numbers: tuple[int, ...]) -> FrameName:
        *key, piece = numbers
        if not 0 <= piece < MAX_PIECES:
            raise MessageError(field, f"piece of {field} must be 0 to {MAX_PIECES - 1}, got {piece}")
        try:
            return FrameName(key_of(key), piece)
        except ItemError as error:
            raise MessageError(field, str(error)) from None


@dataclass(frozen=True)
class Outcomes:
    """A count of 2 bytes and that many pairs: number of a frame (8 bytes), what became of it (1 byte)."""

    most: int
    highest_code: int

    def pack(self, field: str, value: Any) -> bytes:
        Number(2, 0, self.most).check(field, len(value))
        code_of = Number(1, 0, self.highest_code)
        pairs = b"".join(Number(8).pack(field, number) + code_of.pack(field, code) for number, code in value)
        return len(value).to_bytes(2, "big") + pairs

    def unpack(self, field: str, cursor: Cursor) -> tuple[tuple[int, int], ...]:
        count = Number(2, 0, self.most).unpack(field, cursor)
        data = cursor.take(field, 9 * count)
        code = Number(1, 0, self.highest_code)
        return tuple(
            (int.from_bytes(data[at : at + 8], "big"), code.check(field, data[at + 8])) for at in range(0, 9 * count, 9)
        )
