"""Tables of the integer hyper-decoder on disk, and files that are not such tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semcom.semantic.coding.integer_hyper import NUM_SCALES, HyperTables, scale_numbers
from semcom.semantic.coding.latents import ROW_LENGTH
from semcom.semantic.errors import ModelError


def tables() -> HyperTables:
    rng = np.random.default_rng(1)
    weights = tuple(rng.integers(-90, 91, shape) for shape in ((4, 3, 3, 3), (4, 4, 3, 3), (6, 4, 1, 1)))
    biases = tuple(rng.integers(-60, 400, len(weight)) for weight in weights)
    return HyperTables(
        weights, biases, rng.integers(1, 65536, (NUM_SCALES, ROW_LENGTH)), rng.integers(1, 9, (3, ROW_LENGTH))
    )


def test_tables_come_back_and_say_the_same(tmp_path: Path) -> None:
    made, path = tables(), tmp_path / "t.npz"
    made.save(path)
    read = HyperTables.load(path)
    side = np.random.default_rng(2).integers(-15, 16, (3, 2, 5))
    np.testing.assert_array_equal(scale_numbers(read, side), scale_numbers(made, side))
    np.testing.assert_array_equal(read.scales, made.scales)
    assert (read.num_latents, read.num_hyper_latents) == (6, 3)


def test_scales_are_written_out_sums_of_whole_numbers() -> None:
    """One cell, without neighbours: the middle taps alone, with the shifts done by hand."""
    made, side = tables(), np.array([3, -7, 15]).reshape(3, 1, 1)
    with_edges = scale_numbers(made, side)
    assert with_edges.shape == (6, 4, 4)
    first = np.zeros((4, 2, 2), int)
    for y in range(2):
        for x in range(2):
            taps = made.weights[0][:, :, max(0, 1 - y) : 3 - y, max(0, 1 - x) : 3 - x].sum((2, 3))
            first[:, y, x] = np.clip((taps @ [3, -7, 15] + made.biases[0] + 4) >> 3, 0, 255)
    corner = sum(
        made.weights[1][:, :, dy + 1, dx + 1] @ first[:, dy // 2, dx // 2] for dy in (0, 1) for dx in (0, 1)
    ) + made.biases[1] * 8  # fmt: skip
    hidden = np.clip((corner + 32) >> 6, 0, 255)
    last = made.weights[2][:, :, 0, 0] @ hidden + made.biases[2] * 8
    np.testing.assert_array_equal(with_edges[:, 0, 0], np.clip((last + 256) >> 9, 0, NUM_SCALES - 1))


def test_other_files_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"lost\.npz are missing"):
        HyperTables.load(tmp_path / "lost.npz")
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"PK\x03\x04 nonsense")
    with pytest.raises(ModelError, match=r"broken\.npz are damaged"):
        HyperTables.load(broken)
    made = tables()
    wrong = HyperTables((*made.weights[:2], made.weights[0]), made.biases, made.scales, made.side)
    wrong.save(tmp_path / "wrong.npz")
    with pytest.raises(ModelError, match="weights must be convolutions of 4 inputs"):
        HyperTables.load(tmp_path / "wrong.npz")
    zero = HyperTables(made.weights, made.biases, made.scales * 0, made.side)
    zero.save(tmp_path / "zero.npz")
    with pytest.raises(ModelError, match=r"probabilities must be 1\.\.65535"):
        HyperTables.load(tmp_path / "zero.npz")
