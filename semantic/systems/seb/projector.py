"""Pictures as image set splitting compares them: by the trained projector, or as small pictures where it cannot run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from semcom.semantic.errors import ModelError
from semcom.semantic.nets.learned import learned
from semcom.semantic.systems.seb.splitting import plain_features

WEIGHTS = Path(__file__).parents[2] / "weights" / "seb_projector.safetensors"
VIEW_PX = 256
"""Longer side of a picture as the backbone sees it."""


@dataclass(frozen=True)
class Compared:
    """Features of the pictures of a set.

    Attributes
    ----------
    features : float32 [pictures, dimensions]
    note : str
        Why it is not the projector that was to serve; empty where nothing else was.
    """

    features: np.ndarray
    note: str = ""


def compared(images: Sequence[np.ndarray], splitting: str) -> Compared:
    """Features of pictures, uint8 [height, width, 3]: ``projector``, or ``plain`` where that is wanted or needed."""
    note = ""
    if splitting == "projector":
        try:
            projector = load_projector()
            return Compared(np.stack([projector(image) for image in images]))
        except ModelError as error:
            note = f"sets are split by small pictures in its place: {error}"
    return Compared(np.stack([plain_features(image) for image in images]), note)


class Projector:
    """Picture → its direction in the space of the trained projector (Zheng et al. §II-A).

    Raises
    ------
    ModelError
        Torch or the backbone's package is missing, or weights are damaged.
    """

    def __init__(self, weights: Path = WEIGHTS, threads: int = 1) -> None:
        with learned("names in pictures"):
            from semcom.semantic.nets.backbone_views import shared_views
            from semcom.semantic.nets.loading import load_weights
            from semcom.semantic.nets.set_projector import SetProjector, direction
        self._threads, self._views, self._net = threads, shared_views(), SetProjector()
        self._direction = direction
        load_weights(weights, self._net)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """float32 [256], of unit length, of a picture, uint8 [height, width, 3]."""
        return self._direction(self._net, self._views.embedding(image, VIEW_PX, self._threads))


@lru_cache(maxsize=1)
def load_projector() -> Projector:
    """The shipped one; raises `ModelError` as it does."""
    return Projector()
