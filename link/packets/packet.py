"""What a packet is on its way: one item of the link, whose payload starts with a mark and a number.

```
datagram    D0 | sequence number u16 | bytes
stream      D1 | offset in the stream u48 | bytes
end         D2 | length of the stream u48 | CRC-32 of the stream u32
station     D3 | call sign, ASCII
```

No kind of semantic layer starts with these marks: who receives pictures skips packets, and the other way round. Written
and parsed here only; docs/link_frame.md has the layout.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from semcom.link.errors import FrameError, ItemError

MAX_PACKET_BYTES = 65535
"""The longest IP packet."""

MAX_CALLSIGN_BYTES = 32
MAX_STREAM_BYTES = (1 << 48) - 1
NUM_SEQUENCE_NUMBERS = 1 << 16
_OFFSET_BYTES = 6


class PacketKind(IntEnum):
    """First byte of a packet's payload."""

    DATAGRAM = 0xD0
    STREAM = 0xD1
    END = 0xD2
    STATION = 0xD3


_NUMBER_BYTES = {PacketKind.DATAGRAM: 2, PacketKind.STREAM: 6, PacketKind.END: 6, PacketKind.STATION: 0}
HEADER_BYTES = 1 + max(_NUMBER_BYTES.values())


@dataclass(frozen=True)
class Packet:
    """One packet.

    Attributes
    ----------
    kind : PacketKind
    data : bytes
        Up to `MAX_PACKET_BYTES`; of an end the CRC-32 of the stream, of a station its call sign.
    number : int
        Sequence number of a datagram, modulo 65536; offset of a piece of a stream; length of a stream at its end.
    """

    kind: PacketKind
    data: bytes
    number: int = 0

    def __post_init__(self) -> None:
        if len(self.data) > MAX_PACKET_BYTES:
            raise ItemError(f"packet must be at most {MAX_PACKET_BYTES} bytes, got {len(self.data)}")
        most = (1 << 8 * _NUMBER_BYTES[self.kind]) - 1
        if not 0 <= self.number <= most:
            raise ItemError(f"number of a {self.kind.name.lower()} packet must be 0 to {most}, got {self.number}")

    def to_bytes(self) -> bytes:
        """The payload of the item that carries it."""
        return bytes([self.kind]) + self.number.to_bytes(_NUMBER_BYTES[self.kind], "big") + self.data

    @staticmethod
    def is_marked(payload: bytes) -> bool:
        """Whether a payload says that it is a packet."""
        return bool(payload) and payload[0] in PacketKind._value2member_map_

    @classmethod
    def from_bytes(cls, payload: bytes) -> Packet:
        """Parse a payload.

        Raises
        ------
        FrameError
            It is no packet: field, rule, value.
        """
        if not cls.is_marked(payload):
            raise FrameError("packet", f"packet must start with d0 to d3, got {payload[:1].hex() or 'nothing'}")
        kind = PacketKind(payload[0])
        begin = 1 + _NUMBER_BYTES[kind]
        if len(payload) < begin:
            raise FrameError("packet", f"{kind.name.lower()} packet must be {begin} bytes or more, got {len(payload)}")
        data = payload[begin:]
        if len(data) > MAX_PACKET_BYTES:
            raise FrameError("packet", f"packet must be at most {MAX_PACKET_BYTES} bytes, got {len(data)}")
        if kind is PacketKind.END and len(data) != 4:
            raise FrameError("packet", f"end of a stream must have a CRC-32 of 4 bytes, got {len(data)}")
        if kind is PacketKind.STATION and not (len(data) <= MAX_CALLSIGN_BYTES and data.isascii()):
            rule = f"call sign must be ASCII of at most {MAX_CALLSIGN_BYTES} bytes"
            raise FrameError("packet", f"{rule}, got {len(data)} bytes")
        return cls(kind, data, int.from_bytes(payload[1:begin], "big"))
