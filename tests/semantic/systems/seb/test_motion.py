"""Motion fields are chosen by what they leave and cost: known shifts are found, and a network finds large ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from semcom.semantic.coding.motion_field import MAX_SHIFT, QUARTERS, compensated
from semcom.semantic.systems.seb.motion import choose, find_field, flow_candidates

SIDE = 16
NONE = np.zeros((8, 10, 0, 2), int)


def texture(height: int = 128, width: int = 160, seed: int = 1) -> np.ndarray:
    """A smooth picture of strong contrast."""
    rng = np.random.default_rng(seed)
    made = ndimage.gaussian_filter(rng.normal(size=(height, width, 3)), (2.5, 2.5, 0), mode="wrap")
    return (128 + 60 * made / made.std()).clip(0, 255).astype(np.uint8)


def test_the_best_candidate_is_taken_and_refined_to_a_quarter() -> None:
    reference, blocks = texture(), np.zeros((8, 10, 3), int)
    blocks[2:6, 3:7] = 6, -9, 4
    picture = compensated(reference, blocks, SIDE)
    near = np.full((8, 10, 1, 2), (8, -8))
    chosen, cost = choose(picture, reference, near, SIDE)
    np.testing.assert_array_equal(chosen, blocks)
    assert cost < 0.02 * np.abs(picture.astype(int) - reference).mean(2).sum() + 5 * 80
    assert (choose(picture, reference, near, SIDE, refining=0)[0][2:6, 3:7, :2] != (6, -9)).any()


def test_a_shift_that_is_not_worth_its_bits_is_not_taken() -> None:
    rng = np.random.default_rng(1)
    reference = np.full((128, 160, 3), 90, np.uint8)
    picture = (90 + rng.integers(-1, 2, reference.shape)).astype(np.uint8)
    every = rng.integers(-40, 40, (8, 10, 5, 2))
    assert not choose(picture, reference, every, SIDE)[0].any()
    assert choose(texture(), texture(seed=2), every, SIDE, weight=0.0)[0][..., :2].any()


def test_candidates_beyond_the_limits_and_smaller_pictures_are_no_matter() -> None:
    far = np.full((8, 10, 1, 2), MAX_SHIFT + 1)
    assert np.abs(choose(texture(), texture(seed=2), far, SIDE)[0][..., :2]).max() <= MAX_SHIFT
    assert choose(texture()[:100, :130], texture(), NONE, SIDE)[0].shape == (8, 10, 3)


def test_candidates_of_a_flow_are_mean_and_median_of_each_block() -> None:
    flow = np.zeros((2, 8, 12), np.float32)
    flow[0, :4, :4], flow[1, 4:, 8:] = 2.3, -900.0
    flow[0, 0, 0] = 2.3 + 16 * 0.25
    made = flow_candidates(flow, 4)
    assert made.shape == (2, 3, 2, 2)
    np.testing.assert_array_equal(made[0, 0], [[10, 0], [9, 0]])
    np.testing.assert_array_equal(made[1, 2], [[0, -MAX_SHIFT]] * 2)


def test_the_network_finds_what_moved_far() -> None:
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    reference = texture(192, 256, 3)
    picture = np.roll(reference, (-7, 11), (0, 1))  # content lies 11 to the left and 7 below of where it is wanted
    side, blocks = find_field(picture, reference)
    inner = blocks[2:-2, 2:-2]
    near = np.abs(inner[..., :2] - (-11 * QUARTERS, 7 * QUARTERS)).max(2) <= 1
    assert near.mean() > 0.95
    left = np.abs(compensated(reference, blocks, side)[48:-48, 48:-48].astype(int) - picture[48:-48, 48:-48]).mean()
    assert left < 3
