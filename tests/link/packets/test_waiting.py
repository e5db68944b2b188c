"""Packets wait in order, within bounds, and leave in batches that are not too long."""

import pytest

from semcom.link.packets import waiting
from semcom.link.packets.framer import MAX_BATCH_PACKETS, PacketFramer
from semcom.link.packets.packet import Packet, PacketKind
from semcom.link.packets.waiting import WaitingPackets


def filled(sizes) -> WaitingPackets:
    queue = WaitingPackets()
    for number, size in enumerate(sizes):
        queue.add(Packet(PacketKind.DATAGRAM, bytes(size), number))
    return queue


def sizes_of(packets) -> list[int]:
    return [len(packet.data) for packet in packets]


@pytest.mark.parametrize(
    ("most_frames", "most_s", "taken"),
    [
        (63, 9.0, [10, 20, 700, 5]),
        (1, 9.0, [10]),
        (0, 0.0, [10]),
        (4, 9.0, [10, 20]),
        (63, 1.1, [10]),
        (63, 2.0, [10, 20]),
    ],
)
def test_a_batch_ends_with_the_frames_or_the_airtime_that_a_round_may_have(most_frames, most_s, taken):
    queue = filled([10, 20, 700, 5])  # at one second a frame; 700 bytes are three frames of 256
    came = queue.take(PacketFramer(1, 256), most_frames, most_s, lambda num_bytes: 1.0)
    assert sizes_of(came) == taken and len(queue) == 4 - len(taken)
    assert sizes_of(queue.take(PacketFramer(1, 256), 63, 99.0, lambda num_bytes: 1.0)) == [10, 20, 700, 5][len(taken) :]
    assert queue.take(PacketFramer(1, 256), 63, 99.0, lambda num_bytes: 1.0) == []


def test_a_batch_has_as_many_packets_as_a_framer_takes():
    queue = filled([1] * (MAX_BATCH_PACKETS + 3))
    assert len(queue.take(PacketFramer(1, 256), 10_000, 1e9, lambda num_bytes: 0.0)) == MAX_BATCH_PACKETS
    assert len(queue) == 3


@pytest.mark.parametrize(("count", "size"), [(waiting.MAX_WAITING_PACKETS, 0), (5, 65_000)])
def test_there_is_room_again_when_something_has_left(count, size):
    queue = filled([size] * count)
    assert not queue.has_room and filled([size] * (count - 1)).has_room
    queue.take(PacketFramer(1, 8192), 1, 0.0, lambda num_bytes: 1.0)
    assert queue.has_room
