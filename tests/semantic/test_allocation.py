"""Bytes go where they do most: against brute force, and at the edges."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from semcom.semantic.allocation import MAX_COMBINATIONS, Version, allocate


def some_versions(rng: np.random.Generator, name: str) -> list[Version]:
    sizes = np.sort(rng.integers(1, 200, 4)).tolist()
    benefits = np.sort(rng.random(4)).tolist()
    return [
        Version(0, 0.0),
        *(Version(s, b, f"{name}{i}") for i, (s, b) in enumerate(zip(sizes, benefits, strict=True))),
    ]


def rest(num_bytes: int) -> float:
    return 0.2 * math.log1p(num_bytes)


def test_best_sum_that_fits(rng: np.random.Generator) -> None:
    for _ in range(30):
        versions = {name: some_versions(rng, name) for name in "abc"}
        budget = int(rng.integers(0, 500))
        chosen = allocate(versions, budget, rest)
        spent = sum(version.num_bytes for version in chosen.values())
        assert spent <= budget
        best = max(
            sum(v.benefit for v in combination) + rest(budget - sum(v.num_bytes for v in combination))
            for combination in itertools.product(*versions.values())
            if sum(v.num_bytes for v in combination) <= budget
        )
        assert sum(v.benefit for v in chosen.values()) + rest(budget - spent) == pytest.approx(best)


def test_worthless_bytes_are_not_spent() -> None:
    chosen = allocate({"a": [Version(0, 1.0), Version(10, 1.0, "long")]}, 100, lambda left: 0.0)
    assert chosen["a"].num_bytes == 0


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 10 for these layers, got 9"):
        allocate({"a": [Version(10, 1.0)]}, 9, rest)
    with pytest.raises(ValueError, match=r"versions of .b. must be at least one"):
        allocate({"a": [Version(1, 1.0)], "b": []}, 9, rest)
    side = [Version(n, 0.0) for n in range(1000)]
    with pytest.raises(ValueError, match=f"at most {MAX_COMBINATIONS}, got 1000000"):
        allocate({"a": side, "b": side}, 9, rest)
