from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcom.link import Frame, FrameError, FrameName, Key
from semcom.link.frame import MAX_FRAME_BYTES, MAX_PIECES, OVERHEAD_PIECE, OVERHEAD_WHOLE

u16 = st.integers(0, 0xFFFF)
keys = st.builds(Key, u16, u16, u16, st.integers(0, 255))


@st.composite
def frames(draw):
    num_pieces = draw(st.integers(1, MAX_PIECES))
    return Frame(
        draw(keys),
        draw(st.integers(0, 7)),
        draw(st.binary(max_size=300)),
        draw(st.integers(0, num_pieces - 1)),
        num_pieces,
        draw(st.integers(0, 255)),
        draw(u16) if num_pieces > 1 else None,
    )


def with_crc(body: bytes) -> bytes:
    return body + crc32(body).to_bytes(4, "big")


def test_layout_of_the_documentation():
    whole = Frame(Key(0x0102, 0x0304, 0x0506, 7), 5, b"meaning", num_items=9)
    body = bytes.fromhex("10 0102 0304 0506 07 a0 09") + b"meaning"
    assert whole.to_bytes() == with_crc(body)
    piece = Frame(Key(1, 2, 3, 4), 1, b"m", 0xABC, 0xDEF + 1, 9, 0x5678)
    assert piece.to_bytes(26) == with_crc(bytes.fromhex("1c 0001 0002 0003 04 20 09 abcdef 5678") + b"m\x80" + bytes(5))
    assert len(whole.to_bytes()) == OVERHEAD_WHOLE + 7 and piece.num_bytes == OVERHEAD_PIECE + 1


@given(frames(), st.integers(0, 400))
def test_round_trip_with_and_without_padding(frame, padded_bytes):
    data = frame.to_bytes(padded_bytes)
    assert len(data) == max(padded_bytes, frame.num_bytes)
    assert Frame.from_bytes(data) == frame


@settings(max_examples=300)
@given(st.binary(max_size=MAX_FRAME_BYTES + 10))
def test_random_bytes_are_refused(data):
    with pytest.raises(FrameError):
        Frame.from_bytes(data)


@settings(max_examples=300)
@given(frames(), st.data())
def test_a_damaged_byte_never_passes_for_an_intact_frame(frame, data):
    original = frame.to_bytes(data.draw(st.integers(0, 350)))
    mutated = bytearray(original)
    mutated[data.draw(st.integers(0, len(mutated) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(FrameError):
        Frame.from_bytes(bytes(mutated))


@given(st.binary(min_size=10, max_size=60))
def test_a_right_crc_around_anything_gives_a_frame_or_a_frame_error(body):
    body = bytes([0x10 | body[0] & 0x0F]) + body[1:8] + bytes([body[8] & 0xE0]) + body[9:]
    try:
        frame = Frame.from_bytes(with_crc(body))
    except FrameError as error:
        assert error.field in {"reserved", "frame", "num_pieces", "piece", "padding"}
    else:
        assert len(frame.payload) <= len(body)


@pytest.mark.parametrize(
    ("data", "field", "message"),
    [
        (b"", "frame", "frame must be 14 to 8192 bytes, got 0"),
        (bytes(MAX_FRAME_BYTES + 1), "frame", "frame must be 14 to 8192 bytes, got 8193"),
        (bytes(14), "crc", "CRC-32 must be e38a6876, got 00000000"),
        (with_crc(b"\x20" + bytes(9)), "version", "version must be 1, got 2"),
        (with_crc(b"\x11" + bytes(9)), "reserved", "reserved bits must be 0, got 1 and 00"),
        (with_crc(b"\x10" + bytes(7) + b"\x03\x00"), "reserved", "reserved bits must be 0, got 0 and 03"),
        (with_crc(b"\x18" + bytes(9)), "frame", "must be 19 bytes or more, got 14"),
        (with_crc(b"\x18" + bytes(14)), "num_pieces", "num_pieces of a split item must be 2 or more, got 1"),
        (with_crc(b"\x18" + bytes(9) + b"\x00\x20\x01" + bytes(2)), "piece", "piece must be 0 to 1, got 2"),
        (with_crc(b"\x14" + bytes(12)), "padding", "padding must be 80 00 .. 00"),
    ],
)
def test_refusals_name_field_rule_and_value(data, field, message):
    with pytest.raises(FrameError, match=message) as caught:
        Frame.from_bytes(data)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"importance": 8}, "importance"),
        ({"num_pieces": MAX_PIECES + 1, "item_check": 0}, "num_pieces"),
        ({"num_pieces": 2, "piece": 2, "item_check": 0}, "piece"),
        ({"num_pieces": 2}, "item_check"),
        ({"num_items": 256}, "num_items"),
        ({"key": (0, 0, 0, 256)}, "key"),
        ({"payload": bytes(MAX_FRAME_BYTES)}, "frame"),
    ],
)
def test_a_frame_that_cannot_be_sent_is_refused_when_built(arguments, field):
    with pytest.raises(FrameError) as caught:
        Frame(**{"key": Key(1, 1, 1, 1), "importance": 0, "payload": b"", **arguments})
    assert caught.value.field == field


def test_padding_beyond_the_longest_frame_is_refused():
    with pytest.raises(FrameError, match="padded frame must be at most 8192 bytes, got 8193"):
        Frame(Key(1, 1, 1, 1), 0, b"").to_bytes(MAX_FRAME_BYTES + 1)


@given(frames())
def test_a_frame_is_named_by_its_item_and_piece(frame):
    assert frame.name == FrameName(frame.key, frame.piece)
    assert str(frame.name) == f"{frame.key}#{frame.piece}"
