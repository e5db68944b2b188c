"""Bringing a label map to the resolution at which it is sent, and clearing away what is too small to mean anything."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from semcom.semantic.vocabulary import NO_LABEL


def divisor_for(width: int, height: int, longer_side: int) -> int:
    """Divisor that brings the longer side to about `longer_side` cells."""
    return max(1, round(max(width, height) / longer_side))


def majority(labels: np.ndarray, divisor: int) -> np.ndarray:
    """The commonest label of each cell; ties go to the lower id.

    Parameters
    ----------
    labels : uint8 [height, width]
    divisor : int

    Returns
    -------
    uint8 [ceil(height / divisor), ceil(width / divisor)]
    """
    if divisor == 1:
        return labels.copy()
    cells = _cells(labels, divisor)
    best = np.full((cells.shape[0], cells.shape[2]), NO_LABEL, np.uint8)
    most = np.zeros(best.shape, np.int32)
    for label in np.unique(labels):
        count = (cells == label).sum((1, 3), dtype=np.int32)
        better = count > most
        best[better], most[better] = label, count[better]
    return best


def cell_means(values: np.ndarray, divisor: int) -> np.ndarray:
    """Mean of each cell: float32 [height, width] → float32 [ceil(height / divisor), ceil(width / divisor)]."""
    return _cells(values, divisor).mean((1, 3), dtype=np.float32)


def without_specks(labels: np.ndarray, least_cells: int) -> np.ndarray:
    """Areas of fewer than `least_cells` cells take the label of the nearest larger area.

    Parameters
    ----------
    labels : uint8 [rows, columns]
    least_cells : int

    Returns
    -------
    uint8 [rows, columns]
    """
    small = np.zeros(labels.shape, bool)
    for label in np.unique(labels):
        areas, count = ndimage.label(labels == label)
        sizes = np.bincount(areas.ravel(), minlength=count + 1)
        sizes[0] = least_cells
        small |= sizes[areas] < least_cells
    if small.all() or not small.any():
        return labels.copy()
    nearest = ndimage.distance_transform_edt(small, return_distances=False, return_indices=True)
    return labels[tuple(nearest)]


def _cells(values: np.ndarray, divisor: int) -> np.ndarray:
    """[rows, divisor, columns, divisor]: the map cut into cells, its last row and column repeated to fill them."""
    height, width = values.shape
    padded = np.pad(values, ((0, -height % divisor), (0, -width % divisor)), mode="edge")
    return padded.reshape(padded.shape[0] // divisor, divisor, padded.shape[1] // divisor, divisor)
