"""Phase of each OFDM symbol, smoothed over neighbouring symbols under noise and phase noise.

A constant phase is averaged over a Gaussian window whose length follows from the noise variance. Where a random walk of
the phase (Wiener phase noise) predicts the values better, forward and backward Kalman filters take its place.
"""

import numpy as np
from numba import njit

_PHASE_VARIANCE = 2.5e-3  # radians squared: the window is as long as this takes
_MIN_SMOOTHING = 8  # symbols: four pilots then add at most 1/32 to the noise
_MAX_SMOOTHING = 256
_WALKS = np.array([1e-3, 5e-3, 0.02, 0.08, 0.3])
"""Candidates for the variance of a step, radians squared; 2 pi x linewidth x symbol duration for an oscillator."""
_CERTAIN_GAIN = 6.0  # log-likelihood by which a random walk must predict better
_CERTAIN_DEVIATIONS = 1.5  # and the same over the deviation of the differences, in case the noise variance is wrong
_FEWEST_JUDGED = 8


def smooth_phase(correlations: np.ndarray, noise_var: float, first_judged: int = 0) -> np.ndarray:
    """Phase of each symbol, smoothed over neighbours.

    Parameters
    ----------
    correlations : complex64 [num_symbols]
        Received times conjugate of what was expected, one sum for each symbol; a sum of magnitude e carries noise of
        variance e * noise_var.
    noise_var : float
    first_judged : int
        Symbols before this one (the signal field) have a far higher SNR and are left out of model selection.

    Returns
    -------
    phase : float64 [num_symbols]
    """
    return _smooth_phase(np.ascontiguousarray(correlations, np.complex64), float(noise_var), first_judged)


@njit("complex64[::1](complex64[::1], float64)", cache=True, nogil=True, fastmath=True)
def _others(information, walk):
    """Estimate of each symbol's phase from all other symbols: forward and backward Kalman filters of a random walk.

    The magnitude of a value is its Fisher information; a step of variance `walk` takes from information z what makes
    1 / z + walk of its variance 1 / z.
    """
    count = information.shape[0]
    out = np.empty(count, np.complex64)
    walk = np.float32(walk)
    one = np.float32(1)
    re, im = np.float32(0), np.float32(0)
    for m in range(count):
        kept = one / (one + walk * np.sqrt(re * re + im * im))
        re, im = re * kept, im * kept
        out[m] = complex(re, im)
        re, im = re + information[m].real, im + information[m].imag
    re, im = np.float32(0), np.float32(0)
    for m in range(count - 1, -1, -1):
        kept = one / (one + walk * np.sqrt(re * re + im * im))
        re, im = re * kept, im * kept
        out[m] += complex(re, im)
        re, im = re + information[m].real, im + information[m].imag
    return out


@njit("Tuple((float64[::1], float64[::1]))(complex64[::1], float64[::1], int64)", cache=True, nogil=True, fastmath=True)
def _prediction_gains(information, walks, first_judged):
    """Gain in leave-one-out log-likelihood of each walk over the first one, and the deviation of that gain."""
    count = information.shape[0]
    gain = np.zeros(walks.shape[0], np.float64)
    deviation = np.zeros(walks.shape[0], np.float64)
    score = np.empty((walks.shape[0], count), np.float32)
    for i in range(walks.shape[0]):
        others = _others(information, walks[i])
        for m in range(first_judged, count):
            re, im = others[m].real, others[m].imag
            along = information[m].real * re + information[m].imag * im
            score[i, m] = along / np.sqrt(re * re + im * im + np.float32(1e-30))
        total, squares = 0.0, 0.0
        for m in range(first_judged, count):
            difference = score[i, m] - score[0, m]
            total += difference
            squares += difference * difference
        gain[i], deviation[i] = total, np.sqrt(squares)
    return gain, deviation


@njit(cache=True, nogil=True)
def _walk(information, variance, length, first_judged):
    """Variance of the phase's step from symbol to symbol, if a random walk predicts better than a constant; else 0.

    Leave-one-out prediction: each candidate predicts each symbol from all others, and the scatter of the differences
    tells how significant a gain is. The first candidate stands for the window that noise alone calls for.
    """
    if information.shape[0] - first_judged < _FEWEST_JUDGED:
        return 0.0
    least = 4 * variance / length**2
    steeper = _WALKS[2 * least < _WALKS]
    candidates = np.empty(1 + steeper.shape[0], np.float64)
    candidates[0] = least
    candidates[1:] = steeper
    gain, deviation = _prediction_gains(information, candidates, first_judged)
    best = np.argmax(gain)
    return candidates[best] if gain[best] > max(_CERTAIN_GAIN, _CERTAIN_DEVIATIONS * deviation[best]) else 0.0


@njit("float64[::1](complex64[::1], float64, int64)", cache=True, nogil=True)
def _smooth_phase(correlations, noise_var, first_judged):
    count = correlations.shape[0]
    judged = np.abs(correlations[first_judged:])
    # Phase variance of one symbol: noise_var / (2 e).
    variance = noise_var / (2 * max(judged.sum() / max(judged.shape[0], 1), 1e-20))
    length = min(max(variance / _PHASE_VARIANCE, _MIN_SMOOTHING), _MAX_SMOOTHING)
    information = correlations * np.complex64(2 / max(noise_var, 1e-20))
    walk = _walk(information, variance, length, first_judged)
    phase = np.empty(count, np.float64)
    if walk > 0:
        others = _others(information, walk)
        for m in range(count):
            total = others[m] + information[m]
            phase[m] = np.arctan2(total.imag, total.real)
        return phase
    width = length / 3.5  # a Gaussian of deviation w averages about 3.5 w values
    reach = int(np.ceil(3 * width))
    window = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    for m in range(count):
        real, imag = 0.0, 0.0
        for n in range(max(m - reach, 0), min(m + reach + 1, count)):
            weight = window[n - m + reach]
            real += weight * correlations[n].real
            imag += weight * correlations[n].imag
        phase[m] = np.arctan2(imag, real)
    return phase
