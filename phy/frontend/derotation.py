"""Removal of a carrier frequency offset."""

import numpy as np
from numba import njit


def derotate(samples: np.ndarray, cfo: float, first_index: int = 0) -> np.ndarray:
    """Samples times exp(-2 pi j cfo n), n counting from `first_index`; cfo in cycles per sample, complex64 [n].

    A sample comes out the same to the last bit whether its stream is derotated whole or in pieces.
    """
    return _derotate(np.ascontiguousarray(samples), float(cfo), int(first_index))


@njit("complex64[::1](complex64[::1], float64, int64)", cache=True, nogil=True)
def _derotate(samples, cfo, first_index):
    out = np.empty(samples.shape[0], np.complex64)
    step = np.exp(-2j * np.pi * cfo)
    run = 256  # the phasor is recomputed this often, so that rounding does not grow
    begin = -(first_index % run)  # always at the same places of the stream
    while begin < samples.shape[0]:
        phasor = np.exp(-2j * np.pi * ((cfo * (first_index + begin)) % 1.0))
        for _ in range(begin, 0):
            phasor *= step
        for n in range(max(begin, 0), min(begin + run, samples.shape[0])):
            out[n] = np.complex64(samples[n] * phasor)
            phasor *= step
        begin += run
    return out
