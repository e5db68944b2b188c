"""Small sets of pictures that have something in common, or nothing."""

from __future__ import annotations

import numpy as np


def camera(count: int, width: int = 160, height: int = 128, seed: int = 1) -> list[np.ndarray]:
    """A fixed scene of many colours through which a red square walks."""
    rng = np.random.default_rng(seed)
    scene = rng.integers(40, 210, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    scene = scene.repeat(8, 0).repeat(8, 1)[:height, :width]
    pictures = []
    for number in range(count):
        picture = scene.copy()
        left = (12 * number) % (width - 24)
        picture[height // 2 : height // 2 + 24, left : left + 24] = (220, 20, 20)
        pictures.append(picture)
    return pictures


def unrelated(count: int, width: int = 160, height: int = 128) -> list[np.ndarray]:
    """Scenes of which none is like another."""
    return [camera(1, width, height, seed)[0] for seed in range(100, 100 + count)]
