"""Sets that hold several scenes are split into them, and others stay whole."""

from __future__ import annotations

import numpy as np

from semcom.semantic.systems.seb.splitting import plain_features, split

from .sets import camera, unrelated


def subsets_of(pictures: list[np.ndarray], most: int = 8) -> list[list[int]]:
    features = np.stack([plain_features(picture) for picture in pictures])
    return [subset.tolist() for subset in split(features, most, 0.4, np.random.default_rng(1))]


def test_two_cameras_are_two_subsets_that_of_the_first_picture_first() -> None:
    first, second = camera(4, seed=1), camera(4, seed=2)
    mixed = [picture for pair in zip(first, second, strict=True) for picture in pair]
    assert subsets_of(mixed) == [[0, 2, 4, 6], [1, 3, 5, 7]]
    assert subsets_of(mixed, most=1) == [[*range(8)]]


def test_unrelated_pictures_and_very_few_stay_together() -> None:
    assert subsets_of(unrelated(6)) == [[*range(6)]]
    assert subsets_of(camera(1)) == [[0]]
    assert subsets_of(unrelated(2)) == [[0, 1]]
