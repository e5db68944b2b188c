"""Numbers, bytes and words at and just beyond limits."""

from __future__ import annotations

import numpy as np

Rng = np.random.Generator


def near(rng: Rng, low: int, high: int) -> int:
    """A number that tests a range: its ends, just beyond them, or somewhere between."""
    return int(rng.choice([low - 1, low, low + 1, high - 1, high, high + 1, *rng.integers(low, high + 1, 6)]))


def within(rng: Rng, low: int, high: int) -> int:
    """The same, never beyond."""
    return min(max(near(rng, low, high), low), high)


def some_bytes(rng: Rng, most: int) -> bytes:
    """Mostly short; now and then as long as may be, or a byte longer."""
    length = near(rng, 0, most) if rng.random() < 0.1 else int(rng.integers(0, min(most, 80) + 1))
    return rng.bytes(max(0, length))


_ALPHABETS = ("ab c", "aé漢🙂 .", " 'd-x’", "\0\x02\x1b\n a", "\ud800a", " \u200b\u202e", "A red boat on a lake. ")


def words(rng: Rng, most: int) -> str:
    letters = list(_ALPHABETS[rng.integers(len(_ALPHABETS))])
    length = near(rng, 0, most) if rng.random() < 0.02 else int(rng.integers(0, min(most, 60) + 1))
    return "".join(rng.choice(letters, max(0, length)))


def picture_size(rng: Rng) -> tuple[int, int]:
    """Width and height of a picture: small, ordinary, or at a limit."""
    sizes = [(near(rng, 16, 16384), near(rng, 16, 64)), (near(rng, 16, 64), near(rng, 16, 16384)), (8000, 8000)]
    usual = [tuple(int(side) for side in rng.integers(16, 300, 2)) for _ in range(6)]
    pick = [*sizes, *usual]
    return pick[rng.integers(len(pick))]
