"""Stand-ins for the networks and a photo they know: what tests outside the models' own use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pytest

from semcom.semantic import registry
from semcom.semantic.extract.captioner import compose_caption
from semcom.semantic.vocabulary import Vocabulary


def street(width: int = 96, height: int = 64) -> np.ndarray:
    """uint8 [height, width, 3]: blue sky, grey road, a red box for a car."""
    image = np.empty((height, width, 3), np.uint8)
    image[: height // 2] = (120, 170, 230)
    image[height // 2 :] = (110, 110, 112)
    image[height * 5 // 8 : height * 7 // 8, width // 4 : width // 2] = (190, 30, 30)
    return image


def street_labels(width: int = 96, height: int = 64) -> np.ndarray:
    """uint8 [height, width]: the class map of `street`."""
    vocabulary = Vocabulary.load("everyday-1")
    labels = np.full((height, width), vocabulary["sky"].id, np.uint8)
    labels[height // 2 :] = vocabulary["road"].id
    labels[height * 5 // 8 : height * 7 // 8, width // 4 : width // 2] = vocabulary["car"].id
    return labels


@dataclass
class Found:
    labels: np.ndarray
    score: np.ndarray


class KnowsTheStreet:
    """Stands in for the segmenter: every picture is the street, at its size."""

    vocabulary = Vocabulary.load("everyday-1")

    def __call__(self, image: np.ndarray) -> Found:
        labels = street_labels(image.shape[1], image.shape[0])
        return Found(labels, np.full(labels.shape, 0.9, np.float32))


class SeesRed:
    """Stands in for the segmenter: red is car, blue sky, the rest road."""

    vocabulary = Vocabulary.load("everyday-1")

    def __call__(self, image: np.ndarray) -> Found:
        labels = np.full(image.shape[:2], self.vocabulary["road"].id, np.uint8)
        labels[image[..., 2] > 200] = self.vocabulary["sky"].id
        labels[red(image)] = self.vocabulary["car"].id
        return Found(labels, np.full(labels.shape, 0.9, np.float32))


def red(image: np.ndarray) -> np.ndarray:
    """bool [height, width]: pixels as red as the car of `street`."""
    return image[..., 0].astype(int) - image[..., 1] > 40


class SeesSteps:
    """Stands in for the detailer: steps of brightness are boundaries."""

    def __call__(self, image: np.ndarray) -> np.ndarray:
        grey = image.mean(2)
        step = np.zeros(grey.shape, np.float32)
        step[1:] += np.abs(np.diff(grey, axis=0)) > 20
        step[:, 1:] += np.abs(np.diff(grey, axis=1)) > 20
        return np.minimum(step, 1.0)


@contextmanager
def street_parts() -> Iterator[None]:
    """The registry hands out the stand-ins instead of the networks."""
    with (
        registry.override("segmenters", "best", KnowsTheStreet()),
        registry.override("captioners", "best", compose_caption),
        registry.override("detailers", "best", SeesSteps()),
    ):
        yield


@pytest.fixture
def stand_ins() -> Iterator[None]:
    with street_parts():
        yield
