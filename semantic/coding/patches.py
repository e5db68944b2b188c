"""A picture ⇄ square patches, row by row from the upper left; the last of a row or column reach beyond the edge."""

from __future__ import annotations

import numpy as np


def grid_of(width: int, height: int, side: int) -> tuple[int, int]:
    """(rows, columns) of the patches of a picture, rounded up."""
    return -(-height // side), -(-width // side)


def divide(image: np.ndarray, side: int) -> np.ndarray:
    """[rows · columns, side, side, 3] of image [height, width, 3], continued beyond its edges by repetition."""
    rows, columns = grid_of(image.shape[1], image.shape[0], side)
    padding = ((0, rows * side - image.shape[0]), (0, columns * side - image.shape[1]), (0, 0))
    padded = np.pad(image, padding, mode="edge")
    return padded.reshape(rows, side, columns, side, 3).swapaxes(1, 2).reshape(rows * columns, side, side, 3)


def join(patches: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """[rows · side, columns · side, 3] of patches [rows · columns, side, side, 3]."""
    side = patches.shape[1]
    return patches.reshape(rows, columns, side, side, 3).swapaxes(1, 2).reshape(rows * side, columns * side, 3)
