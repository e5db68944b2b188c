"""Blocks that are moved and made brighter: values come back, and the picture changes where they say."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.coding.block_compensation import (
    MAX_OFFSET,
    MAX_SHIFT,
    OFFSET_STEP,
    decode_blocks,
    encode_blocks,
    shifted,
)
from semcom.semantic.errors import PacketError


def test_blocks_come_back_at_their_limits() -> None:
    rng = np.random.default_rng(1)
    most = np.array([MAX_SHIFT, MAX_SHIFT, MAX_OFFSET])
    blocks = rng.integers(-most, most + 1, (5, 7, 3))
    blocks[0, :2] = most, -most
    np.testing.assert_array_equal(decode_blocks(encode_blocks(blocks), 5, 7), blocks)
    assert len(encode_blocks(np.zeros((14, 24, 3), int))) <= 12


def test_values_beyond_the_limits_are_refused_both_ways() -> None:
    blocks = np.zeros((1, 1, 3), int)
    blocks[0, 0, 0] = MAX_SHIFT + 1
    with pytest.raises(PacketError, match="within ±15, got 16"):
        encode_blocks(blocks)
    rng, outcomes = np.random.default_rng(3), set()
    for _ in range(300):
        try:
            read = decode_blocks(rng.bytes(int(rng.integers(0, 30))), 3, 4)
            assert np.abs(read[..., :2]).max() <= MAX_SHIFT and np.abs(read[..., 2]).max() <= MAX_OFFSET
        except PacketError as error:
            outcomes.add(str(error)[:20])
    assert outcomes


def test_a_block_shows_what_lies_where_it_points_and_others_stay() -> None:
    reference = np.random.default_rng(2).integers(20, 200, (64, 96, 3), dtype=np.uint8)
    blocks = np.zeros((2, 3, 3), int)
    blocks[1, 1] = 3, -2, 5
    made = shifted(reference, blocks, 32)
    np.testing.assert_array_equal(made[32:64, 32:64], reference[30:62, 35:67] + 5 * OFFSET_STEP)
    made[32:64, 32:64] = reference[32:64, 32:64]
    np.testing.assert_array_equal(made, reference)


def test_beyond_the_edge_the_edge_is_repeated() -> None:
    reference = np.arange(32 * 32 * 3).reshape(32, 32, 3).astype(np.uint8)
    made = shifted(reference, np.array([[[-4, 0, 0]]]), 32)
    np.testing.assert_array_equal(made[:, :5], np.repeat(reference[:, :1], 5, 1))
