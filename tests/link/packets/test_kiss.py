"""KISS against the frames of its specification, and against whatever else may come."""

from hypothesis import given
from hypothesis import strategies as st

from semcom.link.packets.kiss import KissParser, encode_kiss
from semcom.link.packets.packet import MAX_PACKET_BYTES


def test_the_examples_of_the_specification():
    """[Chepponis 1987]: TEST on port 0, and C0 DB as two escapes."""
    assert encode_kiss(b"TEST") == bytes.fromhex("c0 00 54 45 53 54 c0")
    assert encode_kiss(b"\xc0\xdb") == bytes.fromhex("c0 00 db dc db dd c0")
    assert KissParser().push(bytes.fromhex("c0 00 db dc db dd c0")) == [b"\xc0\xdb"]


@given(st.lists(st.binary(min_size=0, max_size=40), max_size=8), st.integers(1, 7))
def test_packets_come_back_whatever_the_chunks(packets: list[bytes], chunk: int):
    data, parser, came = b"".join(map(encode_kiss, packets)), KissParser(), []
    for at in range(0, len(data), chunk):
        came += parser.push(data[at : at + chunk])
    assert came == packets
    assert parser.counts["frames"] == len(packets) and parser.num_refused == 0 and not parser.inside


@given(st.lists(st.binary(max_size=64), max_size=20))
def test_junk_is_counted_and_the_next_frame_is_read(chunks: list[bytes]):
    parser = KissParser()
    for chunk in chunks:
        parser.push(chunk)
    assert parser.push(b"\xc0" + encode_kiss(b"good"))[-1:] == [b"good"]


def test_each_fault_is_counted_under_its_name():
    parser = KissParser()
    assert parser.push(b"GET /\r\n") == [] and parser.counts["outside"] == 7
    assert parser.push(b"\xc0\x00ab\xdbx\xc0") == [] and parser.counts["bad_escape"] == 1
    assert parser.push(b"\xc0\x00ab\xdb\xc0") == [] and parser.counts["bad_escape"] == 2
    assert parser.push(b"\xc0\x10other port\xc0") == [] and parser.counts["other_port"] == 1
    assert parser.push(b"\xc0\x07what\xc0") == [] and parser.counts["unknown_command"] == 1
    assert parser.push(b"\xc0\x01\x32\xc0\xc0\xff\xc0") == [] and parser.counts["settings"] == 2
    assert parser.num_refused == 11
    assert parser.push(b"\xc0\x00half") == [] and parser.inside


def test_a_frame_without_end_holds_no_more_than_a_packet():
    parser = KissParser()
    assert parser.push(b"\xc0\x00" + bytes(MAX_PACKET_BYTES) + b"\xc0") == [bytes(MAX_PACKET_BYTES)]
    parser.push(b"\x00")
    for _ in range(40):
        assert parser.push(bytes(4096)) == []
        assert len(parser._frame) <= MAX_PACKET_BYTES + 4096
    assert parser.push(b"\xc0") == [] and parser.counts["too_long"] == 1
    assert parser.push(encode_kiss(b"next")) == [b"next"]
