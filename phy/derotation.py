"""Turning a carrier offset back."""

import numpy as np
from numba import njit


def derotate(samples: np.ndarray, cfo: float, first_index: float = 0.0) -> np.ndarray:
    """Samples times exp(-2 pi j cfo n), n counting from `first_index`; cfo in cycles per sample, complex64 [n]."""
    return _derotate(np.ascontiguousarray(samples), float(cfo), float(first_index))


@njit("complex64[::1](complex64[::1], float64, float64)", cache=True, nogil=True)
def _derotate(samples, cfo, first_index):
    out = np.empty(samples.shape[0], np.complex64)
    step = np.exp(-2j * np.pi * cfo)
    run = 256  # the phasor is recomputed this often, so that rounding does not grow
    for begin in range(0, samples.shape[0], run):
        phasor = np.exp(-2j * np.pi * ((cfo * (first_index + begin)) % 1.0))
        for n in range(begin, min(begin + run, samples.shape[0])):
            out[n] = np.complex64(samples[n] * phasor)
            phasor *= step
    return out
