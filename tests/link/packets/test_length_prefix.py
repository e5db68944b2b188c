"""Packets behind their lengths: round trip, half a packet, a length that cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.link.errors import FrameError
from semcom.link.packets.length_prefix import LengthPrefixParser, encode_length_prefix
from semcom.link.packets.packet import MAX_PACKET_BYTES


@given(st.lists(st.binary(max_size=30), max_size=8), st.integers(1, 9))
def test_packets_come_back_whatever_the_chunks(packets: list[bytes], chunk: int):
    data, parser, came = b"".join(map(encode_length_prefix, packets)), LengthPrefixParser(), []
    for at in range(0, len(data), chunk):
        came += parser.push(data[at : at + chunk])
    parser.end()
    assert came == packets


@pytest.mark.parametrize(
    ("data", "words"), [(b"\0\0", "unfinished length"), (b"\0\0\0\5abc", "3 of 5 bytes"), (b"\0\0\0\1", "0 of 1")]
)
def test_half_a_packet_is_named(data: bytes, words: str):
    parser = LengthPrefixParser()
    assert parser.push(encode_length_prefix(b"whole") + data) == [b"whole"]
    with pytest.raises(FrameError, match=words):
        parser.end()


def test_a_length_above_the_limit_is_refused_before_anything_is_kept():
    assert LengthPrefixParser().push(encode_length_prefix(bytes(MAX_PACKET_BYTES))) == [bytes(MAX_PACKET_BYTES)]
    parser = LengthPrefixParser()
    with pytest.raises(FrameError, match="at most 65535, got 65536"):
        parser.push((MAX_PACKET_BYTES + 1).to_bytes(4, "big"))
