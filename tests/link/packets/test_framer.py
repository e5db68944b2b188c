"""Batches of packets as frames: what comes out of a receiver is what went in, split or not."""

import pytest

from semcom.link.errors import ItemError
from semcom.link.frame import Frame
from semcom.link.packets.framer import PacketFramer
from semcom.link.packets.packet import Packet, PacketKind
from semcom.link.receiver import Receiver


def packets_of(sizes: list[int], rng) -> list[Packet]:
    return [Packet(PacketKind.DATAGRAM, rng.bytes(size), number) for number, size in enumerate(sizes)]


def test_long_packets_are_split_and_put_together(rng):
    framer, receiver = PacketFramer(7, 256), Receiver()
    packets = packets_of([0, 1, 239, 240, 1500, 65535], rng)
    frames = framer.frames(packets)
    assert max(len(frame.data) for frame in frames) <= 256
    items = [item for frame in frames for item in receiver.push(frame.data).items]
    assert [Packet.from_bytes(item.payload) for item in items] == packets
    assert receiver.is_complete(frames[0].name.key.scope)
    for packet, needed in zip(packets, (1, 1, 1, 2, 7, 277), strict=True):
        own = [frame for frame in frames if frame.name.key.layer == packet.number]
        assert needed == len(own) <= framer.num_frames(len(packet.data)) <= len(own) + 1


def test_batches_have_names_of_their_own_beyond_a_group(rng):
    framer = PacketFramer(0xABCD, 256)
    (packet,) = packets_of([1], rng)
    scopes = [Frame.from_bytes(framer.frames([packet])[0].data).key.scope for _ in range(0x10001)]
    assert scopes[0] == (0xABCD, 0, 1) and scopes[0xFFFE] == (0xABCD, 0, 0xFFFF) and scopes[0xFFFF] == (0xABCD, 1, 1)
    assert len(set(scopes)) == len(scopes)


def test_a_batch_has_bounds(rng):
    framer = PacketFramer(1, 256)
    for count in (0, 256):
        with pytest.raises(ItemError, match="1 to 255"):
            framer.frames(packets_of([1] * count, rng))
