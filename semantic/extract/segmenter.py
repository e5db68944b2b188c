"""A-seg: what every pixel shows, in the words of a vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic.errors import ModelError, PictureError
from semcom.semantic.nets.learned import learned
from semcom.semantic.vocabulary import Vocabulary

WEIGHTS = Path(__file__).parents[1] / "weights" / "segmenter.safetensors"

WORKING_SIDES_PX = (640, 448, 288, 224)
"""Pictures are seen at these lengths of the longer side, whatever their size: small things at the first, the whole
scene at the last; the mean counts."""
MIRRORED_UP_TO_PX = 448
"""At these working sizes also mirrored; at larger ones it costs more than it brings."""
RARER_THAN_TRUE = {"pole": 2.8, "sign": 2.8, "fence": 1.27, "person": 1.2}
"""The network finds these too unlikely: they are rare in its training, and of what people look for. Factors of their
probabilities."""
MAX_LABEL_SIDE_PX = 1024
"""Labels are decided at the picture's size, but at most at this one, and repeated beyond."""
TEMPERATURE = 1.25
"""Divides the logits, so that `score` is how often the label is right (fitted on the held-out part, see the card)."""


@dataclass(frozen=True)
class Segmentation:
    """Category and confidence of every pixel.

    Attributes
    ----------
    labels : uint8 [H, W]
        Category ids of the segmenter's vocabulary.
    score : float32 [H, W]
        Estimated probability that the label is right, 0..1.
    people : float32 [n, 5] or None
        Boxes of people one by one, (x0, y0, x1, y1) as shares of the sides and a score 0..1, surest first; None where
        the segmenter does not tell them apart.
    """

    labels: np.ndarray
    score: np.ndarray
    people: np.ndarray | None = None


class Segmenter:
    """Picture → label map, by the network of `nets.segmentation_net`.

    Parameters
    ----------
    weights : path, optional
        A file written by `nets.loading.save_weights`; the weights shipped with the package by default.
    threads : int
        CPU threads while it works.
    mirror : bool
        Also look at the mirrored picture and take the mean: a little better, twice the time.
    largest_side_px : int
        Only the working sizes up to this one: less time, small things are missed. At least the smallest.

    Input
    -----
    image : uint8 [H, W, 3]
        sRGB, any size from 1×1.

    Output
    ------
    Segmentation

    Raises
    ------
    ModelError
        Torch is not installed, the weights are missing, damaged or for another vocabulary, or no working size is left.
    PictureError
        Not a uint8 array [H, W, 3].
    """

    note = ""
    """For the sender: why this one serves, where another was wanted."""

    def __init__(
        self,
        weights: Path | str | None = None,
        threads: int = 1,
        mirror: bool = True,
        largest_side_px: int = WORKING_SIDES_PX[0],
    ) -> None:
        with learned():
            from semcom.semantic.nets.loading import load_weights
            from semcom.semantic.nets.segmentation_net import SegmentationNet
        path = Path(weights) if weights is not None else WEIGHTS
        self.vocabulary = vocabulary_of(path)
        self.threads, self.mirror = threads, mirror
        self._sides_px = [side for side in WORKING_SIDES_PX if side <= largest_side_px]
        if not self._sides_px:
            raise ModelError(f"largest_side_px must be at least {min(WORKING_SIDES_PX)}, got {largest_side_px}")
        self._worth = np.ones(len(self.vocabulary), np.float32)
        for category, factor in RARER_THAN_TRUE.items():
            self._worth[self.vocabulary[category].id] = factor
        self._net = SegmentationNet(len(self.vocabulary))
        load_weights(path, self._net)

    def __call__(self, image: np.ndarray) -> Segmentation:
        check_picture(image)
        return decided(self.probabilities(image), *image.shape[:2])

    def features(self, image: np.ndarray) -> list[np.ndarray]:
        """Features of the encoder at 1/4, 1/8 and 1/16 of the picture as it is, float32 [C, h, w] each."""
        from semcom.semantic.nets.running import encoder_features

        return encoder_features(self._net, image, self.threads)

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        """float32 [C, h, w]: probability of each category, at about a quarter of the largest working size."""
        views = [self._view(image, side) for side in self._sides_px]
        size = views[0].shape[1:]
        probability = sum(at_size(view, size) for view in views) * self._worth[:, None, None]
        return probability / probability.sum(axis=0, keepdims=True)

    def _view(self, image: np.ndarray, longer_side_px: int) -> np.ndarray:
        """Probabilities as seen at one working size."""
        from semcom.semantic.nets.running import run_padded

        x = working_picture(image, longer_side_px)
        logits = run_padded(self._net, x, self.threads, output_stride=4)
        probability = softmax(logits / TEMPERATURE)
        if self.mirror and longer_side_px <= MIRRORED_UP_TO_PX:
            mirrored = run_padded(self._net, x[:, ::-1], self.threads, output_stride=4)[:, :, ::-1]
            probability = (probability + softmax(mirrored / TEMPERATURE)) / 2
        return probability


