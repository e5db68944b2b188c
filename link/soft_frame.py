"""A link frame whose payload may arrive as soft values: its head is exact, the bits after it come with their LLRs.

The only place where this byte layout is written and parsed (docs/link_frame.md):

```
0       1 byte   version, flag *soft*
1       6        stream, group, picture
7       1        layer
8       1        importance (3 bits), exact_bytes (5 bits)
9       1        num_items
10      exact    the first bytes of the payload, which must arrive exactly
        2        head_check: low 16 bits of the CRC-32 of everything before
        rest     the rest of the payload: bits that may be wrong
```

With the flag *padded* as well, the rest are complex symbols of four bytes each, sent as they are (*analog*).

Nothing is padded or cut in pieces: what cannot be whole gains nothing from short frames.
"""

from __future__ import annotations

from dataclasses import dataclass

from semcom.link.errors import FrameError, ItemError
from semcom.link.frame import (
    BASE_BYTES,
    HEADER_CHECK_BYTES,
    MAX_FRAME_BYTES,
    MAX_ITEMS_PER_SCOPE,
    VERSION,
    FrameName,
    item_check,
)
from semcom.link.item import ANALOG_SYMBOL_BYTES, MAX_EXACT_BYTES, MAX_IMPORTANCE, Key, checked_key

SOFT_FLAG = 0x02
ANALOG_FLAGS = 0x06
MAX_ANALOG_SYMBOLS = 8192
MAX_ANALOG_FRAME_BYTES = BASE_BYTES + MAX_EXACT_BYTES + HEADER_CHECK_BYTES + ANALOG_SYMBOL_BYTES * MAX_ANALOG_SYMBOLS
_ANALOG_START = bytes([VERSION << 4 | ANALOG_FLAGS])
_EXACT_BITS = 0x1F


@dataclass(frozen=True)
class SoftFrame:
    """One item whose payload may come damaged.

    Attributes
    ----------
    key : Key
    importance : int
        Of the item, 0 to 7.
    payload : bytes
        The bits of its soft part as they were decided, where it was received.
    exact_bytes : int
        First bytes of the payload that must arrive exactly, 0 to `MAX_EXACT_BYTES`; at least one byte follows.
    num_items : int
        Items sent for this picture; 0 = not said.
    llr : bytes
        LLRs of the bits after the exact bytes, one signed byte each, in steps of 1/8, positive for zero; empty where
        nobody told them. Of an analog frame: the noise variance of each symbol, one byte.
    analog : bool
        What follows the exact bytes are complex symbols, 1 to `MAX_ANALOG_SYMBOLS`.
    """

    key: Key
    importance: int
    payload: bytes
    exact_bytes: int
    num_items: int = 0
    llr: bytes = b""
    analog: bool = False

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "key", checked_key(self.key))
        except ItemError as error:
            raise FrameError("key", str(error)) from None
        soft_bytes = len(self.payload) - self.exact_bytes
        most = ANALOG_SYMBOL_BYTES * MAX_ANALOG_SYMBOLS if self.analog else MAX_FRAME_BYTES - self.coded_bytes
        rules = (
            ("importance", self.importance, 0, MAX_IMPORTANCE),
            ("exact_bytes", self.exact_bytes, 0, MAX_EXACT_BYTES),
            ("num_items", self.num_items, 0, MAX_ITEMS_PER_SCOPE),
            ("frame", self.coded_bytes + soft_bytes, self.coded_bytes + 1, self.coded_bytes + most),
        )
        for field, value, low, high in rules:
            if not low <= value <= high:
                unit = " bytes" if field == "frame" else ""
                raise FrameError(field, f"{field} must be {low} to {high}{unit}, got {value}")
        if self.analog and soft_bytes % ANALOG_SYMBOL_BYTES:
            rule = f"symbols must be {ANALOG_SYMBOL_BYTES} bytes each"
            raise FrameError("symbols", f"{rule}, got {soft_bytes} bytes")
        count, what = (soft_bytes // ANALOG_SYMBOL_BYTES, "symbols") if self.analog else (8 * soft_bytes, "bits")
        if len(self.llr) not in (0, count):
            raise FrameError("llr", f"llr must be one byte for each of {count} {what}, got {len(self.llr)}")

    @property
    def name(self) -> FrameName:
        return FrameName(self.key, 0)

    @property
    def coded_bytes(self) -> int:
        """Bytes from the start of the frame that must arrive exactly."""
        return BASE_BYTES + self.exact_bytes + HEADER_CHECK_BYTES

    def to_bytes(self) -> bytes:
        head = bytearray([VERSION << 4 | (ANALOG_FLAGS if self.analog else SOFT_FLAG)])
        for number in (self.key.stream, self.key.group, self.key.picture):
            head += number.to_bytes(2, "big")
        head += bytes([self.key.layer, self.importance << 5 | self.exact_bytes, self.num_items])
        head += self.payload[: self.exact_bytes]
        head += item_check(head).to_bytes(HEADER_CHECK_BYTES, "big")
        return bytes(head) + self.payload[self.exact_bytes :]

    @classmethod
    def from_bytes(cls, data: bytes, llr: bytes = b"") -> SoftFrame:
        """Parse one frame.

        Raises
        ------
        FrameError
            The head is not intact or not of this version, or `llr` is not that of the bits after it.
        """
        data = bytes(data)
        most = MAX_ANALOG_FRAME_BYTES if data[:1] == _ANALOG_START else MAX_FRAME_BYTES
        if not BASE_BYTES < len(data) <= most:
            raise FrameError("frame", f"frame must be {BASE_BYTES + 1} to {most} bytes, got {len(data)}")
        exact_bytes = data[8] & _EXACT_BITS
        end = BASE_BYTES + exact_bytes
        check, sent = item_check(data[:end]), int.from_bytes(data[end : end + HEADER_CHECK_BYTES], "big")
        if check != sent:
            raise FrameError("crc", f"head_check must be {check:04x}, got {sent:04x}")
        analog = data[:1] == _ANALOG_START
        if data[0] != VERSION << 4 | SOFT_FLAG and not analog:
            known = f"{VERSION << 4 | SOFT_FLAG:02x} or {VERSION << 4 | ANALOG_FLAGS:02x}"
            raise FrameError("version", f"version and flags must be {known}, got {data[0]:02x}")
        key = Key(*(int.from_bytes(data[at : at + 2], "big") for at in (1, 3, 5)), data[7])
        payload = data[BASE_BYTES:end] + data[end + HEADER_CHECK_BYTES :]
        return cls(key, data[8] >> 5, payload, exact_bytes, data[9], bytes(llr), analog)
