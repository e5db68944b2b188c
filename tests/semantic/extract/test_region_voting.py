from __future__ import annotations

import numpy as np

from semcom.semantic.extract.region_voting import vote_in_regions


def test_regions_take_the_label_most_of_their_score_is_for() -> None:
    labels = np.array([[1, 1, 2, 2], [1, 3, 2, 1]], np.uint8)
    score = np.array([[0.5, 0.5, 0.9, 0.9], [0.5, 0.9, 0.2, 0.3]], np.float32)
    regions = np.array([[0, 0, 1, 1], [0, 0, 1, 1]], np.int32)
    voted, sureness = vote_in_regions(labels, score, regions, 1.1)
    np.testing.assert_array_equal(voted, [[1, 1, 2, 2], [1, 1, 2, 2]])
    np.testing.assert_allclose(sureness[0], [1.5 / 3, 1.5 / 3, 2.0 / 3, 2.0 / 3])


def test_one_sure_pixel_outvotes_two_doubtful_ones() -> None:
    voted, _ = vote_in_regions(
        np.array([[4, 4, 7]], np.uint8), np.array([[0.2, 0.2, 0.9]], np.float32), np.zeros((1, 3), np.int32), 1.1
    )
    assert (voted == 7).all()


def test_single_pixel_regions_change_nothing(rng: np.random.Generator) -> None:
    labels = rng.integers(0, 50, (9, 11)).astype(np.uint8)
    score = rng.random((9, 11)).astype(np.float32)
    voted, sureness = vote_in_regions(labels, score, np.arange(99, dtype=np.int32).reshape(9, 11), 1.1)
    np.testing.assert_array_equal(voted, labels)
    np.testing.assert_allclose(sureness, score)


def test_a_label_with_its_share_of_the_votes_stays() -> None:
    labels = np.array([[1, 1, 1, 1, 1, 1, 2, 2, 2, 3]], np.uint8)
    score = np.ones((1, 10), np.float32)
    score[0, 6:9] = 0.5
    voted, sureness = vote_in_regions(labels, score, np.zeros((1, 10), np.int32), 0.15)
    np.testing.assert_array_equal(voted, [[1, 1, 1, 1, 1, 1, 2, 2, 2, 1]])
    np.testing.assert_allclose(sureness, [[1] * 6 + [0.5] * 3 + [1]])


def test_regions_without_any_score_change_nothing() -> None:
    voted, sureness = vote_in_regions(
        np.full((2, 2), 5, np.uint8), np.zeros((2, 2), np.float32), np.zeros((2, 2), np.int32), 0.5
    )
    assert (voted == 5).all() and (sureness == 0).all()
