"""Masks of a promptable segmenter → the good ones, each once → boundaries: what `segment-anything` calls automatic
mask generation [Kirillov 2023, §B], in numpy.
"""

from __future__ import annotations

import numpy as np

STABILITY_OFFSET = 1.0
"""Logits above and below the threshold between which a stable mask hardly changes."""


def point_grid(points_per_side: int) -> np.ndarray:
    """float32 [points_per_side², 2]: x and y in 0..1, the middles of the cells of a grid, row by row."""
    steps = (np.arange(points_per_side, dtype=np.float32) + 0.5) / points_per_side
    x, y = np.meshgrid(steps, steps)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def stability(logits: np.ndarray, offset: float = STABILITY_OFFSET) -> np.ndarray:
    """float32 [masks]: intersection over union of each mask with its threshold raised and lowered.

    logits float32 [masks, rows, columns].
    """
    inner = (logits > offset).sum((1, 2), dtype=np.int64)
    outer = (logits > -offset).sum((1, 2), dtype=np.int64)
    return (inner / np.maximum(outer, 1)).astype(np.float32)


def boxes_of(masks: np.ndarray) -> np.ndarray:
    """float32 [masks, 4]: x0, y0, x1, y1 around each mask, bool [masks, rows, columns]; zeros for an empty one."""
    boxes = np.zeros((len(masks), 4), np.float32)
    for number, mask in enumerate(masks):
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if rows.size:
            boxes[number] = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    return boxes


def suppress(boxes: np.ndarray, scores: np.ndarray, most_overlap: float) -> np.ndarray:
    """Non-maximum suppression: indices of the boxes that stay, best first.

    Parameters
    ----------
    boxes : float32 [n, 4]
    scores : float32 [n]
    most_overlap : float
        Intersection over union with a better box above which a box goes.
    """
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best, order = int(order[0]), order[1:]
        kept.append(best)
        low, high = np.maximum(boxes[best, :2], boxes[order, :2]), np.minimum(boxes[best, 2:], boxes[order, 2:])
        common = np.clip(high - low, 0, None).prod(1)
        order = order[common / np.maximum(areas[best] + areas[order] - common, 1e-9) <= most_overlap]
    return np.array(kept, np.int64)


def boundaries(masks: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """float32 [rows, columns]: at the inner edge of each mask the score of the best mask that ends there, else 0.

    masks bool [n, rows, columns]; scores float32 [n], 0..1. The picture's own edge is no boundary.
    """
    strength = np.zeros(masks.shape[1:], np.float32)
    for mask, score in zip(masks, scores, strict=True):
        edge = np.zeros(mask.shape, bool)
        edge[1:] |= mask[1:] & ~mask[:-1]
        edge[:-1] |= mask[:-1] & ~mask[1:]
        edge[:, 1:] |= mask[:, 1:] & ~mask[:, :-1]
        edge[:, :-1] |= mask[:, :-1] & ~mask[:, 1:]
        strength[edge] = np.maximum(strength[edge], score)
    return strength
