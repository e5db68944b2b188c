"""Motion fields: values come back, smooth fields are short, hostile bytes are bounded, pixels are exact."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.coding.block_compensation import MAX_OFFSET, OFFSET_STEP
from semcom.semantic.coding.motion_field import (
    MAX_SHIFT,
    QUARTERS,
    compensated,
    decode_field,
    encode_field,
    predicted,
)
from semcom.semantic.errors import PacketError


def test_fields_come_back_at_their_limits() -> None:
    rng = np.random.default_rng(1)
    most = np.array([MAX_SHIFT, MAX_SHIFT, MAX_OFFSET])
    blocks = rng.integers(-most, most + 1, (9, 7, 3))
    blocks[0, :2] = most, -most
    np.testing.assert_array_equal(decode_field(encode_field(blocks), 9, 7), blocks)


def test_nothing_and_one_shift_for_all_cost_next_to_nothing() -> None:
    still, panned = np.zeros((30, 54, 3), int), np.zeros((30, 54, 3), int)
    panned[..., :2] = 17, -6
    assert len(encode_field(still)) <= 6
    assert len(encode_field(panned)) <= 14
    np.testing.assert_array_equal(decode_field(encode_field(panned), 30, 54), panned)


def test_the_median_of_the_neighbours_is_expected() -> None:
    blocks = np.zeros((2, 3, 3), np.int64)
    blocks[0, 1, 0], blocks[0, 2, 0], blocks[1, 0, 0] = 5, 9, 7
    assert predicted(blocks, 1, 1, 0) == 7
    assert predicted(blocks, 0, 2, 0) == 5
    assert predicted(blocks, 0, 0, 0) == 0
    assert predicted(blocks, 1, 2, 0) == 0  # left 0, above 9, nothing to the right of it


def test_values_beyond_the_limits_are_refused_both_ways() -> None:
    for field, value in ((0, MAX_SHIFT + 1), (1, -MAX_SHIFT - 1), (2, MAX_OFFSET + 1)):
        blocks = np.zeros((1, 1, 3), int)
        blocks[0, 0, field] = value
        with pytest.raises(PacketError, match="shifts must be within ±124, brightness within ±63"):
            encode_field(blocks)
    rng, refused, read = np.random.default_rng(3), set(), 0
    for _ in range(600):
        try:
            blocks = decode_field(rng.bytes(int(rng.integers(0, 30))), 3, 4)
            assert np.abs(blocks[..., :2]).max() <= MAX_SHIFT and np.abs(blocks[..., 2]).max() <= MAX_OFFSET
            read += 1
        except PacketError as error:
            refused.add(str(error)[:45])
    assert len(refused) >= 2 and read


def test_whole_pixels_show_what_lies_there_and_quarters_what_lies_between() -> None:
    reference = np.random.default_rng(2).integers(20, 200, (64, 64, 3), dtype=np.uint8)
    blocks = np.zeros((4, 4, 3), int)
    blocks[1, 2] = 3 * QUARTERS, -2 * QUARTERS, 5
    blocks[2, 1] = 1, 2, 0
    made = compensated(reference, blocks, 16)
    np.testing.assert_array_equal(made[16:32, 32:48], reference[14:30, 35:51] + 5 * OFFSET_STEP)
    wide = reference.astype(int)
    upper, lower = (3 * wide[rows, 16:32] + wide[rows, 17:33] for rows in (slice(32, 48), slice(33, 49)))
    np.testing.assert_array_equal(made[32:48, 16:32], (2 * upper + 2 * lower + 8) // 16)
    made[16:32, 32:48], made[32:48, 16:32] = reference[16:32, 32:48], reference[32:48, 16:32]
    np.testing.assert_array_equal(made, reference)


def test_beyond_the_edge_the_edge_is_repeated_and_brightness_ends_at_white() -> None:
    reference = np.arange(32 * 32 * 3).reshape(32, 32, 3).astype(np.uint8)
    made = compensated(reference, np.array([[[-4 * QUARTERS, 0, 0]]]), 32)
    np.testing.assert_array_equal(made[:, :5], np.repeat(reference[:, :1], 5, 1))
    np.testing.assert_array_equal(made[:, 4:], reference[:, :-4])
    far = compensated(reference, np.array([[[MAX_SHIFT, MAX_SHIFT, 63]]]), 32)
    assert (far[2, 2] == 255).all()
