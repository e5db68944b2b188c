"""Smoothing the phase of a burst's symbols over as many neighbours as the noise asks for and the oscillator allows.

A steady phase is averaged over a window whose length follows from the noise. Where a phase that walks at random from
symbol to symbol (oscillator noise) predicts the values better, Kalman filters from both sides take its place.
"""

import numpy as np
from numba import njit

_PHASE_VARIANCE = 2.5e-3  # the window is made as long as this needs
_MIN_SMOOTHING = 8  # symbols: four pilots then add 1/32 to the noise, however little there is
_MAX_SMOOTHING = 256
_WALKS = np.array([1e-3, 5e-3, 0.02, 0.08, 0.3])
"""Candidates for the variance of a step, radians squared; 2 pi x linewidth x symbol duration for an oscillator."""
_CERTAIN_GAIN = 6.0  # log-likelihood by which a walk must predict better
_CERTAIN_DEVIATIONS = 1.5  # and the same over what the differences scatter, in case the noise is misjudged
_FEWEST_JUDGED = 8


def smooth_phase(correlations: np.ndarray, noise_var: float, first_judged: int = 0) -> np.ndarray:
    """Phase of a local mean, over as many symbols as the noise asks for and the oscillator allows.

    Parameters
    ----------
    correlations : complex64 [num_symbols]
        Received times conjugate of what was expected, one sum for each symbol; a sum of magnitude e carries noise of
        variance e * noise_var.
    noise_var : float
    first_judged : int
        Symbols before this one are far clearer than the others and do not speak for them.

    Returns
    -------
    phase : float64 [num_symbols]
    """
    # Phase variance of one symbol: noise_var / (2 e).
    variance = noise_var / (2 * max(float(np.abs(correlations[first_judged:]).mean()), 1e-20))
    length = min(max(variance / _PHASE_VARIANCE, _MIN_SMOOTHING), _MAX_SMOOTHING)
    information = np.ascontiguousarray(correlations * (2 / max(noise_var, 1e-20)), np.complex64)
    walk = _walk(information, variance, length, first_judged)
    if walk > 0:
        return np.angle(_others(information, walk) + information)
    width = length / 3.5  # a Gaussian of deviation w averages about 3.5 w values
    reach = int(np.ceil(3 * width))
    window = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    return np.angle(np.convolve(correlations, window)[reach : reach + len(correlations)])


def _walk(information: np.ndarray, variance: float, length: float, first_judged: int) -> float:
    """Variance of the phase's step from symbol to symbol, where a mean that allows for one predicts better; else 0.

    Each candidate predicts each symbol from all others; the differences between two predictions tell how sure the
    better one is. The first candidate is the one whose mean is as long as noise alone asks for.
    """
    if len(information) - first_judged < _FEWEST_JUDGED:
        return 0.0
    least = 4 * variance / length**2
    candidates = np.concatenate([[least], _WALKS[2 * least < _WALKS]])
    gain, deviation = _prediction_gains(information, candidates, first_judged)
    best = int(np.argmax(gain))
    return float(candidates[best]) if gain[best] > max(_CERTAIN_GAIN, _CERTAIN_DEVIATIONS * deviation[best]) else 0.0


@njit("complex64[::1](complex64[::1], float64)", cache=True, nogil=True, fastmath=True)
def _others(information, walk):
    """What all other symbols say of each one's phase: Kalman filters from both sides for a phase that walks.

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
    """How much better than the first walk each one predicts values from all others, and the deviation by chance."""
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
