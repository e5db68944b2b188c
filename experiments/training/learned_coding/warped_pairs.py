"""Pictures beside references from which they are moved in a known way: what the flow network is trained with.

Half of the references are smooth warps apart, half are made of blocks of 32 × 32 pixels that moved by themselves, as
references of semantic bases are. Brightness, contrast, blur and noise differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

BLOCK = 32
MOST_SHIFT_PX = 12.0
MARGIN = 32


@dataclass(frozen=True)
class Pair:
    """A picture, its reference, and where it lies in it.

    Attributes
    ----------
    picture, reference : float32 [3, side, side]
        0..1
    flow : float32 [2, side, side]
        [right, down], pixels: picture(x) is reference(x + flow(x)).
    known : bool [side, side]
        Where that place is in the reference.
    """

    picture: np.ndarray
    reference: np.ndarray
    flow: np.ndarray
    known: np.ndarray


def smooth_flow(side: int, rng: np.random.Generator) -> np.ndarray:
    """float32 [2, side, side]: a shift, and a field of 2 to 6 cells a side around it, together up to about
    `MOST_SHIFT_PX`."""
    cells = int(rng.integers(2, 7))
    size = MOST_SHIFT_PX * rng.random()
    coarse = rng.uniform(-1, 1, (2, cells, cells)) * size * rng.uniform(0, 0.5)
    zoomed = np.stack([ndimage.zoom(part, side / cells, order=1)[:side, :side] for part in coarse])
    shift = rng.uniform(-1, 1, (2, 1, 1)) * size * rng.uniform(0.3, 1)
    return (zoomed + shift).astype(np.float32)


def moved(picture: np.ndarray, flow: np.ndarray, margin: int = 0) -> np.ndarray:
    """float32 [3, side, side] of picture [3, side + 2 · margin, …], each pixel from `flow` away, bilinear."""
    side = flow.shape[1]
    down, right = np.mgrid[:side, :side].astype(np.float32) + margin
    places = np.stack([down + flow[1], right + flow[0]])
    return np.stack([ndimage.map_coordinates(part, places, order=1, mode="nearest") for part in picture])


def smooth_pair(crop: np.ndarray, rng: np.random.Generator) -> Pair:
    """A smooth warp: crop float32 [3, side + 2 · MARGIN, …]."""
    side = crop.shape[1] - 2 * MARGIN
    flow = smooth_flow(side, rng)
    reference = crop[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    down, right = np.mgrid[:side, :side]
    known = inside(right + flow[0], side) & inside(down + flow[1], side)
    return Pair(moved(crop, flow, MARGIN), reference.copy(), flow, known)


def block_pair(crop: np.ndarray, rng: np.random.Generator) -> Pair:
    """A reference of blocks that are each moved by themselves; some did not move, some have nothing to do with it."""
    side = crop.shape[1] - 2 * MARGIN
    cells = -(-side // BLOCK)
    size = MOST_SHIFT_PX * rng.random()
    shifts = rng.uniform(-1, 1, (2, cells, cells)) * size * (rng.random((1, cells, cells)) < 0.7)
    spread = shifts.repeat(BLOCK, 1).repeat(BLOCK, 2)[:, :side, :side].astype(np.float32)
    reference = moved(crop, -spread, MARGIN)
    down, right = np.mgrid[:side, :side]
    same = inside(right % BLOCK + spread[0], BLOCK) & inside(down % BLOCK + spread[1], BLOCK)
    strange = (rng.random((cells, cells)) < 0.1).repeat(BLOCK, 0).repeat(BLOCK, 1)[:side, :side]
    reference = np.where(strange, reference[:, ::-1, ::-1], reference)
    return Pair(crop[:, MARGIN:-MARGIN, MARGIN:-MARGIN].copy(), reference, spread, same & ~strange)


def inside(values: np.ndarray, side: int) -> np.ndarray:
    return (values >= 0) & (values <= side - 1)


def degraded(reference: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The reference brighter or darker, blurred and noisy by chance: float32 [3, side, side], 0..1."""
    contrast, brightness = rng.uniform(0.8, 1.2), rng.uniform(-0.12, 0.12)
    made = (reference - 0.5) * contrast + 0.5 + brightness
    if rng.random() < 0.6:
        made = ndimage.gaussian_filter(made, (0, *[rng.uniform(0.3, 1.5)] * 2))
    made = made + rng.normal(0, rng.uniform(0, 0.02), made.shape)
    return made.clip(0, 1).astype(np.float32)


def pair(crop: np.ndarray, rng: np.random.Generator) -> Pair:
    """One of both kinds, its reference degraded; crop float32 [3, side + 2 · MARGIN, side + 2 · MARGIN], 0..1."""
    made = (smooth_pair if rng.random() < 0.5 else block_pair)(crop, rng)
    return Pair(made.picture, degraded(made.reference, rng), made.flow, made.known)
