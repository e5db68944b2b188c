"""Maps and pictures that the tests of the coders share, made of integers so that every machine has the same."""

from __future__ import annotations

import numpy as np


def rings(height: int, width: int, num_labels: int) -> np.ndarray:
    """Label map of elliptic rings, uint8 [height, width], with a block of 255 in it."""
    y, x = np.mgrid[:height, :width].astype(np.int64)
    labels = ((x * x + 2 * y * y) // (height * width // 5 + 1) % num_labels).astype(np.uint8)
    labels[height // 8 : height // 3, width // 8 : width // 3] = 255
    return labels


def scene(height: int, width: int) -> np.ndarray:
    """Sky, hills, road and boxes, uint8 [height, width] of 0..5: the shape of a street's class map."""
    y, x = np.mgrid[:height, :width].astype(np.int64)
    labels = np.zeros((height, width), dtype=np.uint8)
    labels[y * 8 > height * 3 + (x * 29 % 37) * height // 100] = 1
    labels[y * 2 > height] = 2
    labels[(y * 2 > height) & (abs(2 * x - width) * 2 < 4 * y - 2 * height)] = 3
    for k in range(4):
        left, top = width * (2 * k + 1) // 9, height * (4 + k % 2) // 8
        labels[top : top + height // 8, left : left + width // 12] = 4 + k % 2
    return labels


def outlines(labels: np.ndarray) -> np.ndarray:
    """Borders between labels, bool [height, width]."""
    borders = np.zeros(labels.shape, dtype=bool)
    borders[:, :-1] |= labels[:, 1:] != labels[:, :-1]
    borders[:-1] |= labels[1:] != labels[:-1]
    return borders


def painting(height: int, width: int) -> np.ndarray:
    """A colourful picture with ramps, stripes and a disc, uint8 [height, width, 3]."""
    y, x = np.mgrid[:height, :width].astype(np.int64)
    red = 255 * x // max(width - 1, 1)
    green = 255 * y // max(height - 1, 1)
    blue = 60 + 120 * ((x // 5 + y // 7) % 2)
    picture = np.stack([red, green, blue], axis=-1)
    picture[(2 * x - width) ** 2 + (2 * y - height) ** 2 < min(height, width) ** 2 // 2] = (220, 40, 40)
    return picture.astype(np.uint8)
