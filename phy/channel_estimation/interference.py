"""Noise variance per symbol and carrier under interference: OFDM symbols hit by bursts, carriers hit by tones.

LLRs from there must weigh little; the power of the interference need not be accurate.
"""

import numpy as np
from numba import njit

from semcom.phy.ofdm.constellation import Constellation

_CLEAR_EXCESS = 3.0  # mean error over expected noise from which a symbol or carrier counts as interfered with
_CAP = 10.0  # limit of a single value in the mean, so that one interfered symbol does not mark every carrier
_CERTAIN_DEVIATIONS = 10.0  # to the nearest decision boundary: lower noise variances are raised to this one
_FEWEST = 12  # symbols below which carriers are not tested: too few for a significant mean


def noise_with_interference(symbols: np.ndarray, noise_var: np.ndarray, constellation: Constellation) -> np.ndarray:
    """Noise variance of each symbol, raised where distances to the nearest point exceed the expected noise.

    Parameters
    ----------
    symbols : complex64 [num_symbols, num_data]
        Equalised data symbols.
    noise_var : float32 [num_data] or [num_symbols, num_data]
        Expected noise variance of each carrier, or of each symbol.
    constellation : Constellation

    Returns
    -------
    noise_var : float32 [num_symbols, num_data]
        Bounded below, see `_CERTAIN_DEVIATIONS`.
    """
    symbols = np.ascontiguousarray(symbols, np.complex64)
    noise_var = np.ascontiguousarray(np.atleast_2d(noise_var), np.float32)
    step, limit = np.float32(2 * constellation.margin), constellation.largest
    return _noise_with_interference(symbols, noise_var, step, limit, constellation.bits_per_symbol == 1)


@njit(
    "float32[:,::1](complex64[:,::1], float32[:,::1], float32, float32, boolean)",
    cache=True,
    nogil=True,
)
def _noise_with_interference(symbols, noise_var, step, limit, real_only):
    """`noise_var` has one row, or one for each symbol; `step` is the distance of neighbouring levels."""
    num_rows, num_columns = symbols.shape
    # Relative to next to no noise, small errors of the channel estimate would pass for strong interference.
    least = np.float32((np.float32(0.5) * step / np.float32(_CERTAIN_DEVIATIONS)) ** 2)
    out = np.empty((num_rows, num_columns), np.float32)
    ratio = np.empty((num_rows, num_columns), np.float32)
    row_mean, column_mean = np.zeros(num_rows, np.float64), np.zeros(num_columns, np.float64)
    near_re, near_im = np.empty(num_columns, np.float32), np.empty(num_columns, np.float32)
    cap, half = np.float32(_CAP), np.float32(0.5)
    for m in range(num_rows):
        along, energy = 0.0, 0.0
        for k in range(num_columns):
            re, im = symbols[m, k].real, symbols[m, k].imag
            a = min(max((np.floor(re / step) + half) * step, -limit), limit)
            b = np.float32(0) if real_only else min(max((np.floor(im / step) + half) * step, -limit), limit)
            near_re[k], near_im[k] = a, b
            along += re * a + im * b
            energy += a * a + b * b
        # Fading scales whole OFDM symbols: that is not noise.
        gain = np.float32(along / num_columns / max(energy / num_columns, 1e-6))
        for k in range(num_columns):
            variance = max(noise_var[min(m, noise_var.shape[0] - 1), k], least)
            re = symbols[m, k].real - gain * near_re[k]
            im = symbols[m, k].imag - gain * near_im[k]
            # Of BPSK the imaginary axis carries no decision, but as much noise.
            error = np.float32(2) * re * re if real_only else re * re + im * im
            ratio[m, k] = error / variance
            out[m, k] = variance
            capped = min(ratio[m, k], cap)
            row_mean[m] += capped
            column_mean[k] += capped
    if num_rows >= _FEWEST:
        for k in range(num_columns):
            if column_mean[k] > _CLEAR_EXCESS * num_rows:
                factor = np.float32(ratio[:, k].mean())
                for m in range(num_rows):
                    out[m, k] *= factor
    for m in range(num_rows):
        if row_mean[m] > _CLEAR_EXCESS * num_columns:
            factor = np.float32(ratio[m].mean())
            for k in range(num_columns):
                out[m, k] *= factor
    return out
