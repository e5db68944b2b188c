"""Boundary F measure: thin what was found, match it with what people drew, allow a small distance.

Protocol (after [Martin 2004], as far as the data at hand allow: one map of all annotators' boundaries, and the regions
of the first annotator).

- The probability is thinned by non-maximum suppression across the ridge, then thresholded.
- Distance allowed: 0.0075 of the image diagonal (4.3 pixels for BSDS500).
- Precision: found pixels matched one to one (nearest pairs first) with pixels that any annotator drew.
- Recall, "all": drawn pixels with a found pixel within the distance, each counted as often as annotators drew it.
  Recall, "first": boundary pixels of the first annotator matched one to one with found pixels.
- ODS: pixels of all pictures are summed per threshold, F is taken at the best threshold; "all" is near the benchmark's
  own figure, "first" is stricter (one person's choice of detail).
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from semcom.semantic.metrics.maps import BOUNDARY_TOLERANCE, num_matched

TOLERANCE = BOUNDARY_TOLERANCE


def thin(probability: np.ndarray) -> np.ndarray:
    """Keep maxima across the ridge: float32 [H, W], zero elsewhere."""
    smooth = ndimage.gaussian_filter(probability.astype(np.float32), 1.0)
    gy, gx = np.gradient(ndimage.gaussian_filter(probability.astype(np.float32), 2.0))
    gyy, gyx = np.gradient(gy)
    gxy, gxx = np.gradient(gx)
    angle = 0.5 * np.arctan2(gxy + gyx, gxx - gyy)  # axis of strongest curvature, up to 90 degrees
    cos, sin = np.cos(angle), np.sin(angle)
    along = gxx * cos**2 + (gxy + gyx) * cos * sin + gyy * sin**2
    across = gxx + gyy - along
    swap = across < along  # a ridge curves most downwards
    cos, sin = np.where(swap, -sin, cos), np.where(swap, cos, sin)
    y, x = np.mgrid[: probability.shape[0], : probability.shape[1]].astype(np.float32)
    keep = np.ones(probability.shape, bool)
    for step in (-1.0, 1.0):
        beside = ndimage.map_coordinates(smooth, (y + step * sin, x + step * cos), order=1, mode="nearest")
        keep &= smooth >= beside
    return np.where(keep, probability, 0).astype(np.float32)


class BoundaryScore:
    """Counts over pictures, for one threshold.

    Each `add` takes found pixels bool [H, W], the share of annotators who drew a pixel float32 [H, W], and the first
    annotator's boundary bool [H, W].
    """

    def __init__(self) -> None:
        self.found = self.found_right = 0
        self.drawn = self.drawn_found = 0.0
        self.first = self.first_found = 0

    def add(self, found: np.ndarray, share: np.ndarray, first: np.ndarray) -> None:
        distance = TOLERANCE * float(np.hypot(*found.shape))
        self.found += int(found.sum())
        self.found_right += num_matched(found, share > 0, distance)
        near = ndimage.distance_transform_edt(~found) <= distance if found.any() else np.zeros_like(found)
        self.drawn += float(share.sum())
        self.drawn_found += float(share[near].sum())
        self.first += int(first.sum())
        self.first_found += num_matched(found, first, distance)

    @property
    def precision(self) -> float:
        return self.found_right / max(self.found, 1)

    def recall(self, truth: str) -> float:
        """Share of what was drawn that was found; `truth` is "all" or "first"."""
        return self.drawn_found / max(self.drawn, 1e-9) if truth == "all" else self.first_found / max(self.first, 1)

    def f_measure(self, truth: str) -> float:
        p, r = self.precision, self.recall(truth)
        return 2 * p * r / max(p + r, 1e-9)
