"""A-seg on the pretrained backbone: what every pixel shows, and where each person is, by two heads of ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from semcom.semantic.extract.general_labels import decided_generally
from semcom.semantic.extract.people_finder import CAREFUL_VIEWS, PeopleFinder
from semcom.semantic.extract.segmenter import (
    Segmentation,
    Segmenter,
    at_size,
    check_picture,
    softmax,
    vocabulary_of,
)
from semcom.semantic.nets.learned import learned, or_small
from semcom.semantic.vocabulary import Vocabulary

VOCABULARY = "everyday-2"
"""Its first categories are those that the head tells apart."""
WEIGHTS = Path(__file__).parents[1] / "weights" / "scene_head.safetensors"
VIEWS = ((640, False, 1.0), (384, False, 0.5), (384, True, 0.5), (256, False, 0.5))
"""(longer side in pixels, mirrored, weight): all but the largest are also what the captioner looks at. Objects and
streets are right more often where the largest counts most, the rest of a scene where it counts least."""
THIN = ("pole", "sign", "fence")
"""Categories too thin for the other views: the largest view's probability counts where it is higher than the mean."""
TEMPERATURE = 1.0
"""Divides the logits, so that `score` is how often the label is right (fitted on photos not trained on: the card)."""


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
        with learned():
            from semcom.semantic.nets.backbone_views import shared_views
            from semcom.semantic.nets.loading import load_weights
            from semcom.semantic.nets.scene_head import SceneHead
        path = Path(weights) if weights is not None else WEIGHTS
        told_apart = vocabulary_of(path)
        self.vocabulary = Vocabulary.load(VOCABULARY)
        self.threads = threads
        self._views = shared_views()
        self._thin = [told_apart[name].id for name in THIN]
        self._head = SceneHead(len(told_apart))
        load_weights(path, self._head)
        self._people = PeopleFinder(threads=threads)

    def __call__(self, image: np.ndarray) -> Segmentation:
        check_picture(image)
        found = self._people(image)
        people = np.column_stack([found.boxes, found.scores])
        return replace(decided_generally(self.probabilities(image), self.vocabulary, *image.shape[:2]), people=people)

    def inside_people(self, image: np.ndarray) -> np.ndarray:
        """float32 [h, w]: probability that a place lies in the box of a person, looked at with care."""
        return self._people(image, CAREFUL_VIEWS).inside

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        """float32 [C, h, w]: probability of each category, at a quarter of the largest view's size.

        Of categories that only speak for their group it is 0: what they stand for is with its members.
        """
        views = [self._view(image, longer_side_px, mirrored) for longer_side_px, mirrored, _ in VIEWS]
        weights = [weight for _, _, weight in VIEWS]
        size = views[0].shape[1:]
        probability = sum(weight * at_size(view, size) for weight, view in zip(weights, views, strict=True)) / sum(
            weights
        )
        probability[self._thin] = np.maximum(probability[self._thin], views[0][self._thin])
        probability /= probability.sum(axis=0, keepdims=True)
        return np.pad(probability, ((0, len(self.vocabulary) - len(probability)), (0, 0), (0, 0)))

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
    return or_small(lambda: SceneSegmenter(threads=threads), lambda: Segmenter(threads=threads), "segmenter")
