"""Image set splitting: pictures that resemble each other → subsets (Zheng et al. §II-A, equation 1)."""

from __future__ import annotations

import numpy as np
from PIL import Image

from semcom.semantic.systems.seb.kmeans import kmeans

THUMBNAIL = 12
_TRIES = 3


def plain_features(image: np.ndarray) -> np.ndarray:
    """float32 [3 · THUMBNAIL²] of a picture, uint8 [height, width, 3]: what is where, as a small picture has it.

    Serves where no learned projector does.
    """
    small = Image.fromarray(image).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    return np.asarray(small, np.float32).ravel() / 255


def split(features: np.ndarray, most: int, inertia_left: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Numbers of the pictures of each subset, the subset of the first picture first.

    Parameters
    ----------
    features : float32 [pictures, dimensions]
    most : int
        Subsets.
    inertia_left : float
        J is the largest number up to which each further subset left at most this part of the inertia.
    rng : numpy.random.Generator
    """
    count = len(features)
    best = kmeans(features, 1, rng)
    for number in range(2, min(most, count // 2) + 1):
        tried = min((kmeans(features, number, rng, 30) for _ in range(_TRIES)), key=lambda made: made.inertia)
        if tried.inertia > inertia_left * best.inertia or np.bincount(tried.labels).min() < 2:
            break
        best = tried
    subsets = [np.flatnonzero(best.labels == label) for label in range(best.labels.max() + 1)]
    return sorted(subsets, key=lambda subset: subset[0])
