from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.semantic.errors import PacketError
from semcom.semantic.wire import BitReader, BitWriter, ByteReader, ByteWriter, PixelBudget


@given(st.lists(st.integers(0, (1 << 28) - 1), max_size=20))
def test_varints_come_back(values: list[int]) -> None:
    writer = ByteWriter()
    for value in values:
        writer.varint(value)
    reader = ByteReader(writer.to_bytes(), "test")
    assert [reader.varint("value") for _ in values] == values
    reader.end()


def test_varint_layout_is_seven_bits_low_group_first() -> None:
    assert ByteWriter().varint(0).varint(127).varint(128).varint(300).to_bytes() == bytes([0, 127, 128, 1, 172, 2])


@given(st.lists(st.integers(1, 17).flatmap(lambda n: st.tuples(st.integers(0, (1 << n) - 1), st.just(n))), max_size=30))
def test_bits_come_back(fields: list[tuple[int, int]]) -> None:
    writer = BitWriter()
    for value, num_bits in fields:
        writer.put(value, num_bits)
    reader = BitReader(writer.to_bytes())
    assert [reader.take(num_bits) for _, num_bits in fields] == [value for value, _ in fields]


def test_writers_refuse_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="3 bits, got 8"):
        BitWriter().put(8, 3)
    with pytest.raises(ValueError, match="varint must be"):
        ByteWriter().varint(1 << 28)


@pytest.mark.parametrize(
    ("data", "read", "words"),
    [
        (b"", lambda r: r.u8("kind"), "kind needs 1 bytes, got 0 left"),
        (b"\x05ab", lambda r: r.block("name", 10), "name needs 5 bytes, got 2 left"),
        (b"\x05abcde", lambda r: r.block("name", 4), "name length must be in 0..4, got 5"),
        (b"\xff\xff\xff\xff\x01", lambda r: r.varint("count"), "at most 4 bytes"),
        (b"\x07", lambda r: r.varint("count", 1, 6), "count must be in 1..6, got 7"),
        (b"\x80\x00", lambda r: r.varint("count"), "count must be the shortest varint of its value, got 0 in 2 bytes"),
        (b"\xff\x80\x00", lambda r: r.varint("count"), "shortest varint of its value, got 127 in 3 bytes"),
        (b"\x00", lambda r: r.end(), "nothing behind it, got 1 bytes"),
    ],
)
def test_errors_name_field_rule_and_value(data: bytes, read, words: str) -> None:
    with pytest.raises(PacketError, match=words):
        read(ByteReader(data, "test"))


def test_pixel_budget_is_shared() -> None:
    budget = PixelBudget(100)
    ByteReader(b"", "first", budget).spend_pixels(8, 10, "map")
    with pytest.raises(PacketError, match=r"second: map must have at most 20 pixels, got 3 × 7"):
        ByteReader(b"", "second", budget).spend_pixels(7, 3, "map")
