"""Received carriers against what is expected where it is known: pilots, and a decoded signal field."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def pilot_sums(carriers, channel, gain, pilots, pilot_values):
    """Received pilots times the conjugate of what is expected, summed over each symbol: complex64 [num_symbols]."""
    sums = np.empty(carriers.shape[0], np.complex64)
    for m in range(carriers.shape[0]):
        total = np.complex64(0)
        for p in range(pilots.shape[0]):
            total += carriers[m, pilots[p]] * np.conj(channel[pilots[p]]) * (gain * pilot_values[m, p])
        sums[m] = total
    return sums


@njit(cache=True, nogil=True)
def match_known(carriers, known, channel, gain, pilots, pilot_values):
    """Received carriers times the conjugate of what is expected there.

    Returns its sum over each symbol of `known` (signal field), complex64 [len(known)], and each pilot of each symbol,
    complex64 [num_symbols, num_pilots].
    """
    header_sum = np.empty(known.shape[0], np.complex64)
    for m in range(known.shape[0]):
        total = np.complex64(0)
        for k in range(known.shape[1]):
            total += carriers[m, k] * np.conj(known[m, k] * channel[k]) * gain
        header_sum[m] = total
    matched = np.empty((carriers.shape[0], pilots.shape[0]), np.complex64)
    for m in range(carriers.shape[0]):
        for p in range(pilots.shape[0]):
            matched[m, p] = carriers[m, pilots[p]] * np.conj(channel[pilots[p]]) * (gain * pilot_values[m, p])
    return header_sum, matched
