"""Texture made of noise: as strong as the generator says, octave by octave and place by place."""

from __future__ import annotations

import numpy as np
from PIL import Image

LOG_VARIANCE_RANGE = (-12.0, -3.0)
"""What a network may ask for, in units of full scale: from nothing to a standard deviation of a fifth."""


def texture_luma(log_variance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise with given local variance in the finest octave and the next.

    Parameters
    ----------
    log_variance : float32 [2, h, w]
        Natural logarithm, of a luma that runs from 0 to 1; finest octave first.
    rng : np.random.Generator
        The same state gives the same texture.

    Returns
    -------
    float32 [4 h, 4 w]
    """
    sigma = np.exp(0.5 * np.clip(log_variance, *LOG_VARIANCE_RANGE)).astype(np.float32)
    rows, columns = (4 * side for side in sigma.shape[1:])
    finest = _octave(rows, columns, rng) * _enlarged(sigma[0], rows, columns)
    second = _octave(rows // 2, columns // 2, rng) * _enlarged(sigma[1], rows // 2, columns // 2)
    return finest + _enlarged(second, rows, columns)


def _octave(rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Noise of unit variance without what a picture of half the size can show; rows and columns are even."""
    noise = rng.standard_normal((rows, columns), dtype=np.float32)
    means = noise.reshape(rows // 2, 2, columns // 2, 2).mean((1, 3))
    return (noise - means.repeat(2, 0).repeat(2, 1)) * np.float32(np.sqrt(4 / 3))


def _enlarged(values: np.ndarray, rows: int, columns: int) -> np.ndarray:
    return np.asarray(Image.fromarray(values).resize((columns, rows), Image.Resampling.BILINEAR))
