"""Standard k-means: centres that leave vectors the least squared distance [Lloyd 1982; Arthur 2007].

Distances are float32, so another machine may cluster otherwise at a tie; only centres and numbers are ever sent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MAX_FITTED = 20_000
"""Vectors that centres are fitted to; of more, a random part is taken, and all are assigned at the end."""
_CHUNK = 4096


@dataclass(frozen=True)
class Clusters:
    """Outcome of a clustering.

    Attributes
    ----------
    centres : float32 [count, dimensions]
    labels : int32 [vectors]
    inertia : float
        Sum of squared distances of the vectors from their centres.
    """

    centres: np.ndarray
    labels: np.ndarray
    inertia: float


def kmeans(vectors: np.ndarray, count: int, rng: np.random.Generator, rounds: int = 12) -> Clusters:
    """At most `count` clusters, none of them empty; fewer where there are fewer different vectors.

    Parameters
    ----------
    vectors : float32 [vectors, dimensions]
    count : int
        1 or more.
    rng : numpy.random.Generator
    rounds : int
        Of Lloyd's iteration, at most.
    """
    vectors = np.ascontiguousarray(vectors, np.float32)
    few = vectors if len(vectors) <= MAX_FITTED else vectors[rng.choice(len(vectors), MAX_FITTED, replace=False)]
    centres = _seeds(few, min(count, len(few)), rng)
    before = None
    for _ in range(rounds):
        labels, _ = assign(few, centres)
        if before is not None and np.array_equal(labels, before):
            break
        before = labels
        sums = np.zeros_like(centres, dtype=np.float64)
        np.add.at(sums, labels, few)
        sizes = np.bincount(labels, minlength=len(centres))
        kept = sizes > 0
        centres = centres.copy()
        centres[kept] = sums[kept] / sizes[kept, None]
    labels, distances = assign(vectors, centres)
    used, labels = np.unique(labels, return_inverse=True)
    return Clusters(centres[used], labels.astype(np.int32), float(distances.sum()))


def assign(vectors: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of the nearest centre, int32, and the squared distance from it, float32, of each vector."""
    squares = (centres**2).sum(1)
    labels = np.empty(len(vectors), np.int32)
    distances = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), _CHUNK):
        part = vectors[start : start + _CHUNK]
        table = squares - 2 * (part @ centres.T)
        nearest = table.argmin(1)
        labels[start : start + _CHUNK] = nearest
        distances[start : start + _CHUNK] = table[np.arange(len(part)), nearest] + (part**2).sum(1)
    return labels, np.maximum(distances, 0)


def _seeds(vectors: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """k-means++: each next one with a probability as its squared distance from those there are."""
    chosen = [int(rng.integers(len(vectors)))]
    squares = (vectors**2).sum(1)
    nearest = np.full(len(vectors), np.inf, np.float32)
    while len(chosen) < count:
        last = vectors[chosen[-1]]
        nearest = np.minimum(nearest, np.maximum(squares - 2 * (vectors @ last) + squares[chosen[-1]], 0))
        total = nearest.sum(dtype=np.float64)
        if total <= 0:
            break
        chosen.append(int(np.searchsorted(np.cumsum(nearest, dtype=np.float64), rng.random() * total, "right")))
        chosen[-1] = min(chosen[-1], len(vectors) - 1)
    return vectors[chosen].copy()
