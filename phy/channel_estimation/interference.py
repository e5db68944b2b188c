"""Noise that is not the same everywhere: symbols hit by a burst of interference, carriers hit by a tone.

What matters is that soft bits from there weigh little; how strong the interference is need not be known well.
"""

import numpy as np

from semcom.phy.ofdm.constellation import Constellation

_CLEAR_EXCESS = 3.0  # mean error over expected noise from which a symbol or carrier counts as disturbed
_CAP = 10.0  # what a single value may add to the mean, so that a disturbed symbol does not accuse all carriers
_CERTAIN_DEVIATIONS = 10.0  # to the nearest decision boundary: from there on, less noise makes nothing surer
_FEWEST = 12  # symbols below which carriers are not judged: chance alone would accuse some


def noise_with_interference(symbols: np.ndarray, noise_var: np.ndarray, constellation: Constellation) -> np.ndarray:
    """Noise variance of each symbol, raised where distances to the nearest point show more than the expected noise.

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
        Never so little that it would only tell apart what is certain and what is more than certain.
    """
    nearest = constellation.nearest(symbols)
    # Measured with next to no noise, the last errors of the channel estimate would pass for strong interference.
    noise_var = np.maximum(noise_var, np.float32((constellation.margin / _CERTAIN_DEVIATIONS) ** 2))
    # A channel that fades makes whole symbols larger or smaller: that is no noise.
    gain = (symbols * nearest.conj()).real.mean(axis=1) / np.maximum((np.abs(nearest) ** 2).mean(axis=1), 1e-6)
    error = symbols - gain[:, None].astype(np.float32) * nearest
    if constellation.bits_per_symbol == 1:
        error = error.real * np.float32(np.sqrt(2))  # the other axis says nothing about decisions, but as much noise
    ratio = (error.real**2 + error.imag**2) / noise_var
    capped = np.minimum(ratio, np.float32(_CAP))
    out = np.broadcast_to(noise_var, symbols.shape).copy()
    rows = np.flatnonzero(capped.mean(axis=1) > _CLEAR_EXCESS)
    columns = np.flatnonzero(capped.mean(axis=0) > _CLEAR_EXCESS) if len(symbols) >= _FEWEST else rows[:0]
    if len(rows) or len(columns):
        out[:, columns] *= ratio[:, columns].mean(axis=0)
        out[rows] *= ratio[rows].mean(axis=1, keepdims=True)
    return out
