"""Parabolic interpolation of a maximum between grid points."""

from numba import njit


@njit(cache=True, nogil=True)
def peak_shift(values, index):
    """Peak of the parabola through a maximum and its neighbours, in steps from `index`; 0 at either end.

    values : float [n]; index : int -> float
    """
    if not 0 < index < len(values) - 1:
        return 0.0
    left, centre, right = values[index - 1], values[index], values[index + 1]
    curvature = left - 2 * centre + right
    return min(max(0.5 * (left - right) / curvature, -1.0), 1.0) if curvature < 0 else 0.0
