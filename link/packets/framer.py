"""Packets → link frames: a batch of packets under one scope, so that one report speaks of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from semcom.link.errors import ItemError
from semcom.link.frame import overhead
from semcom.link.item import MAX_IMPORTANCE, Item, Key
from semcom.link.packets.packet import HEADER_BYTES, Packet
from semcom.link.sender import OutgoingFrame, Sender

MAX_BATCH_PACKETS = 255
_BATCHES_PER_GROUP = 0xFFFF
_NUM_GROUPS = 1 << 16


class PacketFramer:
    """Numbers batches and splits packets that are longer than a frame.

    Parameters
    ----------
    stream : int
        0 to 65535; drawn by chance at each start, so that packets of before are never mixed with those of now.
    max_frame_bytes : int
        Longest frame, see `Sender`.
    """

    def __init__(self, stream: int, max_frame_bytes: int) -> None:
        self.stream = stream
        self._sender = Sender(max_frame_bytes)
        self._batches = 0

    @property
    def max_frame_bytes(self) -> int:
        return self._sender.max_frame_bytes

    def frames(self, packets: Sequence[Packet]) -> list[OutgoingFrame]:
        """Frames of the next batch, in the order of the packets.

        Raises
        ------
        ItemError
            More than `MAX_BATCH_PACKETS`, or none.
        """
        if not 1 <= len(packets) <= MAX_BATCH_PACKETS:
            raise ItemError(f"packets of a batch must number 1 to {MAX_BATCH_PACKETS}, got {len(packets)}")
        group, picture = divmod(self._batches, _BATCHES_PER_GROUP)
        self._batches += 1
        scope = self.stream, group % _NUM_GROUPS, picture + 1
        items = [
            Item(Key(*scope, at), MAX_IMPORTANCE, packet.to_bytes(), alone=True) for at, packet in enumerate(packets)
        ]
        return self._sender.frames(items)

    def num_frames(self, packet_bytes: int) -> int:
        """Frames, at most, of a packet of so many bytes."""
        whole = packet_bytes + HEADER_BYTES
        if whole <= self.max_frame_bytes - overhead(False):
            return 1
        return max(2, -(-whole // (self.max_frame_bytes - overhead(True))))
