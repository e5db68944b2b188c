"""The frame of one symbol, byte by byte as docs/link_frame.md lays it out, and names of sets."""

from zlib import crc32

import pytest

from semcom.link import Frame, FrameError, ItemError, Key, Scope, SetFrame, SetKey
from semcom.link.frame import MAX_FRAME_BYTES, item_check
from semcom.link.parity.set_frame import OVERHEAD_SET, key_of, read_frame

SCOPE = Scope(0x0102, 0x0304, 0x0506)
FRAME = SetFrame(SetKey.of(SCOPE, 7), 9, 0x0A0B, 0x0C0D, bytes(range(20)) * 20)


def test_the_bytes_on_the_air_are_those_of_the_document():
    header = bytes.fromhex("11 0102 0304 0506 07 09 0a0b 0c0d".replace(" ", ""))
    body = header + FRAME.payload
    data = FRAME.to_bytes()
    assert data == body + crc32(body).to_bytes(4, "big")
    assert len(data) == OVERHEAD_SET + len(FRAME.payload) == 17 + 400
    assert SetFrame.from_bytes(data) == FRAME and read_frame(data) == FRAME


def test_frames_of_items_are_told_apart_by_the_flag():
    item_frame = Frame(Key(*SCOPE, 7), 0, b"x", 0, 1, 1, item_check(b"x"))
    assert read_frame(item_frame.to_bytes()) == item_frame
    for data in (b"", FRAME.to_bytes()[:-1], item_frame.to_bytes()[:-1]):
        with pytest.raises(FrameError):
            read_frame(data)


@pytest.mark.parametrize(
    ("at", "value", "field"), [(0, 0x21, "version"), (0, 0x13, "reserved"), (20, 0xFF, "crc"), (9, 0, "set_bytes")]
)
def test_what_is_no_symbol_is_refused_by_field(at, value, field):
    body = bytearray(FRAME.to_bytes()[:-4])
    body[at] = value
    if at == 9:
        body[10] = 0
    check = crc32(FRAME.to_bytes()[:-4]) if field == "crc" else crc32(body)
    with pytest.raises(FrameError) as caught:
        SetFrame.from_bytes(bytes(body) + check.to_bytes(4, "big"))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"symbol": 256}, "symbol must be 0 to 255, got 256"),
        ({"set_bytes": 0}, "set_bytes must be 1 to 65535, got 0"),
        ({"check": 0x10000}, "check must be 0 to 65535, got 65536"),
        ({"payload": b""}, "symbol length must be 1 to"),
        ({"payload": bytes(MAX_FRAME_BYTES - OVERHEAD_SET + 1)}, "symbol length must be 1 to"),
        ({"payload": b"x", "set_bytes": 257}, "set_bytes must be at most 256 symbols of 1 bytes, got 257"),
    ],
)
def test_values_out_of_range_are_refused(changed, message):
    values = {"key": FRAME.key, "symbol": 0, "set_bytes": 100, "check": 0, "payload": b"abc"} | changed
    with pytest.raises(FrameError, match=message):
        SetFrame(**values)


def test_the_longest_frame_and_the_most_symbols_are_allowed():
    longest = SetFrame(FRAME.key, 255, 0xFFFF, 0xFFFF, bytes(MAX_FRAME_BYTES - OVERHEAD_SET))
    assert SetFrame.from_bytes(longest.to_bytes()) == longest and len(longest.to_bytes()) == MAX_FRAME_BYTES
    assert SetFrame(FRAME.key, 0, 256, 0, b"x").num_source_symbols == 256


def test_four_numbers_name_an_item_or_from_256_on_a_set():
    assert key_of((1, 2, 3, 255)) == Key(1, 2, 3, 255) and type(key_of((1, 2, 3, 255))) is Key
    first, last = key_of((1, 2, 3, 256)), key_of((1, 2, 3, 511))
    assert type(first) is SetKey and (first.set_number, str(first)) == (0, "1/2/3/set0")
    assert type(last) is SetKey and (last.set_number, last.scope) == (255, Scope(1, 2, 3))
    for numbers in ((1, 2, 3, 512), (1, 2, 3, -1), (1 << 16, 0, 0, 256), (1, 2, 3)):
        with pytest.raises(ItemError):
            key_of(numbers)
