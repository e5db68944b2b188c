"""Pictures of a subset → bases, and which of them each patch uses (Zheng et al. §II-B, equation 2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from semcom.semantic.coding.patches import divide, grid_of, join
from semcom.semantic.layers.semantic_base import MAX_BASES, PATCH_SIDE, rows_for
from semcom.semantic.systems.seb.kmeans import assign, kmeans

_CELL = 4
"""Pixels along a side of what k-means sees of a patch as one."""
WORTH_IT, NOISE_ENERGY = 0.9, 30.0
"""A base serves where the difference has, around its mean, at most this part of the patch's energy and this much more
per value: the mean is the compensation's."""


@dataclass(frozen=True)
class Bases:
    """Bases of a subset before they are coded, in the order in which the pictures use them first.

    Attributes
    ----------
    patches : float32 [count, PATCH_SIDE, PATCH_SIDE, 3]
        Mean of the patches of each.
    expected : int32 [rows, columns]
        Used most in each place of the pictures of the commonest size.
    """

    patches: np.ndarray
    expected: np.ndarray

    @property
    def count(self) -> int:
        return len(self.patches)

    @property
    def columns(self) -> int:
        """Of the picture they are coded in: as many as the pictures have, so that neighbours stay neighbours."""
        return max(1, min(self.expected.shape[1], self.count))

    def mosaic(self) -> np.ndarray:
        """uint8 picture of all bases side by side; the last row is filled with the last base."""
        rows = rows_for(self.count, self.columns)
        spare = rows * self.columns - self.count
        filled = np.concatenate([self.patches, np.repeat(self.patches[-1:], spare, 0)])
        return join(np.rint(filled).clip(0, 255).astype(np.uint8), rows, self.columns)


def number_of_bases(num_patches: int, patches_per_base: int) -> int:
    """K of the paper, ⌊n_j · n_p / 25⌋, as far as a layer holds them."""
    return min(num_patches // patches_per_base, MAX_BASES)


def find_bases(
    images: Sequence[np.ndarray],
    patches_per_base: int,
    rng: np.random.Generator,
    features_of: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Bases | None:
    """Bases of pictures, uint8 [height, width, 3] each; None where K is 0, or no base would serve twice.

    `features_of` makes float32 [patches, dimensions] of patches, which are clustered by them; None takes `features`.
    """
    patches = np.concatenate([divide(image, PATCH_SIDE) for image in images])
    count = number_of_bases(len(patches), patches_per_base)
    if count == 0:
        return None
    labels = kmeans((features_of or features)(patches), count, rng).labels
    sizes = np.bincount(labels)
    numbers = np.where(sizes > 1, np.arange(len(sizes)), -1)[labels]  # what serves once is left to the residual
    if (numbers < 0).all():
        return None
    grids = [grid_of(image.shape[1], image.shape[0], PATCH_SIDE) for image in images]
    commonest = max(dict.fromkeys(grids), key=grids.count)
    starts = np.cumsum([0, *(rows * columns for rows, columns in grids)])
    same = [
        numbers[start : start + commonest[0] * commonest[1]]
        for start, grid in zip(starts, grids, strict=False)
        if grid == commonest
    ]
    expected = _commonest(np.stack(same))
    order = list(dict.fromkeys(number for number in (*expected.tolist(), *numbers.tolist()) if number >= 0))
    renumbered = np.full(len(sizes) + 1, len(order), np.int32)
    renumbered[order] = np.arange(len(order))
    sums = np.zeros((len(sizes), *patches.shape[1:]), np.float32)
    for start in range(0, len(patches), 1024):
        np.add.at(sums, labels[start : start + 1024], patches[start : start + 1024].astype(np.float32))
    return Bases(sums[order] / sizes[order, None, None, None], renumbered[expected].reshape(commonest))


def bases_of_picture(image: np.ndarray) -> Bases | None:
    """The patches of a picture, uint8 [height, width, 3], each expected in its place; None where they are too many."""
    grid = grid_of(image.shape[1], image.shape[0], PATCH_SIDE)
    count = grid[0] * grid[1]
    if count > MAX_BASES:
        return None
    return Bases(divide(image, PATCH_SIDE).astype(np.float32), np.arange(count, dtype=np.int32).reshape(grid))


def features(patches: np.ndarray) -> np.ndarray:
    """float32 [patches, dimensions]: patches as k-means compares them, the means of their cells in luma and colour."""
    count, side = len(patches), patches.shape[1] // _CELL
    small = np.empty((count, side, side, 3), np.float32)
    for start in range(0, count, 2048):
        part = patches[start : start + 2048].reshape(-1, side, _CELL, side, _CELL, 3)
        small[start : start + 2048] = part.mean((2, 4), dtype=np.float32)
    luma = small @ np.array([0.299, 0.587, 0.114], np.float32)
    colour = (small[..., ::2] - luma[..., None]).reshape(count, side // 4, 4, side // 4, 4, 2).mean((2, 4))
    return np.concatenate([luma.reshape(count, -1), 2 * colour.reshape(count, -1)], 1)


def nearest_bases(patches: np.ndarray, bases: np.ndarray) -> np.ndarray:
    """int32 [patches]: number of the nearest base, uint8 patches as decoded; their count where none serves."""
    seen, centres = features(patches), features(bases)
    labels, _ = assign(seen, centres)
    serves = np.empty(len(patches), bool)
    for start in range(0, len(patches), 1024):
        part = slice(start, start + 1024)
        own = patches[part].astype(np.float32)
        serves[part] = _energy(own - bases[labels[part]]) <= WORTH_IT * _energy(own) + NOISE_ENERGY
    return np.where(serves, labels, len(bases)).astype(np.int32)


def _energy(patches: np.ndarray) -> np.ndarray:
    """Variance of each patch, float32 [patches, side, side, 3], around its mean colour."""
    return patches.var((1, 2)).mean(1)


def _commonest(numbers: np.ndarray) -> np.ndarray:
    """Of each column of [pictures, places] the number that occurs most, -1 where that is none."""
    found = np.empty(numbers.shape[1], np.int64)
    for place, column in enumerate(numbers.T):
        values, counts = np.unique(column, return_counts=True)
        found[place] = values[counts.argmax()]
    return found
