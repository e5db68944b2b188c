"""Sets that hold several scenes are split into them, and others stay whole."""

from __future__ import annotations

import numpy as np

from semcom.semantic.systems.seb.kmeans import Clusters
from semcom.semantic.systems.seb.splitting import best_of, plain_features, split

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


def test_three_that_are_equally_far_apart_are_found_although_two_hardly_help() -> None:
    rng = np.random.default_rng(2)
    features = (np.eye(3).repeat(4, 0) + rng.normal(0, 0.02, (12, 3))).astype(np.float32)
    subsets = split(features, 8, 0.4, np.random.default_rng(1))
    assert [subset.tolist() for subset in subsets] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


def test_each_further_subset_must_leave_its_part_of_the_inertia() -> None:
    def clusters(inertia: float, *labels: int) -> Clusters:
        return Clusters(np.zeros((max(labels) + 1, 1)), np.array(labels), inertia)

    one, two, three = clusters(100.0, 0, 0, 0, 0, 0, 0), clusters(50.0, 0, 0, 0, 1, 1, 1), (0, 0, 1, 1, 2, 2)
    assert best_of([one, two, clusters(15.9, *three)], 0.4).inertia == 15.9
    assert best_of([one, two, clusters(16.1, *three)], 0.4).inertia == 100.0
    assert best_of([one, clusters(40.0, 0, 0, 0, 1, 1, 1), clusters(16.1, *three)], 0.4).inertia == 40.0
    assert best_of([one, clusters(1.0, 0, 0, 0, 0, 0, 1)], 0.4).inertia == 100.0  # of one picture
