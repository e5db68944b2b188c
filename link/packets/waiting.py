"""Packets that wait for their turn on the air: bounded, and taken in batches that make a round."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from semcom.link.packets.framer import MAX_BATCH_PACKETS, PacketFramer
from semcom.link.packets.packet import Packet

MAX_WAITING_PACKETS = 512
MAX_WAITING_BYTES = 1 << 18
_HEADER_BYTES = 32
"""Of a frame, at most, when its airtime is guessed."""


class WaitingPackets:
    """First in, first out. Whoever adds asks for room first."""

    def __init__(self) -> None:
        self._packets: deque[Packet] = deque()
        self._num_bytes = 0

    def __len__(self) -> int:
        return len(self._packets)

    @property
    def has_room(self) -> bool:
        """Whether packets may be added."""
        return len(self._packets) < MAX_WAITING_PACKETS and self._num_bytes < MAX_WAITING_BYTES

    def add(self, packet: Packet) -> None:
        """A packet that is to wait."""
        self._packets.append(packet)
        self._num_bytes += len(packet.data)

    def take(
        self, framer: PacketFramer, most_frames: int, most_s: float, airtime_s: Callable[[int], float]
    ) -> list[Packet]:
        """As many packets as make a batch that is not too long; one at least, where there is one.

        Parameters
        ----------
        framer : PacketFramer
            Will make frames of them.
        most_frames : int
        most_s : float
            Airtime of all frames.
        airtime_s : callable
            Bytes of a frame → seconds.
        """
        packets: list[Packet] = []
        num_frames, total_s = 0, 0.0
        while self._packets and len(packets) < MAX_BATCH_PACKETS:
            size = len(self._packets[0].data)
            more = framer.num_frames(size)
            total_s += more * airtime_s(min(framer.max_frame_bytes, size + _HEADER_BYTES))
            num_frames += more
            if packets and (num_frames > most_frames or total_s > most_s):
                break
            packets.append(self._packets.popleft())
            self._num_bytes -= size
        return packets
