"""A-seg on the pretrained backbone: what every pixel shows, and where each person is, by two heads of ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from semcom.installation.packages import missing
from semcom.semantic.errors import ModelError
from semcom.semantic.extract.people_finder import CAREFUL_VIEWS, PeopleFinder
from semcom.semantic.extract.segmenter import (
    NEEDS_TORCH,
    Segmentation,
    Segmenter,
    at_size,
    check_picture,
    decided,
    softmax,
    vocabulary_of,
)

WEIGHTS = Path(__file__).parents[1] / "weights" / "scene_head.safetensors"
VIEWS = ((512, False), (384, False), (384, True), (256, False))
"""(longer side in pixels, mirrored); all but the largest are also what the captioner looks at."""
TEMPERATURE = 1.0
"""Divides the logits, so that `score` is how often the label is right (fitted on photos not trained on: the card)."""
MORE_LIKELY: dict[str, float] = {}
"""Factors of the probabilities of categories that the network finds too unlikely."""


class SceneSegmenter:
    """Picture → label map, by the backbone and the head of `nets.scene_head`.

    Parameters
    ----------
    weights : path, optional
        The head's; those shipped with the package by default.
    threads : int
        CPU threads while it works.

    Raises
    ------
    ModelError
        Torch or the backbone's package is missing, or weights are damaged or for another vocabulary.
    PictureError
        Not a uint8 array [H, W, 3].
    """

    def __init__(self, weights: Path | str | None = None, threads: int = 1) -> None:
        try:
            from semcom.semantic.nets.backbone_views import shared_views
            from semcom.semantic.nets.loading import load_weights
            from semcom.semantic.nets.scene_head import SceneHead
        except ImportError as error:
            raise ModelError(missing("sending pictures") or NEEDS_TORCH) from error
        path = Path(weights) if weights is not None else WEIGHTS
        self.vocabulary = vocabulary_of(path)
        self.threads = threads
        self._views = shared_views()
        self._worth = np.ones(len(self.vocabulary), np.float32)
        for category, factor in MORE_LIKELY.items():
            self._worth[self.vocabulary[category].id] = factor
        self._head = SceneHead(len(self.vocabulary))
        load_weights(path, self._head)
        self._people = PeopleFinder(threads=threads)

    def __call__(self, image: np.ndarray) -> Segmentation:
        check_picture(image)
        found = self._people(image)
        people = np.column_stack([found.boxes, found.scores])
        return replace(decided(self.probabilities(image), *image.shape[:2]), people=people)

    def inside_people(self, image: np.ndarray) -> np.ndarray:
        """float32 [h, w]: probability that a place lies in the box of a person, looked at with care."""
        return self._people(image, CAREFUL_VIEWS).inside

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        """float32 [C, h, w]: probability of each category, at a quarter of the largest view's size."""
        views = [self._view(image, *view) for view in VIEWS]
        size = views[0].shape[1:]
        probability = sum(at_size(view, size) for view in views) * self._worth[:, None, None]
        return probability / probability.sum(axis=0, keepdims=True)

    def _view(self, image: np.ndarray, longer_side_px: int, mirrored: bool) -> np.ndarray:
        import torch

        from semcom.semantic.nets.backbone_views import Threads

        pyramid = self._views.pyramid(image, longer_side_px, mirrored, self.threads)
        with Threads(self.threads), torch.inference_mode():
            logits = self._head(pyramid)[0].contiguous().numpy()
        probability = softmax(logits / TEMPERATURE)
        return probability[:, :, ::-1] if mirrored else probability


def best_segmenter(threads: int = 1) -> SceneSegmenter | Segmenter:
    """The segmenter on the backbone; the small one, which says so in its `note`, where the backbone cannot be had.

    Raises
    ------
    ModelError
        Neither can be made.
    """
    try:
        return SceneSegmenter(threads=threads)
    except ModelError as error:
        small = Segmenter(threads=threads)
        small.note = f"the small segmenter serves: {error}"
        return small
