"""One link frame: a piece of an item with its name, its importance and a CRC-32, as bytes and back.

The only place where the byte layout of docs/link_frame.md is written and parsed. 14 bytes around the payload of an item
that fits one frame, 19 around a piece of a longer one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

from semcom.link.errors import FrameError, ItemError
from semcom.link.item import MAX_IMPORTANCE, Key, checked_key

VERSION = 1
MAX_FRAME_BYTES = 8192
MAX_PIECES = 4096
MAX_ITEMS_PER_SCOPE = 255

BASE_BYTES = 10
SPLIT_BYTES = 5
HEADER_CHECK_BYTES = 2
"""Of the head of a `soft_frame.SoftFrame`."""
CRC_BYTES = 4
OVERHEAD_WHOLE = BASE_BYTES + CRC_BYTES
OVERHEAD_PIECE = BASE_BYTES + SPLIT_BYTES + CRC_BYTES

_SPLIT, _PADDED, _RESERVED_FLAGS = 0x08, 0x04, 0x03  # of the reserved two, other kinds of frame have one each
_RESERVED_BITS = 0x1F
_PAD_MARK = 0x80


class FrameName(NamedTuple):
    """Name of a frame: which piece of which item."""

    key: Key
    piece: int

    def __str__(self) -> str:
        return f"{self.key}#{self.piece}"


@dataclass(frozen=True)
class Frame:
    """One piece of one item.

    Attributes
    ----------
    key : Key
    piece, num_pieces : int
        0 ≤ piece < num_pieces ≤ `MAX_PIECES`.
    importance : int
        Of the item, 0 to 7.
    num_items : int
        Items sent for this picture, so that one lost whole is noticed; 0 = not said.
    item_check : int
        16 bits of the item's CRC-32: pieces of different contents under one name are never put together.
    payload : bytes
    """

    key: Key
    importance: int
    payload: bytes
    piece: int = 0
    num_pieces: int = 1
    num_items: int = 0
    item_check: int | None = None

    def __post_init__(self) -> None:
        if self.item_check is None and self.num_pieces == 1:
            object.__setattr__(self, "item_check", item_check(self.payload))
        try:
            object.__setattr__(self, "key", checked_key(self.key))
        except ItemError as error:
            raise FrameError("key", str(error)) from None
        rules = (
            ("importance", self.importance, 0, MAX_IMPORTANCE),
            ("num_pieces", self.num_pieces, 1, MAX_PIECES),
            ("piece", self.piece, 0, self.num_pieces - 1),
            ("num_items", self.num_items, 0, MAX_ITEMS_PER_SCOPE),
        )
        for field, value, low, high in rules:
            if not low <= value <= high:
                raise FrameError(field, f"{field} must be {low} to {high}, got {value}")
        if self.item_check is None:
            raise FrameError("item_check", "item_check must be given for a piece of a longer item, got none")
        if not 0 <= self.item_check <= 0xFFFF:
            raise FrameError("item_check", f"item_check must be 0 to 65535, got {self.item_check}")
        if self.num_bytes > MAX_FRAME_BYTES:
            raise FrameError("frame", f"frame must be at most {MAX_FRAME_BYTES} bytes, got {self.num_bytes}")

    @property
    def name(self) -> FrameName:
        return FrameName(self.key, self.piece)

    @property
    def num_bytes(self) -> int:
        """Bytes of the frame without padding."""
        return overhead(self.num_pieces > 1) + len(self.payload)

    def to_bytes(self, padded_bytes: int = 0) -> bytes:
        """The frame as bytes, padded up to ``padded_bytes`` where that is more than it needs."""
        padding = padded_bytes - self.num_bytes
        if padded_bytes > MAX_FRAME_BYTES:
            raise FrameError("padding", f"padded frame must be at most {MAX_FRAME_BYTES} bytes, got {padded_bytes}")
        split = self.num_pieces > 1
        flags = _SPLIT * split | _PADDED * (padding > 0)
        header = bytearray([VERSION << 4 | flags])
        for number in (self.key.stream, self.key.group, self.key.picture):
            header += number.to_bytes(2, "big")
        header += bytes([self.key.layer, self.importance << 5, self.num_items])
        if split:
            header += (self.piece << 12 | self.num_pieces - 1).to_bytes(3, "big")
            header += self.item_check.to_bytes(2, "big")
        body = bytes(header) + self.payload
        if padding > 0:
            body += bytes([_PAD_MARK]) + bytes(padding - 1)
        return body + crc32(body).to_bytes(CRC_BYTES, "big")

    @classmethod
    def from_bytes(cls, data: bytes) -> Frame:
        """Parse one frame.

        Raises
        ------
        FrameError
            The bytes are no intact frame of this version.
        """
        num_bytes = len(data)
        if not OVERHEAD_WHOLE <= num_bytes <= MAX_FRAME_BYTES:
            raise FrameError("frame", f"frame must be {OVERHEAD_WHOLE} to {MAX_FRAME_BYTES} bytes, got {num_bytes}")
        data = bytes(data)
        flags = data[0] & 0x0F
        split = bool(flags & _SPLIT)
        body, crc = data[:-CRC_BYTES], int.from_bytes(data[-CRC_BYTES:], "big")
        header_bytes = overhead(split) - CRC_BYTES
        if crc32(body) != crc:
            raise FrameError("crc", f"CRC-32 must be {crc32(body):08x}, got {crc:08x}")
        if data[0] >> 4 != VERSION:
            raise FrameError("version", f"version must be {VERSION}, got {data[0] >> 4}")
        if flags & _RESERVED_FLAGS or data[8] & _RESERVED_BITS:
            bits = f"{flags & _RESERVED_FLAGS:x} and {data[8] & _RESERVED_BITS:02x}"
            raise FrameError("reserved", f"reserved bits must be 0, got {bits}")
        if len(body) < header_bytes:
            needed = header_bytes + CRC_BYTES
            raise FrameError("frame", f"frame with this header must be {needed} bytes or more, got {num_bytes}")
        payload = body[header_bytes:]
        if flags & _PADDED:
            payload = _without_padding(payload)
        piece, num_pieces, check = 0, 1, None
        if split:
            position = int.from_bytes(data[10:13], "big")
            piece, num_pieces, check = position >> 12, (position & 0xFFF) + 1, int.from_bytes(data[13:15], "big")
            if num_pieces < 2:
                raise FrameError("num_pieces", f"num_pieces of a split item must be 2 or more, got {num_pieces}")
        key = Key(*(int.from_bytes(data[at : at + 2], "big") for at in (1, 3, 5)), data[7])
        return cls(key, data[8] >> 5, payload, piece, num_pieces, data[9], check)


def overhead(split: bool) -> int:
    """Bytes of a frame besides its payload."""
    return OVERHEAD_WHOLE + SPLIT_BYTES * split


def item_check(data: bytes) -> int:
    """Low 16 bits of the CRC-32."""
    return crc32(data) & 0xFFFF


def _without_padding(payload: bytes) -> bytes:
    """The payload before the last 0x80."""
    end = payload.rstrip(b"\0")
    if end.endswith(bytes([_PAD_MARK])):
        return end[:-1]
    raise FrameError("padding", f"padding must be 80 00 .. 00, got ..{payload[-2:].hex()}")
