"""Reading and writing the fields of packets and layers: bytes, varints and packed bits, never past the end.

Every read names its field, so that an error says which field broke which rule with which value.
"""

from __future__ import annotations

from semcom.semantic.errors import LayerError, PacketError

MAX_VARINT_BYTES = 4
"""Longest varint accepted: 28 bits of value."""

MAX_CODED_PIXELS = 1 << 20
"""Most pixels that all maps and sub-images of one packet may hold together: bounds the time and memory of decoding."""


class PixelBudget:
    """Pixels that a packet may still make its decoder produce."""

    def __init__(self, left: int = MAX_CODED_PIXELS) -> None:
        self.left = left


class ByteWriter:
    """Appends fields to a byte string; refuses what `ByteReader` would refuse.

    Parameters
    ----------
    what : str
        What is written, as errors call it.
    """

    def __init__(self, what: str = "content") -> None:
        self._data = bytearray()
        self._what = what

    def fail(self, field: str, rule: str, value: object) -> LayerError:
        return LayerError(f"{self._what}: {field} {rule}, got {value}")

    def bounded(self, value: int, field: str, least: int, most: int) -> int:
        """The value where it is within the bounds that the reader checks; writes nothing."""
        if not least <= value <= most:
            raise self.fail(field, f"must be in {least}..{most}", value)
        return int(value)

    def u8(self, value: int) -> ByteWriter:
        self._data.append(self.bounded(value, "byte", 0, 255))
        return self

    def u16(self, value: int) -> ByteWriter:
        self._data += self.bounded(value, "16-bit number", 0, 0xFFFF).to_bytes(2, "big")
        return self

    def varint(self, value: int) -> ByteWriter:
        """Little-endian groups of seven bits; the high bit of a byte says that another follows."""
        if not 0 <= value < 1 << 7 * MAX_VARINT_BYTES:
            raise self.fail("varint", f"must be in 0..{(1 << 7 * MAX_VARINT_BYTES) - 1}", value)
        while value > 127:
            self._data.append(value & 127 | 128)
            value >>= 7
        self._data.append(value)
        return self

    def raw(self, data: bytes) -> ByteWriter:
        self._data += data
        return self

    def block(self, data: bytes) -> ByteWriter:
        """Length as varint, then the bytes."""
        return self.varint(len(data)).raw(data)

    def to_bytes(self) -> bytes:
        return bytes(self._data)


class ByteReader:
    """Takes fields off a byte string; refuses to read past its end."""

    def __init__(self, data: bytes, what: str, pixels: PixelBudget | None = None) -> None:
        self._data = bytes(data)
        self._position = 0
        self._what = what
        self._pixels = PixelBudget() if pixels is None else pixels

    @property
    def remaining(self) -> int:
        return len(self._data) - self._position

    def fail(self, field: str, rule: str, value: object) -> PacketError:
        return PacketError(f"{self._what}: {field} {rule}, got {value}")

    def raw(self, count: int, field: str) -> bytes:
        if count > self.remaining:
            raise self.fail(field, f"needs {count} bytes", f"{self.remaining} left")
        self._position += count
        return self._data[self._position - count : self._position]

    def u8(self, field: str) -> int:
        return self.raw(1, field)[0]

    def u16(self, field: str) -> int:
        return int.from_bytes(self.raw(2, field), "big")

    def varint(self, field: str, least: int = 0, most: int = (1 << 7 * MAX_VARINT_BYTES) - 1) -> int:
        value = 0
        for position in range(MAX_VARINT_BYTES):
            byte = self.u8(field)
            value |= (byte & 127) << 7 * position
            if byte < 128:
                if byte == 0 and position > 0:  # a packet has one form, so that what was read is what would be written
                    raise self.fail(
                        field, "must be the shortest varint of its value", f"{value} in {position + 1} bytes"
                    )
                return self.bounded(value, field, least, most)
        raise self.fail(field, f"must be a varint of at most {MAX_VARINT_BYTES} bytes", "a longer one")

    def bounded(self, value: int, field: str, least: int, most: int) -> int:
        if not least <= value <= most:
            raise self.fail(field, f"must be in {least}..{most}", value)
        return value

    def spend_pixels(self, rows: int, columns: int, field: str) -> None:
        """Take pixels from the packet's budget, before they are decoded."""
        if rows * columns > self._pixels.left:
            raise self.fail(field, f"must have at most {self._pixels.left} pixels", f"{columns} × {rows}")
        self._pixels.left -= rows * columns

    def block(self, field: str, most: int) -> bytes:
        return self.raw(self.varint(f"{field} length", 0, most), field)

    def rest(self) -> bytes:
        return self.raw(self.remaining, "rest")

    def end(self) -> None:
        if self.remaining:
            raise self.fail("end", "must have nothing behind it", f"{self.remaining} bytes")


class BitWriter:
    """Packs small unsigned numbers, most significant bit first."""

    def __init__(self) -> None:
        self._value = 0
        self._num_bits = 0

    def put(self, value: int, num_bits: int) -> None:
        if not 0 <= value < 1 << num_bits:
            raise ValueError(f"value must fit {num_bits} bits, got {value}")
        self._value = self._value << num_bits | value
        self._num_bits += num_bits

    def to_bytes(self) -> bytes:
        num_bytes = (self._num_bits + 7) // 8
        return (self._value << 8 * num_bytes - self._num_bits).to_bytes(num_bytes, "big")


class BitReader:
    """Unpacks what `BitWriter` packed; the caller has bounded the length of `data`."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    @property
    def left(self) -> int:
        """Bits that have not been taken."""
        return self._left

    def take(self, num_bits: int) -> int:
        self._left -= num_bits
        return self._value >> self._left & (1 << num_bits) - 1
