"""k-means against the truth it was made from, and against scikit-learn's where that is installed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster import vq

from semcom.semantic.systems.seb.kmeans import assign, kmeans


def clouds(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    centres = rng.uniform(-50, 50, (6, 5)).astype(np.float32)
    truth = np.repeat(np.arange(6), 40)
    return centres[truth] + rng.normal(0, 0.5, (240, 5)).astype(np.float32), truth


def test_clouds_are_found() -> None:
    rng = np.random.default_rng(3)
    vectors, truth = clouds(rng)
    found = min((kmeans(vectors, 6, rng) for _ in range(5)), key=lambda made: made.inertia)
    assert len(found.centres) == 6
    for label in range(6):
        assert len(np.unique(truth[found.labels == label])) == 1
    squared = ((vectors - found.centres[found.labels]) ** 2).sum()
    assert found.inertia == pytest.approx(squared, rel=1e-3)


def test_inertia_is_that_of_an_independent_implementation() -> None:
    """SciPy's k-means from many starts: the best of each is the same optimum."""
    vectors, _ = clouds(np.random.default_rng(4))
    own = min(kmeans(vectors, 6, np.random.default_rng(seed)).inertia for seed in range(6))
    centres, _ = vq.kmeans(vectors, 6, iter=40, seed=np.random.default_rng(1))
    theirs = float((vq.vq(vectors, centres)[1] ** 2).sum())
    assert own == pytest.approx(theirs, rel=0.01)


def test_fewer_different_vectors_than_clusters() -> None:
    vectors = np.array([[0.0, 1.0], [2.0, 3.0]], np.float32).repeat(7, 0)
    found = kmeans(vectors, 5, np.random.default_rng(1))
    assert len(found.centres) == 2 and found.inertia == pytest.approx(0, abs=1e-4)
    assert len(kmeans(vectors[:1], 5, np.random.default_rng(1)).centres) == 1


def test_the_nearest_is_taken() -> None:
    labels, distances = assign(np.array([[1.0], [8.0]], np.float32), np.array([[0.0], [10.0]], np.float32))
    assert labels.tolist() == [0, 1] and distances == pytest.approx([1, 4], rel=1e-5)
