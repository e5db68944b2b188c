"""Pairs that train the flow network: the flow they claim leads from the picture to its place in the reference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage

from semcom.experiments.training.learned_coding.warped_pairs import (
    BLOCK,
    MARGIN,
    MOST_SHIFT_PX,
    Pair,
    block_pair,
    degraded,
    moved,
    pair,
    smooth_pair,
)

SIDE = 96


def crop(seed: int) -> np.ndarray:
    made = ndimage.gaussian_filter(np.random.default_rng(seed).random((3, SIDE + 2 * MARGIN, SIDE + 2 * MARGIN)), 2)
    return ((made - made.min()) / (made.max() - made.min())).astype(np.float32)


@pytest.mark.parametrize("kind", [smooth_pair, block_pair])
def test_the_reference_has_the_picture_where_the_flow_leads(kind: Callable[..., Pair]) -> None:
    for seed in range(4):
        made = kind(crop(seed), np.random.default_rng(seed))
        assert made.picture.shape == made.reference.shape == (3, SIDE, SIDE) and made.flow.shape == (2, SIDE, SIDE)
        assert 0.2 < made.known.mean() <= 1 and np.abs(made.flow).max() <= 2 * MOST_SHIFT_PX
        far = np.abs(made.reference - made.picture)[:, made.known].mean()
        left = np.abs(moved(made.reference, made.flow) - made.picture)[:, made.known].mean()
        assert left < 0.02 and left < 0.35 * far


def test_blocks_move_as_wholes() -> None:
    made = block_pair(crop(9), np.random.default_rng(3))
    blocks = made.flow.reshape(2, SIDE // BLOCK, BLOCK, SIDE // BLOCK, BLOCK)
    assert (blocks == blocks[:, :, :1, :, :1]).all() and np.unique(made.flow[0]).size > 3


def test_references_are_degraded_and_pictures_are_not() -> None:
    original = crop(1)
    made = degraded(original, np.random.default_rng(2))
    assert made.dtype == np.float32 and made.min() >= 0 and made.max() <= 1
    assert 0.01 < np.abs(made - original).mean() < 0.3
    both = [pair(original, np.random.default_rng(seed)) for seed in range(6)]
    assert len({one.reference.tobytes() for one in both}) == 6
