"""Latents come back by tables of integers, cost what their probabilities say, and hostile bytes end in an error."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.coding.latents import LARGEST, ROW_LENGTH, counted_table, decode_latents, encode_latents
from semcom.semantic.errors import LayerError, PacketError


def test_numbers_come_back_at_any_size() -> None:
    rng = np.random.default_rng(1)
    numbers = np.concatenate([rng.integers(-40, 41, 400), [LARGEST, -LARGEST, 0, 16, -16, 17, -17, 18]])
    rows = rng.integers(0, 3, numbers.shape)
    table = rng.integers(1, 65536, (3, ROW_LENGTH))
    coded = encode_latents(numbers, rows, table)
    np.testing.assert_array_equal(decode_latents(coded, rows, table, "latents"), numbers)
    with pytest.raises(LayerError, match="within ±4096, got 4097"):
        encode_latents(np.array([LARGEST + 1]), np.array([0]), table)


def test_a_counted_table_costs_the_entropy() -> None:
    rng = np.random.default_rng(2)
    rows = np.repeat([0, 1], 6000)
    numbers = np.rint(rng.laplace(0, np.where(rows == 0, 0.4, 4.0))).astype(int)
    table = counted_table(numbers, rows, 2)
    entropy_bits = 0.0
    for row in (0, 1):
        _, counts = np.unique(numbers[rows == row], return_counts=True)
        entropy_bits -= (counts * np.log2(counts / counts.sum())).sum()
    assert 0.98 < 8 * len(encode_latents(numbers, rows, table)) / entropy_bits < 1.03
    swapped = 8 * len(encode_latents(numbers, 1 - rows, table))
    assert swapped > 1.2 * entropy_bits


def test_hostile_bytes_give_numbers_within_the_limits_or_an_error() -> None:
    rng, errors = np.random.default_rng(3), 0
    table = counted_table(np.zeros(0, int), np.zeros(0, int), 1)
    for _ in range(200):
        try:
            numbers = decode_latents(rng.bytes(int(rng.integers(0, 50))), np.zeros((3, 5, 5), int), table, "latents")
            assert np.abs(numbers).max() <= LARGEST
        except PacketError as error:
            assert str(error).startswith("latents: ")
            errors += 1
    assert errors
    with pytest.raises(PacketError, match="end early"):
        decode_latents(b"", np.zeros((64, 9, 9), int), np.full((1, ROW_LENGTH), 65000), "latents")
