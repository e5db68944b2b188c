"""Delay by whole and fractional samples."""

import numpy as np
import scipy.fft

_GUARD = 64  # samples on either side, in which the tails of the fractional delay die away


def delay(samples: np.ndarray, delay_samples: float) -> np.ndarray:
    """Delay by any non-negative number of samples, band-limited.

    Parameters
    ----------
    samples : complex64 [n]
    delay_samples : float
        The whole part becomes zeros in front; the fraction is a phase ramp over frequency.

    Returns
    -------
    delayed : complex64 [n + ceil(delay_samples)]
    """
    whole = int(np.floor(delay_samples))
    fraction = delay_samples - whole
    front = np.zeros(whole, np.complex64)
    if fraction == 0.0:
        return np.concatenate([front, samples.astype(np.complex64)])
    length = scipy.fft.next_fast_len(len(samples) + 2 * _GUARD)
    padded = np.zeros(length, np.complex128)
    padded[_GUARD : _GUARD + len(samples)] = samples
    ramp = np.exp(-2j * np.pi * np.fft.fftfreq(length) * fraction)
    shifted = scipy.fft.ifft(scipy.fft.fft(padded) * ramp)
    return np.concatenate([front, shifted[_GUARD : _GUARD + len(samples) + 1]]).astype(np.complex64)
