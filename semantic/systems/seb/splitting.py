"""Image set splitting: pictures that resemble each other → subsets (Zheng et al. §II-A, equation 1)."""

from __future__ import annotations

import numpy as np
from PIL import Image

from semcom.semantic.systems.seb.kmeans import Clusters, kmeans

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
        As `best_of` takes it.
    rng : numpy.random.Generator
    """
    best = best_of(clusterings(features, most, rng), inertia_left)
    subsets = [np.flatnonzero(best.labels == label) for label in range(best.labels.max() + 1)]
    return sorted(subsets, key=lambda subset: subset[0])


def clusterings(features: np.ndarray, most: int, rng: np.random.Generator) -> list[Clusters]:
    """Into 1, 2 … subsets, at most `most` and half of the pictures."""
    made = [kmeans(features, 1, rng)]
    for number in range(2, min(most, len(features) // 2) + 1):
        tries = (kmeans(features, number, rng, 30) for _ in range(_TRIES))
        made.append(min(tries, key=lambda one: one.inertia))
    return made


def best_of(found: list[Clusters], inertia_left: float) -> Clusters:
    """The clustering into J subsets.

    Parameters
    ----------
    found : list of Clusters
        As `clusterings` gives them.
    inertia_left : float
        J is the largest number that leaves at most this part of the inertia for each subset more: this part of that
        of J − 1, or its square of that of J − 2, and so on. Subsets of one picture are none.
    """
    best = found[0]
    for more in found[1:]:
        subsets = int(more.labels.max() - best.labels.max())
        if more.inertia <= inertia_left**subsets * best.inertia and np.bincount(more.labels).min() >= 2:
            best = more
    return best
