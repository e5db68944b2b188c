"""How much a coded picture looks like its original: multi-scale structural similarity, quick enough to try many.

Windows are boxes instead of Gaussians, and what depends on the original alone is computed once. For reports there is
`metrics.quality`.

References
----------
[Wang 2003] multi-scale structural similarity; see docs/references.md.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter

_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_WINDOW = 7
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


class Likeness:
    """Likeness with one original.

    Parameters
    ----------
    original : uint8 [height, width, 3]
    """

    def __init__(self, original: np.ndarray) -> None:
        self._scales = []
        luma = _luma(original)
        while True:
            mean = uniform_filter(luma, _WINDOW)
            self._scales.append((luma, mean, uniform_filter(luma * luma, _WINDOW) - mean * mean))
            if len(self._scales) == len(_WEIGHTS) or min(luma.shape) < 4 * _WINDOW:
                break
            luma = _halved(luma)

    def __call__(self, picture: np.ndarray) -> float:
        """0..1; 1 for the original.

        Parameters
        ----------
        picture : uint8, of the original's shape
        """
        weights = np.array(_WEIGHTS[: len(self._scales)])
        luma, terms = _luma(picture), []
        for number, (original, mean_a, var_a) in enumerate(self._scales):
            mean_b = uniform_filter(luma, _WINDOW)
            var_b = uniform_filter(luma * luma, _WINDOW) - mean_b * mean_b
            covariance = uniform_filter(original * luma, _WINDOW) - mean_a * mean_b
            similarity = (2 * covariance + _C2) / (var_a + var_b + _C2)
            if number == len(self._scales) - 1:
                similarity *= (2 * mean_a * mean_b + _C1) / (mean_a**2 + mean_b**2 + _C1)
            else:
                luma = _halved(luma)
            terms.append(max(float(similarity.mean()), 0.0))
        return float(np.prod(np.array(terms) ** (weights / weights.sum())))


def _luma(picture: np.ndarray) -> np.ndarray:
    """float32 [height, width], 0..255: ITU-R BT.601."""
    return picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def _halved(luma: np.ndarray) -> np.ndarray:
    rows, columns = luma.shape[0] // 2 * 2, luma.shape[1] // 2 * 2
    even = luma[:rows, :columns]
    return (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) * np.float32(0.25)
