"""Watershed: flood a landscape from its valleys, so that every ridge becomes a border."""

from __future__ import annotations

import numba
import numpy as np
from scipy import ndimage

_LEVELS = 256


def watershed(strength: np.ndarray, smooth_px: float = 1.0) -> np.ndarray:
    """Catchment basins of a boundary map.

    Parameters
    ----------
    strength : float32 [H, W]
        Boundary strength, 0..1.
    smooth_px : float
        Gaussian smoothing beforehand, which decides how small a valley can be.

    Returns
    -------
    int32 [H, W]
        Basins numbered from 0; each is 4-connected.

    References
    ----------
    [Meyer 1994] flooding by ordered queues, see docs/references.md
    """
    smooth = ndimage.gaussian_filter(strength.astype(np.float32), smooth_px, mode="nearest")
    level = np.minimum(np.round(smooth * (_LEVELS - 1)), _LEVELS - 1).astype(np.uint8)
    valleys, _ = ndimage.label(level == ndimage.minimum_filter(level, size=5, mode="nearest"))
    basins = valleys.astype(np.int32)
    _flood(level, basins)
    return basins - 1


@numba.njit(cache=True, nogil=True)
def _flood(level, basins):  # pragma: no cover (compiled)
    """Grow the numbered basins (0 = not reached) in place, lowest level first, first come first served."""
    height, width = level.shape
    following = np.full(height * width, -1, np.int64)
    first = np.full(_LEVELS, -1, np.int64)
    last = np.full(_LEVELS, -1, np.int64)
    for y in range(height):
        for x in range(width):
            if basins[y, x]:
                _enqueue(y * width + x, level[y, x], following, first, last)
    current = 0
    while current < _LEVELS:
        pixel = first[current]
        if pixel < 0:
            current += 1
            continue
        first[current] = following[pixel]
        y, x = pixel // width, pixel % width
        for step in range(4):
            ny = y + (step == 1) - (step == 0)
            nx = x + (step == 3) - (step == 2)
            if 0 <= ny < height and 0 <= nx < width and not basins[ny, nx]:
                basins[ny, nx] = basins[y, x]
                _enqueue(ny * width + nx, max(current, level[ny, nx]), following, first, last)


@numba.njit(cache=True, nogil=True)
def _enqueue(pixel, at, following, first, last):  # pragma: no cover (compiled)
    following[pixel] = -1
    if first[at] < 0:
        first[at] = pixel
    else:
        following[last[at]] = pixel
    last[at] = pixel
