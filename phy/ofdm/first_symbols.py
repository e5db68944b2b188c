"""Carrier offset and phase of a burst's first symbols, from preamble and pilots together."""

import numpy as np
from numba import njit

from semcom.phy.ofdm.pilot_tracking import residual_offset


@njit(cache=True, nogil=True)
def join_preamble_and_pilots(samples, preamble, period, taps, lead, pilots, pilot_times, reach):
    """Residual carrier offset and phase of each symbol.

    Parameters
    ----------
    samples : complex64 [at least preamble_length]
        From the first sample of the preamble.
    preamble : complex64 [preamble_length]
    period : int
        Samples over which the correlation with the preamble is summed up.
    taps : complex64 [num_taps]
        Impulse response; tap `lead` lies at the nominal start.
    pilots : complex64 [num_symbols]
        Received pilots times the conjugate of what was expected, summed over each symbol.
    pilot_times : float64 [num_symbols]
        Middle of each symbol, in samples.
    reach : float
        Largest offset considered, cycles per sample.

    Returns
    -------
    offset : float
        Cycles per sample.
    phase : float32 [num_symbols]
        Radians.
    """
    repeats, count = preamble.shape[0] // period, pilots.shape[0]
    values, times = np.empty(repeats + count, np.complex64), np.empty(repeats + count, np.float64)
    values[:repeats] = _match(samples, preamble, period, taps, lead)
    values[repeats:] = pilots
    for repeat in range(repeats):
        times[repeat] = period * (repeat + 0.5)
    times[repeats:] = pilot_times
    offset = residual_offset(values, times, reach)
    total = 0j
    for i in range(repeats + count):
        angle = -2 * np.pi * offset * times[i]
        total += values[i] * complex(np.cos(angle), np.sin(angle))
    common = np.arctan2(total.imag, total.real)
    return offset, (common + 2 * np.pi * offset * pilot_times).astype(np.float32)


@njit(cache=True, nogil=True)
def _match(samples, preamble, period, taps, lead):
    """Correlation of each period with the preamble as the channel shows it."""
    length = preamble.shape[0]
    image = np.zeros(length, np.complex64)
    for tap in range(taps.shape[0]):
        if taps[tap] != 0:
            delay = tap - lead
            for n in range(max(delay, 0), min(length + delay, length)):
                image[n] += taps[tap] * preamble[n - delay]
    match = np.empty(length // period, np.complex64)
    for repeat in range(match.shape[0]):
        total = np.complex64(0)
        for n in range(repeat * period, (repeat + 1) * period):
            total += samples[n] * np.conj(image[n])
        match[repeat] = total
    return match
