"""Noise variance per symbol and carrier under interference: OFDM symbols hit by bursts, carriers hit by tones.

LLRs from there must weigh little; the power of the interference need not be accurate.
"""

import numpy as np

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
    nearest = constellation.nearest(symbols)
    # Relative to next to no noise, small errors of the channel estimate would pass for strong interference.
    noise_var = np.maximum(noise_var, np.float32((constellation.margin / _CERTAIN_DEVIATIONS) ** 2))
    # Fading scales whole OFDM symbols: that is not noise.
    gain = (symbols * nearest.conj()).real.mean(axis=1) / np.maximum((np.abs(nearest) ** 2).mean(axis=1), 1e-6)
    error = symbols - gain[:, None].astype(np.float32) * nearest
    if constellation.bits_per_symbol == 1:
        error = error.real * np.float32(np.sqrt(2))  # the imaginary axis carries no decision, but as much noise
    ratio = (error.real**2 + error.imag**2) / noise_var
    capped = np.minimum(ratio, np.float32(_CAP))
    out = np.broadcast_to(noise_var, symbols.shape).copy()
    rows = np.flatnonzero(capped.mean(axis=1) > _CLEAR_EXCESS)
    columns = np.flatnonzero(capped.mean(axis=0) > _CLEAR_EXCESS) if len(symbols) >= _FEWEST else rows[:0]
    if len(rows) or len(columns):
        out[:, columns] *= ratio[:, columns].mean(axis=0)
        out[rows] *= ratio[rows].mean(axis=1, keepdims=True)
    return out
