"""Parabolic interpolation of a maximum between grid points."""

import numpy as np


def peak_shift(values: np.ndarray, index: int) -> float:
    """Peak of the parabola through a maximum and its neighbours, in steps from `index`; 0 at either end."""
    if not 0 < index < len(values) - 1:
        return 0.0
    left, centre, right = values[index - 1 : index + 2]
    curvature = left - 2 * centre + right
    return float(np.clip(0.5 * (left - right) / curvature, -1, 1)) if curvature < 0 else 0.0
