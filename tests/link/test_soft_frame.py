from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.link import FrameError, Key, SoftFrame
from semcom.link.parity.set_frame import read_frame

u16 = st.integers(0, 0xFFFF)
keys = st.builds(Key, u16, u16, u16, st.integers(0, 255))
FRAME = SoftFrame(Key(0x0102, 0x0304, 0x0506, 7), 5, b"HEADa dog", 4, 9)


@st.composite
def frames(draw):
    exact = draw(st.integers(0, 31))
    payload = draw(st.binary(min_size=exact + 1, max_size=exact + 300))
    return SoftFrame(draw(keys), draw(st.integers(0, 7)), payload, exact, draw(st.integers(0, 255)))


def test_layout_of_the_documentation():
    head = bytes.fromhex("12 0102 0304 0506 07 a4 09") + b"HEAD"
    assert FRAME.to_bytes() == head + (crc32(head) & 0xFFFF).to_bytes(2, "big") + b"a dog"
    assert FRAME.coded_bytes == 16 and str(FRAME.name) == "258/772/1286/7#0"


@given(frames(), st.data())
def test_soft_bits_may_change_and_the_head_may_not(frame, data):
    sent = frame.to_bytes()
    llr = data.draw(
        st.binary(min_size=8 * (len(sent) - frame.coded_bytes), max_size=8 * (len(sent) - frame.coded_bytes))
    )
    assert SoftFrame.from_bytes(sent) == frame == read_frame(sent)
    changed = bytearray(sent)
    at = data.draw(st.integers(0, len(sent) - 1))
    changed[at] ^= data.draw(st.integers(1, 255))
    if at < frame.coded_bytes:
        with pytest.raises(FrameError):
            SoftFrame.from_bytes(bytes(changed), llr)
    else:
        found = SoftFrame.from_bytes(bytes(changed), llr)
        assert found.name == frame.name and found.llr == llr
        assert found.payload[: frame.exact_bytes] == frame.payload[: frame.exact_bytes]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"exact_bytes": 32}, "exact_bytes must be 0 to 31, got 32"),
        ({"exact_bytes": 9}, "frame must be 22 to 8192 bytes, got 21"),
        ({"payload": bytes(8200)}, "frame must be 17 to 8192 bytes, got 8212"),
        ({"importance": 8}, "importance must be 0 to 7, got 8"),
        ({"num_items": 256}, "num_items must be 0 to 255, got 256"),
        ({"llr": bytes(41)}, "llr must be one byte for each of 40 bits, got 41"),
        ({"key": (1, 2, 3, 256)}, "layer of key must be an integer from 0 to 255, got 256"),
    ],
)
def test_what_its_reader_would_refuse_is_not_made(changed, message):
    values = {"key": FRAME.key, "importance": 5, "payload": FRAME.payload, "exact_bytes": 4, **changed}
    with pytest.raises(FrameError, match=message):
        SoftFrame(**values)


def with_check(head: bytes) -> bytes:
    return head + (crc32(head) & 0xFFFF).to_bytes(2, "big") + b"x"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"", "frame"),
        (bytes(9000), "frame"),
        (with_check(bytes.fromhex("22 0001 0002 0003 04 a0 01")), "version"),
        (with_check(bytes.fromhex("1a 0001 0002 0003 04 a0 01")), "version"),
        (with_check(bytes.fromhex("16 0001 0002 0003 04 a0 01")), "symbols"),
        (with_check(bytes.fromhex("12 0001 0002 0003 04 a0 01"))[:-1], "frame"),
        (bytes.fromhex("12 0001 0002 0003 04 bf 01 00 00 01"), "crc"),
    ],
)
def test_hostile_bytes_are_refused_by_field(data, field):
    with pytest.raises(FrameError) as refused:
        SoftFrame.from_bytes(data)
    assert refused.value.field == field


def analog(**changes) -> SoftFrame:
    payload = bytes(range(6)) + bytes(8)
    return SoftFrame(
        **{"key": Key(1, 2, 3, 4), "importance": 4, "payload": payload, "exact_bytes": 6, "analog": True, **changes}
    )


def test_an_analog_frame_comes_back_with_the_noise_of_each_symbol():
    frame = analog(num_items=9)
    data = frame.to_bytes()
    assert data[0] == 0x16 and frame.coded_bytes == 10 + 6 + 2 and len(data) == 18 + 8
    assert SoftFrame.from_bytes(data, b"\x10\x20") == analog(num_items=9, llr=b"\x10\x20")
    damaged = data[:-1] + b"\x55"
    assert SoftFrame.from_bytes(damaged).payload[-1] == 0x55


def test_8192_symbols_go_in_one_frame_and_no_more():
    longest = analog(payload=bytes(6 + 4 * 8192))
    assert SoftFrame.from_bytes(longest.to_bytes()) == longest
    with pytest.raises(FrameError, match=r"frame must be 19 to 32786 bytes, got 32790"):
        analog(payload=bytes(6 + 4 * 8193))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"payload": bytes(6 + 7)}, "symbols must be 4 bytes each, got 7 bytes"),
        ({"llr": bytes(3)}, "llr must be one byte for each of 2 symbols, got 3"),
        ({"payload": bytes(6)}, "frame must be 19"),
    ],
)
def test_analog_frames_that_cannot_be_are_refused(changes, rule):
    with pytest.raises(FrameError, match=rule):
        analog(**changes)


def test_analog_bytes_of_a_wrong_length_are_refused_not_raised_through():
    data = analog().to_bytes()
    for cut in range(1, 8):
        if cut % 4:
            with pytest.raises(FrameError, match="symbols must be 4 bytes each"):
                SoftFrame.from_bytes(data[:-cut])
