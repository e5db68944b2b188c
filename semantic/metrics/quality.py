"""Picture quality: PSNR, SSIM and MS-SSIM."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import correlate1d

_MS_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_WINDOW = 11
_SIGMA = 1.5


def psnr_db(reference: np.ndarray, picture: np.ndarray) -> float:
    """Peak signal-to-noise ratio over all pixels and channels, dB; infinite for equal pictures.

    Parameters
    ----------
    reference, picture : uint8 [height, width, 3]
    """
    error = np.mean((reference.astype(np.float64) - picture.astype(np.float64)) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(255.0**2 / error))


def ssim(reference: np.ndarray, picture: np.ndarray) -> float:
    """Structural similarity of the luma, 0..1 (Wang et al. 2004: 11-tap Gaussian, sigma 1.5)."""
    similarity, _ = _ssim_and_contrast(_luma(reference), _luma(picture))
    return similarity


def ms_ssim(reference: np.ndarray, picture: np.ndarray) -> float:
    """Multi-scale structural similarity of the luma, 0..1 (Wang, Simoncelli, Bovik 2003).

    Pictures whose shorter side is below 176 pixels have fewer than five scales; the weights are renormalised.
    """
    a, b = _luma(reference), _luma(picture)
    weights = []
    terms = []
    for scale, weight in enumerate(_MS_WEIGHTS):
        similarity, contrast = _ssim_and_contrast(a, b)
        last = scale == len(_MS_WEIGHTS) - 1 or min(a.shape) // 2 < _WINDOW
        terms.append(max(similarity if last else contrast, 0.0))
        weights.append(weight)
        if last:
            break
        a, b = _halved(a), _halved(b)
    exponents = np.array(weights) / sum(weights)
    return float(np.prod(np.array(terms) ** exponents))


def _luma(picture: np.ndarray) -> np.ndarray:
    """float32 [height, width]: ITU-R BT.601 luma, 0..255."""
    return picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def _halved(luma: np.ndarray) -> np.ndarray:
    rows, columns = luma.shape[0] // 2 * 2, luma.shape[1] // 2 * 2
    return luma[:rows, :columns].reshape(rows // 2, 2, columns // 2, 2).mean((1, 3))


def _ssim_and_contrast(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = _blur(a), _blur(b)
    var_a = _blur(a * a) - mean_a**2
    var_b = _blur(b * b) - mean_b**2
    covariance = _blur(a * b) - mean_a * mean_b
    contrast = (2 * covariance + c2) / (var_a + var_b + c2)
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return float(np.mean(luminance * contrast)), float(np.mean(contrast))


def _blur(values: np.ndarray) -> np.ndarray:
    """Gaussian window, valid part only."""
    taps = np.exp(-((np.arange(_WINDOW) - _WINDOW // 2) ** 2) / (2 * _SIGMA**2))
    taps = (taps / taps.sum()).astype(values.dtype)
    half = _WINDOW // 2
    out = correlate1d(correlate1d(values, taps, axis=0), taps, axis=1)
    return out[half : values.shape[0] - half, half : values.shape[1] - half]
