"""A stream in pieces: any order gives its bytes; what is missing is named by offset."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from semcom.link.packets import stream
from semcom.link.packets.packet import Packet, PacketKind
from semcom.link.packets.stream import StreamCutter, StreamOrder


def cut(pieces: list[bytes]) -> list[Packet]:
    cutter = StreamCutter()
    return [*[cutter.piece(piece) for piece in pieces], cutter.end()]


@given(st.lists(st.binary(min_size=1, max_size=9), max_size=12), st.randoms(use_true_random=False))
def test_any_order_and_repeats_give_the_bytes(pieces: list[bytes], random: Random):
    *packets, end = cut(pieces)
    mixed = packets + random.sample(packets, len(packets) // 2)
    random.shuffle(mixed)
    order = StreamOrder()
    came = b"".join(order.take(packet) for packet in mixed)
    assert not order.ended and order.intact is None
    came += order.take(end)
    assert came == b"".join(pieces) and order.ended and order.intact and not order.holes


def test_what_is_missing_is_named_and_the_rest_is_given_out():
    packets = cut([b"abc", b"def", b"ghi", b"jk"])
    order = StreamOrder()
    assert [order.take(packets[0]), order.take(packets[2])] == [b"abc", b""]
    assert order.take(packets[4]) == b"ghi"
    assert order.holes == [(3, 6), (9, 11)] and order.missing_bytes == 5 and order.ended and order.intact is False


def test_without_an_end_the_rest_comes_with_its_holes():
    packets = cut([b"abc", b"def", b"ghi"])
    order = StreamOrder()
    assert order.take(packets[2]) == b"" and order.rest() == b"ghi"
    assert order.holes == [(0, 6)] and not order.ended
    assert StreamOrder().rest() == b""


def test_another_content_of_the_same_length_is_noticed():
    *packets, end = cut([b"abc", b"def"])
    order = StreamOrder()
    order.take(packets[0])
    order.take(Packet(PacketKind.STREAM, b"dEf", 3))
    order.take(end)
    assert order.intact is False and not order.holes


def test_what_waits_is_bounded(monkeypatch):
    monkeypatch.setattr(stream, "MAX_EARLY_BYTES", 3 * (stream._PIECE_BYTES + 30))
    packets = cut([bytes([number]) * 30 for number in range(12)])
    order = StreamOrder()
    came = b"".join(order.take(packet) for packet in packets[2:6])
    assert came == b"".join(bytes([number]) * 30 for number in range(2, 6)) and order.holes == [(0, 60)]
    assert order.take(packets[1]) == b""  # too late


@given(
    st.lists(st.tuples(st.integers(0, 40), st.binary(min_size=1, max_size=9)), max_size=12),
    st.integers(0, 60) | st.none(),
)
@settings(deadline=None)
def test_pieces_that_overlap_come_to_an_end(pieces: list[tuple[int, bytes]], end: int | None):
    """Forged ones: whatever they are, positions only grow and nothing is given out twice."""
    order, came = StreamOrder(), b""
    for offset, data in pieces:
        came += order.take(Packet(PacketKind.STREAM, data, offset))
    came += order.rest() if end is None else order.take(Packet(PacketKind.END, bytes(4), end))
    assert len(came) + order.missing_bytes == order.position and not order._early and not order._offsets
    assert all(begin < end for begin, end in order.holes)


def test_of_two_pieces_that_overlap_the_first_to_be_given_out_stands():
    order = StreamOrder()
    assert order.take(Packet(PacketKind.STREAM, b"xyz", 3)) == b""
    assert order.take(Packet(PacketKind.STREAM, b"abcde", 0)) == b"abcde"
    assert order.rest() == b"" and order.position == 5 and not order.holes


def test_many_small_pieces_are_given_out_in_a_moment():
    """Every second byte of a stream, backwards: each piece a hole."""
    order = StreamOrder()
    for offset in range(20000, 0, -2):
        assert order.take(Packet(PacketKind.STREAM, b"x", offset)) == b""
    assert order.rest() == b"x" * 10000 and len(order.holes) == 10000
