"""Limit of bit-interleaved coded modulation (BICM): the Es/N0 at which a constellation carries a given rate."""

from functools import lru_cache

import numpy as np
from scipy.optimize import brentq

from semcom.phy.ofdm.constellation import constellation


def bicm_capacity(bits_per_symbol: int, esno_db: float) -> float:
    """Mutual information of a Gray constellation with bitwise demapping over AWGN, in bits per complex symbol.

    Integrated numerically over one axis: the axes of square QAM are independent, BPSK has only one.
    """
    points = constellation(bits_per_symbol).points
    one_axis = bits_per_symbol == 1
    axis_bits = 1 if one_axis else bits_per_symbol // 2
    # Labels whose odd bits (imaginary axis) are zero run through all levels of the real axis.
    labels = np.arange(1 << axis_bits)
    spread = labels if one_axis else sum(((labels >> b) & 1) << (2 * b + 1) for b in range(axis_bits))
    levels = points[spread].real.astype(float)
    variance = 10 ** (-esno_db / 10) / 2  # noise on one axis
    t = np.linspace(-9, 9, 2001)
    weight = np.exp(-(t**2) / 2)
    weight /= weight.sum()
    total = 0.0
    for sent in labels:
        received = levels[sent] + np.sqrt(variance) * t
        metric = -((received[:, None] - levels) ** 2) / (2 * variance)
        everything = np.logaddexp.reduce(metric, axis=1)
        for bit in range(axis_bits):
            same = ((labels >> bit) & 1) == ((sent >> bit) & 1)
            information = 1 + (np.logaddexp.reduce(metric[:, same], axis=1) - everything) / np.log(2)
            total += float((weight * information).sum()) / len(labels)
    return total * (1 if one_axis else 2)


@lru_cache(maxsize=64)
def bicm_limit_esno_db(bits_per_symbol: int, code_rate: float) -> float:
    """Es/N0 in dB at which the capacity is bits_per_symbol * code_rate."""
    target = bits_per_symbol * code_rate
    return float(brentq(lambda esno_db: bicm_capacity(bits_per_symbol, esno_db) - target, -20, 40))
