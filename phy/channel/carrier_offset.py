"""Carrier frequency offset."""

import numpy as np


def carrier_offset(samples: np.ndarray, cfo_hz: float, sample_rate_hz: float, phase: float = 0.0) -> np.ndarray:
    """Rotate samples by `cfo_hz` from a start `phase` (radians), complex64 [n] -> complex64 [n].

    Positive offsets rotate the constellation anticlockwise.
    """
    turns = (cfo_hz / sample_rate_hz) * np.arange(len(samples))
    return (samples * np.exp(1j * (2 * np.pi * turns + phase))).astype(np.complex64)