def vocabulary_of(weights: Path) -> Vocabulary:
    """The published vocabulary whose categories a file of weights tells apart; raises `ModelError` where it is none."""
    from semcom.semantic.nets.loading import read_header

    metadata = read_header(weights)[1]
    name = metadata.get("vocabulary", "")
    if name not in Vocabulary.published():
        raise ModelError(f"weights {weights}: vocabulary must be one of {Vocabulary.published()}, got {name!r}")
    vocabulary = Vocabulary.load(name)
    if metadata.get("vocabulary_hash") != f"{vocabulary.hash:04x}":
        raise ModelError(
            f"weights {weights}: vocabulary_hash must be {vocabulary.hash:04x} ({name}), "
            f"got {metadata.get('vocabulary_hash')!r}"
        )
    return vocabulary


def decided(
    worth: np.ndarray, height: int, width: int, probability: Mapping[int, np.ndarray] | None = None
) -> Segmentation:
    """The best category of each pixel of a picture, with its probability.

    Parameters
    ----------
    worth : float32 [C, h, w]
        What each category is worth saying; the highest is said.
    height, width : int
        Of the picture.
    probability : mapping, optional
        Category → float32 [h, w], of those whose probability is not what they are worth.
    """
    scale = min(1.0, MAX_LABEL_SIDE_PX / max(height, width))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    labels, score = _decide(worth, size, probability or {})
    if scale < 1.0:
        labels = _repeat(labels, height, width)
        score = _repeat(score, height, width)
    return Segmentation(labels, score)


def check_picture(image: np.ndarray) -> None:
    """Refuse anything but uint8 [H, W, 3] with at least one pixel."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise PictureError(
            f"image must be uint8 [H, W, 3], got {getattr(image, 'dtype', type(image).__name__)} "
            f"{list(np.shape(image))}"
        )
    if image.size == 0:
        raise PictureError(f"image must have at least one pixel, got {list(image.shape)}")


def working_picture(image: np.ndarray, longer_side_px: int) -> np.ndarray:
    """The picture with its longer side scaled to `longer_side_px`, its shorter to at least 16: uint8 [h, w, 3]."""
    height, width = image.shape[:2]
    scale = longer_side_px / max(height, width)
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))


def at_size(planes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Planes [C, h, w] scaled to `size`."""
    if planes.shape[1:] == size:
        return planes
    return np.stack([_scaled(plane, size) for plane in planes])


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits [C, h, w] over their first axis."""
    exponential = np.exp(logits - logits.max(axis=0, keepdims=True))
    return exponential / exponential.sum(axis=0, keepdims=True)


def _decide(
    worth: np.ndarray, size: tuple[int, int], probability: Mapping[int, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Best category and its probability at `size`; only categories that win somewhere small are scaled up."""
    present = np.unique(worth.argmax(axis=0))
    best = np.zeros(size, np.float32)
    score = np.zeros(size, np.float32)
    labels = np.zeros(size, np.uint8)
    for category in present.tolist():
        plane = _scaled(worth[category], size)
        wins = plane > best
        labels[wins] = category
        best[wins] = plane[wins]
        score[wins] = _scaled(probability[category], size)[wins] if category in probability else plane[wins]
    return labels, score


def _scaled(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(Image.fromarray(plane).resize(size[::-1], Image.Resampling.BILINEAR))


def _repeat(values: np.ndarray, height: int, width: int) -> np.ndarray:
    rows = np.minimum(np.arange(height) * values.shape[0] // height, values.shape[0] - 1)
    columns = np.minimum(np.arange(width) * values.shape[1] // width, values.shape[1] - 1)
    return values[rows[:, None], columns[None, :]]
