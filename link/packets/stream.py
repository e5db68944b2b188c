"""A stream of bytes as packets, and back in its order: each piece says at which offset it lies."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from zlib import crc32

from semcom.link.packets.packet import Packet, PacketKind

MAX_EARLY_BYTES = 1 << 22
"""Pieces that came before others and wait for them; beyond, what is missing is passed over."""
_PIECE_BYTES = 128
"""What a piece that waits takes besides its bytes."""


class StreamCutter:
    """Cuts a stream into packets and says its length and CRC-32 at the end."""

    def __init__(self) -> None:
        self._offset = self._crc = 0

    def piece(self, data: bytes) -> Packet:
        """The next bytes as a packet."""
        packet = Packet(PacketKind.STREAM, data, self._offset)
        self._offset += len(data)
        self._crc = crc32(data, self._crc)
        return packet

    def end(self) -> Packet:
        """Nothing follows."""
        return Packet(PacketKind.END, self._crc.to_bytes(4, "big"), self._offset)


@dataclass
class StreamOrder:
    """Pieces in any order, once each, → the bytes in their order, and which are missing.

    Attributes
    ----------
    position : int
        Bytes of the stream that were given out or passed over.
    holes : list of (int, int)
        Begin and end of what was passed over.
    ended : bool
        The end has come and everything before it was given out or passed over.
    intact : bool or None
        Whether the CRC-32 of the whole agrees; None where the end has not come.
    """

    position: int = 0
    holes: list[tuple[int, int]] = field(default_factory=list)
    ended: bool = False
    intact: bool | None = None
    _early: dict[int, bytes] = field(default_factory=dict)
    _offsets: list[int] = field(default_factory=list)  # of `_early`, a heap
    _early_bytes: int = 0
    _crc: int = 0

    @property
    def missing_bytes(self) -> int:
        return sum(end - begin for begin, end in self.holes)

    def take(self, packet: Packet) -> bytes:
        """A piece or the end; what can be given out now."""
        if self.ended:
            return b""
        if packet.kind is PacketKind.END:
            out = self._give_out(packet.number)
            self._pass_over(packet.number)
            self.ended = True
            self.intact = not self.holes and self._crc == int.from_bytes(packet.data, "big")
            self._early.clear()
            self._offsets.clear()
            return out
        if packet.number >= self.position and packet.number not in self._early and packet.data:
            self._early[packet.number] = packet.data
            heappush(self._offsets, packet.number)
            self._early_bytes += _PIECE_BYTES + len(packet.data)
        parts = [self._in_turn()]
        while self._early_bytes > MAX_EARLY_BYTES:
            self._pass_over(self._offsets[0])
            parts.append(self._in_turn())
        return b"".join(parts)

    def rest(self) -> bytes:
        """Nothing more will come, though there was no end: what waits, with its holes."""
        return self._give_out(max(self._early, default=self.position) + 1)

    def _give_out(self, before: int) -> bytes:
        """All that waits and begins before this offset."""
        parts = [self._in_turn()]
        while self._offsets and self._offsets[0] < before:
            self._pass_over(self._offsets[0])
            parts.append(self._in_turn())
        return b"".join(parts)

    def _in_turn(self) -> bytes:
        """What follows on what was given out. A piece that begins before that overlaps another one: no cutter of ours
        made both, and the first to be given out stands."""
        parts = []
        while self._offsets and self._offsets[0] <= self.position:
            offset = heappop(self._offsets)
            data = self._early.pop(offset)
            self._early_bytes -= _PIECE_BYTES + len(data)
            if offset == self.position:
                parts.append(data)
                self.position += len(data)
        out = b"".join(parts)
        self._crc = crc32(out, self._crc)
        return out

    def _pass_over(self, offset: int) -> None:
        if offset > self.position:
            self.holes.append((self.position, offset))
            self.position = offset
