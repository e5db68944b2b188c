"""Removal of the DC offset that a zero-IF receiver adds."""

import numpy as np
from numba import njit

from semcom.phy.frontend.derotation import derotate

_CERTAIN = 9.0  # times the mean power of the sample mean of a burst without DC offset

_PARTS = 8
_STEADY = 0.3  # of the DC offset, by which the mean of each part may differ from it


def remove_dc(samples: np.ndarray, cycles: float = 0.0) -> np.ndarray:
    """Samples minus their DC offset, complex64 [n] -> complex64 [n].

    Parameters
    ----------
    samples : complex64 [n]
    cycles : float
        Frequency at which the DC offset lies, cycles per sample: not zero where the stream was shifted since.
    """
    dc = dc_offset(derotate(samples, cycles) if cycles else samples)
    return samples - dc_line(dc, len(samples), cycles) if dc else samples


def dc_line(dc: complex, count: int, cycles: float = 0.0, first_index: int = 0) -> np.ndarray:
    """What a DC offset adds to `count` samples from `first_index` on, complex64 [count]; `cycles` as of `remove_dc`."""
    constant = np.full(count, dc, np.complex64)
    return derotate(constant, -cycles, first_index) if cycles else constant


def dc_offset(samples: np.ndarray) -> complex:
    """Mean of complex64 [n], where it is significant; else zero.

    A burst has next to no energy at its carrier: without DC offset its mean has power power / n. Subtracting a mean of
    that size would add as much error as it removes, so it is left alone.
    """
    mean, power = _mean_and_power(samples)
    return mean if abs(mean) ** 2 * len(samples) > _CERTAIN * power else 0j


def steady_dc_offset(samples: np.ndarray) -> complex:
    """As `dc_offset`, of a stretch of stream where anything may begin and end: zero unless it is there all along."""
    dc = dc_offset(samples)
    if not dc:
        return dc
    parts = samples[: len(samples) // _PARTS * _PARTS].reshape(_PARTS, -1).mean(axis=1, dtype=np.complex128)
    return dc if np.abs(parts - dc).max() < _STEADY * abs(dc) else 0j


@njit("Tuple((complex128, float64))(complex64[::1])", cache=True, nogil=True, fastmath=True)
def _mean_and_power(samples):
    real, imag, power = 0.0, 0.0, 0.0
    for value in samples:
        re, im = np.float64(value.real), np.float64(value.imag)
        real += re
        imag += im
        power += re * re + im * im
    count = max(samples.shape[0], 1)
    return complex(real / count, imag / count), power / count
