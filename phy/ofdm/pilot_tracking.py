"""Phase, carrier offset and clock offset of a burst, tracked on pilots and signal field.

Three steps, each on values corrected by the one before: the drift of the sample clock (a slope over the carriers
that grows from symbol to symbol), the residual carrier offset (a line through the phases of the whole burst), and the
phase that remains (smoothed over as many symbols as the noise asks for).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numba import njit

from semcom.phy.ofdm.phase_smoothing import smooth_phase
from semcom.phy.sync.parabola import peak_shift

_MAX_CLOCK_OFFSET = 100e-6
_CLOCK_PRIOR = 20e-6  # standard deviation of clock offsets, as quartz oscillators have
_COHERENT_SYMBOLS = 32  # over which the residual carrier offset rotates the phase little


@dataclass(frozen=True)
class Tracking:
    """Phase and timing corrections for each OFDM symbol.

    Attributes
    ----------
    phase : float32 [num_symbols]
        Common phase, radians.
    slope : float32 [num_symbols]
        Phase per carrier number, radians: grows with timing drift.
    clock_offset : float
        Sample clock of the sender against the receiver's, as a fraction.
    """

    phase: np.ndarray
    slope: np.ndarray
    clock_offset: float


@njit(cache=True, nogil=True)
def residual_offset(correlations, times, reach):
    """Maximum-likelihood frequency of `correlations`.

    Parameters
    ----------
    correlations : complex64 [n]
        Received values times the conjugate of what was expected: equal phases without offset. Their magnitudes
        must be proportional to the energy behind them.
    times : float64 [n]
        Sample positions.
    reach : float
        Largest offset considered, cycles per sample.

    Returns
    -------
    offset : float
        Cycles per sample; the maximum of the likelihood.
    """
    span = times[-1] - times[0] + 1.0
    step = 1.0 / (8.0 * span)
    count = max(2, int(np.ceil(reach / step)))
    power = np.empty(2 * count + 1, np.float64)
    for g in range(power.shape[0]):
        total_re = 0.0
        total_im = 0.0
        for i in range(correlations.shape[0]):
            angle = -2.0 * np.pi * ((g - count) * (reach / count)) * (times[i] - times[0])
            c = np.cos(angle)
            s = np.sin(angle)
            total_re += correlations[i].real * c - correlations[i].imag * s
            total_im += correlations[i].real * s + correlations[i].imag * c
        power[g] = total_re * total_re + total_im * total_im
    best = np.argmax(power)
    return (best - count) * (reach / count) + peak_shift(power, best) * (reach / count)


def _even_offset(correlations: np.ndarray, reach: float) -> float:
    """As `residual_offset` for values one unit of time apart, by a padded Fourier transform; cycles per unit."""
    size = scipy.fft.next_fast_len(8 * len(correlations))
    power = np.abs(scipy.fft.fft(correlations, size)) ** 2
    count = max(2, int(np.ceil(reach * size)))
    near = np.concatenate([power[-count:], power[: count + 1]])
    best = int(np.argmax(near))
    return (best - count + peak_shift(near, best)) / size


def track(
    pilots: np.ndarray,
    pilot_carriers: np.ndarray,
    header: np.ndarray,
    symbol_length: int,
    fft_size: int,
    noise_var: float,
) -> Tracking:
    """Tracking corrections from pilots and a decoded signal field.

    Parameters
    ----------
    pilots : complex64 [num_symbols, num_pilots]
        Received pilots times the conjugate of what was expected on them (channel times value), from the first symbol
        after the preamble on.
    pilot_carriers : int or float64 [num_pilots]
    header : complex64 [num_header_symbols]
        The same, summed over all carriers of the symbols of the signal field.
    symbol_length, fft_size : int
    noise_var : float
        Variance of a received carrier's noise.
    """
    num_symbols = len(pilots)
    pilots = np.ascontiguousarray(pilots, np.complex64)
    numbers = np.asarray(pilot_carriers, np.float64)
    header = np.asarray(header, np.complex64)
    rate, slope, common = _slope_and_common(pilots, numbers, header, symbol_length / fft_size, noise_var)
    # Residual offset after the signal field: a few standard deviations of its estimate.
    reach = 1.0 / (8.0 * symbol_length * max(len(header), 3))
    line = 2 * np.pi * _even_offset(common, reach * symbol_length) * np.arange(num_symbols)
    phase = line + smooth_phase(common * np.exp(-1j * line).astype(np.complex64), noise_var, len(header))
    clock_offset = rate * fft_size / (2 * np.pi * symbol_length)
    return Tracking(phase.astype(np.float32), slope, float(clock_offset))


@njit("float64[::1](complex64[:,::1], float64[::1], float64[::1], int64)", cache=True, nogil=True)
def _slope_score(pilots, carriers, rates, run):
    """Sum over runs of symbols of the magnitude of the pilots' sum, for each rate: insensitive to phase and slow
    rotation."""
    num_symbols, num_pilots = pilots.shape
    score = np.zeros(rates.shape[0], np.float64)
    rotation = np.empty(num_pilots, np.complex128)
    step = np.empty(num_pilots, np.complex128)
    for r in range(rates.shape[0]):
        for p in range(num_pilots):
            step[p] = np.exp(-1j * rates[r] * carriers[p])
            rotation[p] = np.exp(-0.5j * rates[r] * carriers[p])
        for begin in range(0, num_symbols, run):
            total = 0j
            for m in range(begin, min(begin + run, num_symbols)):
                for p in range(num_pilots):
                    total += pilots[m, p] * rotation[p]
                    rotation[p] *= step[p]
            score[r] += np.abs(total)
    return score


@njit(cache=True, nogil=True)
def _slope_rate(pilots, carriers, turns_per_symbol, noise_var):
    """Growth of the phase slope, radians per carrier and symbol, maximum a posteriori from the pilots."""
    limit = 2 * np.pi * _MAX_CLOCK_OFFSET * turns_per_symbol
    deviation = 2 * np.pi * _CLOCK_PRIOR * turns_per_symbol
    step = 0.4 / (np.max(np.abs(carriers)) * pilots.shape[0])
    count = max(1, int(np.ceil(limit / step)))
    rates = np.arange(-count, count + 1) * step
    score = _slope_score(pilots, carriers, rates, _COHERENT_SYMBOLS)
    # Logarithm of the posterior: correlation over noise, and the prior on clocks.
    for r in range(rates.shape[0]):
        score[r] = 2 * score[r] / max(noise_var, 1e-20) - 0.5 * (rates[r] / deviation) ** 2
    best = np.argmax(score)
    return rates[best] + peak_shift(score, best) * step


@njit(
    "Tuple((float64, float32[::1], complex64[::1]))(complex64[:,::1], float64[::1], complex64[::1], float64, float64)",
    cache=True,
    nogil=True,
)
def _slope_and_common(pilots, carriers, header, turns_per_symbol, noise_var):
    """Growth of the phase slope, the slope of each symbol, and the sum of its pilots without it."""
    num_symbols = pilots.shape[0]
    rate = _slope_rate(pilots, carriers, turns_per_symbol, noise_var)
    slope = np.empty(num_symbols, np.float32)
    common = np.empty(num_symbols, np.complex64)
    for m in range(num_symbols):
        slope[m] = rate * (m + 0.5)
        total = 0j
        for p in range(carriers.shape[0]):
            angle = -rate * (m + 0.5) * carriers[p]
            total += pilots[m, p] * complex(np.cos(angle), np.sin(angle))
        common[m] = total
    common[: header.shape[0]] = header
    return rate, slope, common
