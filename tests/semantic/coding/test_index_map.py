"""Maps of indices come back, cost little where they are as expected, and hostile bytes end in an error."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.coding.index_map import AS_EXPECTED, decode_index_map, encode_index_map
from semcom.semantic.errors import PacketError


@pytest.mark.parametrize("count", [1, 2, 3, 64, 2048])
@pytest.mark.parametrize("expecting", [False, True])
def test_any_map_comes_back(count: int, expecting: bool) -> None:
    rng = np.random.default_rng(count)
    for shape in ((1, 1), (3, 7), (14, 24)):
        cells = rng.integers(AS_EXPECTED if expecting else 0, count + 1, shape)
        coded = encode_index_map(cells, count, expecting)
        np.testing.assert_array_equal(decode_index_map(coded, *shape, count, expecting), cells)


def test_what_is_expected_and_what_goes_in_order_costs_next_to_nothing() -> None:
    expected = np.full((14, 24), AS_EXPECTED)
    assert len(encode_index_map(expected, 400, True)) <= 4
    in_order = np.arange(14 * 24).reshape(14, 24)
    assert len(encode_index_map(in_order, 336, False)) <= 6
    anything = np.random.default_rng(1).integers(0, 400, (14, 24))
    assert len(encode_index_map(anything, 400, False)) < 1.15 * anything.size * np.log2(400) / 8


def test_indices_outside_are_not_written() -> None:
    for value, expecting in ((5, True), (-1, False), (-2, True)):
        with pytest.raises(ValueError, match="indices must be"):
            encode_index_map(np.array([[value]]), 4, expecting)


def test_hostile_bytes_give_a_map_within_the_limits_or_an_error() -> None:
    rng = np.random.default_rng(2)
    outcomes = set()
    for _ in range(300):
        data = rng.bytes(int(rng.integers(0, 40)))
        try:
            cells = decode_index_map(data, 6, 8, 5, True)
            outcomes.add("map")
            assert cells.shape == (6, 8) and AS_EXPECTED <= cells.min() <= cells.max() <= 5
        except PacketError:
            outcomes.add("error")
    assert "error" in outcomes
    whole = encode_index_map(rng.integers(0, 5, (6, 8)), 5, True)
    with pytest.raises(PacketError, match="end early"):
        decode_index_map(whole[: len(whole) // 3], 6, 8, 5, True)
    with pytest.raises(PacketError, match="used up"):
        decode_index_map(whole + bytes(range(1, 12)), 6, 8, 5, True)
