"""One symbol of a set of items as a frame: a sibling of `frame.Frame`, told apart by a flag of the first byte.

Written and parsed here only; the layout is in docs/link_frame.md. 17 bytes around the symbol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

from semcom.link.errors import FrameError, ItemError
from semcom.link.frame import CRC_BYTES, MAX_FRAME_BYTES, VERSION, Frame, FrameName
from semcom.link.item import Key, Scope, checked_key
from semcom.link.parity.item_set import MAX_SET_BYTES, MAX_SYMBOLS, num_source_symbols
from semcom.link.soft_frame import SOFT_FLAG, SoftFrame

SET_FLAG = 0x01
HEADER_BYTES = 13
OVERHEAD_SET = HEADER_BYTES + CRC_BYTES
FIRST_SET = 256
MAX_SETS = 256


class SetKey(NamedTuple):
    """Name of a set of items of one picture; its last number is none that an item can have."""

    stream: int
    group: int
    picture: int
    number: int  # 256 + number of the set

    @classmethod
    def of(cls, scope: Scope, set_number: int) -> SetKey:
        """The name of a picture's set, 0..255."""
        return cls(*scope, FIRST_SET + set_number)

    @property
    def scope(self) -> Scope:
        return Scope(self.stream, self.group, self.picture)

    @property
    def set_number(self) -> int:
        return self.number - FIRST_SET

    def __str__(self) -> str:
        return f"{self.scope}/set{self.set_number}"


@dataclass(frozen=True)
class SetFrame:
    """One symbol of one set.

    Attributes
    ----------
    key : SetKey
    symbol : int
        0 ≤ symbol < `MAX_SYMBOLS`; below ``num_source_symbols`` it is a part of the set itself.
    set_bytes : int
        Length of the set.
    check : int
        Low 16 bits of the set's CRC-32.
    payload : bytes
        The symbol; all of a set are equally long.
    """

    key: SetKey
    symbol: int
    set_bytes: int
    check: int
    payload: bytes

    def __post_init__(self) -> None:
        try:
            checked_key(Key(*self.key.scope, self.key.set_number))
        except ItemError as error:
            raise FrameError("key", str(error)) from None
        rules = (
            ("symbol", self.symbol, 0, MAX_SYMBOLS - 1),
            ("set_bytes", self.set_bytes, 1, MAX_SET_BYTES),
            ("check", self.check, 0, 0xFFFF),
            ("symbol length", len(self.payload), 1, MAX_FRAME_BYTES - OVERHEAD_SET),
        )
        for field, value, low, high in rules:
            if not low <= value <= high:
                raise FrameError(field, f"{field} must be {low} to {high}, got {value}")
        if self.num_source_symbols > MAX_SYMBOLS:
            raise FrameError(
                "set_bytes",
                f"set_bytes must be at most {MAX_SYMBOLS} symbols of {len(self.payload)} bytes, got {self.set_bytes}",
            )

    @property
    def num_source_symbols(self) -> int:
        return num_source_symbols(self.set_bytes, len(self.payload))

    @property
    def name(self) -> FrameName:
        return FrameName(self.key, self.symbol)

    def to_bytes(self) -> bytes:
        header = bytes([VERSION << 4 | SET_FLAG])
        for number in (self.key.stream, self.key.group, self.key.picture):
            header += number.to_bytes(2, "big")
        header += bytes([self.key.set_number, self.symbol])
        header += self.set_bytes.to_bytes(2, "big") + self.check.to_bytes(2, "big")
        body = header + self.payload
        return body + crc32(body).to_bytes(CRC_BYTES, "big")

    @classmethod
    def from_bytes(cls, data: bytes) -> SetFrame:
        """Parse one frame.

        Raises
        ------
        FrameError
        """
        if not OVERHEAD_SET < len(data) <= MAX_FRAME_BYTES:
            raise FrameError("frame", f"frame must be {OVERHEAD_SET + 1} to {MAX_FRAME_BYTES} bytes, got {len(data)}")
        body, crc = data[:-CRC_BYTES], int.from_bytes(data[-CRC_BYTES:], "big")
        if crc32(body) != crc:
            raise FrameError("crc", f"CRC-32 must be {crc32(body):08x}, got {crc:08x}")
        if data[0] >> 4 != VERSION:
            raise FrameError("version", f"version must be {VERSION}, got {data[0] >> 4}")
        if data[0] & 0x0F != SET_FLAG:
            raise FrameError("reserved", f"flags of a set's frame must be {SET_FLAG:x}, got {data[0] & 0x0F:x}")
        key = SetKey.of(Scope(*(int.from_bytes(data[at : at + 2], "big") for at in (1, 3, 5))), data[7])
        set_bytes, check = (int.from_bytes(data[at : at + 2], "big") for at in (9, 11))
        return cls(key, data[8], set_bytes, check, body[HEADER_BYTES:])


def key_of(numbers: Sequence[int]) -> Key | SetKey:
    """The name that four numbers mean: of an item, or from 256 on of a set.

    Raises
    ------
    ItemError
        A number out of range.
    """
    if len(numbers) == 4 and FIRST_SET <= numbers[3] < FIRST_SET + MAX_SETS:
        checked_key((*numbers[:3], numbers[3] - FIRST_SET))
        return SetKey(*numbers)
    return checked_key(numbers)


def read_frame(data: bytes, llr: bytes = b"") -> Frame | SetFrame | SoftFrame:
    """A frame of any kind; `llr`: LLRs of the bits at its end that came as soft values.

    Raises
    ------
    FrameError
        It is of none: field, rule, value.
    """
    if data and data[0] & SET_FLAG:
        return SetFrame.from_bytes(data)
    return SoftFrame.from_bytes(data, llr) if data and data[0] & SOFT_FLAG else Frame.from_bytes(data)
