"""Packets in a stream of bytes, each behind its length: four bytes, most significant first."""

from __future__ import annotations

from semcom.link.errors import FrameError
from semcom.link.packets.packet import MAX_PACKET_BYTES

LENGTH_BYTES = 4


def encode_length_prefix(packet: bytes) -> bytes:
    """One packet behind its length."""
    return len(packet).to_bytes(LENGTH_BYTES, "big") + packet


class LengthPrefixParser:
    """Bytes as they come → packets. Holds at most one packet."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    @property
    def num_waiting(self) -> int:
        """Bytes of a packet that is not whole."""
        return len(self._waiting)

    def push(self, data: bytes) -> list[bytes]:
        """The packets that these bytes complete.

        Raises
        ------
        FrameError
            A length above `MAX_PACKET_BYTES`: from there on nothing can be told apart.
        """
        self._waiting += data
        packets, at = [], 0
        while len(self._waiting) - at >= LENGTH_BYTES:
            length = int.from_bytes(self._waiting[at : at + LENGTH_BYTES], "big")
            if length > MAX_PACKET_BYTES:
                raise FrameError("length", f"length of a packet must be at most {MAX_PACKET_BYTES}, got {length}")
            if len(self._waiting) - at < LENGTH_BYTES + length:
                break
            packets.append(bytes(self._waiting[at + LENGTH_BYTES : at + LENGTH_BYTES + length]))
            at += LENGTH_BYTES + length
        del self._waiting[:at]
        return packets

    def end(self) -> None:
        """Nothing follows.

        Raises
        ------
        FrameError
            Half a packet is left.
        """
        if self._waiting:
            announced = "an unfinished length"
            if len(self._waiting) >= LENGTH_BYTES:
                length = int.from_bytes(self._waiting[:LENGTH_BYTES], "big")
                announced = f"{len(self._waiting) - LENGTH_BYTES} of {length} bytes"
            raise FrameError("length", f"last packet must be whole, got {announced}")
