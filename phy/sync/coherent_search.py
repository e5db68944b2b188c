"""Coherent correlation with the preamble over delays and carrier offsets: the arithmetic of `synchronisation`.

Values are kept as real and imaginary parts, so that the inner loops are plain vector instructions.
"""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, fastmath=True)
def preamble_powers(samples, sequence, cover, turn_re, turn_im):
    """Power of the whole preamble at each delay and carrier offset.

    Parameters
    ----------
    samples : complex64 [n]
    sequence : complex64 [period]
        One repeat.
    cover : float32 [repeats]
        Signs of the repeats.
    turn_re, turn_im : float32 [repeats, num_offsets]
        Factor that removes each carrier offset from each repeat.

    Returns
    -------
    segments : complex64 [num_delays, repeats]
        Correlation with each repeat, its sign removed; as many delays as fit.
    power : float32 [num_delays, num_offsets]
    """
    period, repeats, num_offsets = sequence.shape[0], cover.shape[0], turn_re.shape[1]
    count = samples.shape[0] - period + 1
    num_delays = samples.shape[0] - period * repeats + 1
    re, im = np.empty(samples.shape[0], np.float32), np.empty(samples.shape[0], np.float32)
    for i in range(samples.shape[0]):
        re[i], im[i] = samples[i].real, samples[i].imag
    match_re, match_im = np.zeros(count, np.float32), np.zeros(count, np.float32)
    for n in range(period):
        c, s = sequence[n].real, sequence[n].imag
        for i in range(count):
            match_re[i] += re[i + n] * c + im[i + n] * s
            match_im[i] += im[i + n] * c - re[i + n] * s
    segments = np.empty((num_delays, repeats), np.complex64)
    power = np.empty((num_delays, num_offsets), np.float32)
    sum_re, sum_im = np.empty(num_offsets, np.float32), np.empty(num_offsets, np.float32)
    for delay in range(num_delays):
        sum_re[:] = np.float32(0)
        sum_im[:] = np.float32(0)
        for r in range(repeats):
            a = match_re[delay + r * period] * cover[r]
            b = match_im[delay + r * period] * cover[r]
            segments[delay, r] = complex(a, b)
            for f in range(num_offsets):
                sum_re[f] += a * turn_re[r, f] - b * turn_im[r, f]
                sum_im[f] += a * turn_im[r, f] + b * turn_re[r, f]
        for f in range(num_offsets):
            power[delay, f] = sum_re[f] * sum_re[f] + sum_im[f] * sum_im[f]
    return segments, power


@njit(cache=True, nogil=True)
def strongest_pair(power):
    """Delay and offset at which the powers of two neighbouring delays sum to the most: (delay, offset, sum).

    The delay is that of the stronger one of the two.
    """
    best, delay, offset = np.float32(-1), 0, 0
    for d in range(power.shape[0] - 1):
        for f in range(power.shape[1]):
            both = power[d, f] + power[d + 1, f]
            if both > best:
                best, delay, offset = both, d, f
    if power[delay + 1, offset] > power[delay, offset]:
        delay += 1
    return delay, offset, best


@njit(
    "float32[:,::1](complex64[::1], float32[::1], float32[::1], float32[::1], complex64[:,::1])",
    cache=True,
    nogil=True,
    fastmath=True,
)
def cycle_powers(samples, cover, turn_re, turn_im, templates):
    """Power of the whole preamble with each template in place of the basic sequence.

    Parameters
    ----------
    samples : complex64 [n]
    cover : float32 [repeats]
    turn_re, turn_im : float32 [repeats]
        Factor that removes the carrier offset from each repeat.
    templates : complex64 [num_templates, period]

    Returns
    -------
    power : float32 [num_templates, num_delays]
    """
    period, repeats = templates.shape[1], cover.shape[0]
    num_delays = samples.shape[0] - period * repeats + 1
    span = num_delays + period - 1
    re, im = np.zeros(span, np.float32), np.zeros(span, np.float32)
    for r in range(repeats):
        c, s = cover[r] * turn_re[r], cover[r] * turn_im[r]
        for i in range(span):
            value = samples[r * period + i]
            re[i] += value.real * c - value.imag * s
            im[i] += value.real * s + value.imag * c
    power = np.empty((templates.shape[0], num_delays), np.float32)
    sum_re, sum_im = np.empty(num_delays, np.float32), np.empty(num_delays, np.float32)
    for t in range(templates.shape[0]):
        sum_re[:] = np.float32(0)
        sum_im[:] = np.float32(0)
        for n in range(period):
            c, s = templates[t, n].real, templates[t, n].imag
            for d in range(num_delays):
                sum_re[d] += re[d + n] * c + im[d + n] * s
                sum_im[d] += im[d + n] * c - re[d + n] * s
        for d in range(num_delays):
            power[t, d] = sum_re[d] * sum_re[d] + sum_im[d] * sum_im[d]
    return power


@njit(cache=True, nogil=True, fastmath=True)
def half_powers(segments, turn_re, turn_im):
    """Power of each half of the preamble at each carrier offset, float32 [2, num_offsets].

    segments : complex64 [repeats], correlation with each repeat; turn_re, turn_im : float32 [repeats, num_offsets]
    """
    repeats, num_offsets = turn_re.shape
    half = repeats // 2
    power = np.empty((2, num_offsets), np.float32)
    for part in range(2):
        begin, end = (0, half) if part == 0 else (half, repeats)
        for f in range(num_offsets):
            re, im = np.float32(0), np.float32(0)
            for r in range(begin, end):
                a, b = segments[r].real, segments[r].imag
                re += a * turn_re[r, f] - b * turn_im[r, f]
                im += a * turn_im[r, f] + b * turn_re[r, f]
            power[part, f] = re * re + im * im
    return power


@njit(cache=True, nogil=True)
def energy(samples):
    """Sum of squared magnitudes, float."""
    total = 0.0
    for value in samples:
        total += value.real * value.real + value.imag * value.imag
    return total
