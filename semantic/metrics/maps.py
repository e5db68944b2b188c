"""How near one map comes to another: mean intersection over union, F measure of boundaries."""

from __future__ import annotations

import numpy as np

BOUNDARY_TOLERANCE = 0.0075
"""Distance within which boundaries meet, as a share of the diagonal [Martin 2004]."""


def iou_per_class(truth: np.ndarray, predicted: np.ndarray, num_classes: int) -> np.ndarray:
    """Intersection over union of each class, float64 [num_classes]; nan for a class that `truth` does not show.

    Parameters
    ----------
    truth : int [height, width]
        Class ids; negative ones are left out.
    predicted : int [height, width]
        Class ids; ids from `num_classes` on count as wrong wherever they stand.
    """
    if truth.shape != predicted.shape:
        raise ValueError(f"predicted must have the shape of truth {truth.shape}, got {predicted.shape}")
    known = truth >= 0
    size = num_classes + 1
    pairs = truth[known].astype(np.int64) * size + np.minimum(predicted[known].astype(np.int64), num_classes)
    counts = np.bincount(pairs, minlength=num_classes * size)[: num_classes * size].reshape(num_classes, size)
    hit = counts[:, :num_classes].diagonal().astype(float)
    union = counts.sum(axis=1) + counts[:, :num_classes].sum(axis=0) - hit
    return np.where(counts.sum(axis=1) > 0, hit / np.maximum(union, 1), np.nan)


def mean_iou(truth: np.ndarray, predicted: np.ndarray, num_classes: int) -> float:
    """Mean of `iou_per_class` over the classes that `truth` shows; nan where it shows none."""
    scores = iou_per_class(truth, predicted, num_classes)
    return float(np.nanmean(scores)) if np.isfinite(scores).any() else float("nan")


def boundary_f(drawn: np.ndarray, found: np.ndarray, tolerance: float = BOUNDARY_TOLERANCE) -> float:
    """F measure of boundary pixels matched one to one within a distance, 0..1; bool [height, width] each.

    One where both are empty.
    """
    if drawn.shape != found.shape:
        raise ValueError(f"found must have the shape of drawn {drawn.shape}, got {found.shape}")
    total = int(drawn.sum()) + int(found.sum())
    if total == 0:
        return 1.0
    return 2 * num_matched(found, drawn, tolerance * float(np.hypot(*drawn.shape))) / total


def num_matched(found: np.ndarray, drawn: np.ndarray, distance_px: float) -> int:
    """Pairs of a found and a drawn pixel within `distance_px`, each pixel in one pair; bool [height, width] each.

    Nearest pairs first, so that the count is at most that of the largest matching: scores are never flattered. (An
    exact matching can take hours on pictures full of parallel lines.)
    """
    radius = int(distance_px)
    free_found = np.pad(found, radius)
    free_drawn = np.pad(drawn, radius)
    reach = range(-radius, radius + 1)
    offsets = [(oy * oy + ox * ox, oy, ox) for oy in reach for ox in reach if oy * oy + ox * ox <= distance_px**2]
    matched = 0
    for _, oy, ox in sorted(offsets):  # for one offset, no two found pixels meet the same drawn one
        y, x = np.nonzero(free_found)
        hit = free_drawn[y + oy, x + ox]
        free_found[y[hit], x[hit]] = False
        free_drawn[y[hit] + oy, x[hit] + ox] = False
        matched += int(hit.sum())
    return matched
