"""OFDM modulation and demodulation: carriers to samples and back. A burst's symbols are one array [num_symbols,
num_used]."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy.fft
from numba import njit

from semcom.phy.pseudo_random import bpsk_sequence
from semcom.phy.waveform import Waveform

_PILOT_SEED = 0x1D872B41


@lru_cache(maxsize=16)
def pilot_values(waveform: Waveform) -> np.ndarray:
    """Pilot symbols, float32 [max symbols of a burst, num_pilots] of +1 and -1; row 0 is the first header symbol."""
    rows = waveform.max_data_symbols + 4096
    values = bpsk_sequence(_PILOT_SEED, rows * len(waveform.pilot_carriers)).reshape(rows, -1)
    values.flags.writeable = False
    return values


def with_pilots(data: np.ndarray, waveform: Waveform) -> np.ndarray:
    """Put pilots among data symbols: complex64 [num_symbols, num_data] -> complex64 [num_symbols, num_used].

    Row 0 must be the first symbol after the preamble: pilots differ from symbol to symbol.
    """
    carriers = np.empty((len(data), waveform.num_used), np.complex64)
    carriers[:, ~waveform.is_pilot] = data
    carriers[:, waveform.is_pilot] = pilot_values(waveform)[: len(data)]
    return carriers


def modulate(carriers: np.ndarray, waveform: Waveform) -> np.ndarray:
    """Carriers to symbols with cyclic prefix and cyclic suffix for the windows.

    Parameters
    ----------
    carriers : complex64 [num_symbols, num_used]
        Unit-energy values.

    Returns
    -------
    symbols : complex64 [num_symbols, symbol_length + window_length]
        Mean power 1; the last window_length samples overlap with what follows.
    """
    n, cp, window = waveform.fft_size, waveform.cp_length, waveform.window_length
    bins = np.zeros((len(carriers), n), np.complex64)
    bins[:, waveform.used_bins] = carriers
    body = scipy.fft.ifft(bins, axis=1, norm="ortho") * np.float32(waveform.carrier_gain)
    return np.concatenate([body[:, n - cp :], body, body[:, :window]], axis=1)


def demodulate(samples: np.ndarray, waveform: Waveform) -> np.ndarray:
    """Samples to carriers by an orthonormal FFT: noise keeps its variance, carriers gain `carrier_gain`.

    Parameters
    ----------
    samples : complex64 [num_symbols, fft_size]
        One FFT window per row.

    Returns
    -------
    carriers : complex64 [num_symbols, num_used]
    """
    return scipy.fft.fft(samples, axis=1, norm="ortho")[:, waveform.used_bins]


@njit("complex64[:,::1](complex64[::1], int64, int64, int64, int64)", cache=True, nogil=True)
def fft_windows(samples, begin, step, rows, fft_size):
    """FFT windows `step` samples apart, the first at `begin`, complex64 [rows, fft_size]; zeros beyond the samples."""
    windows = np.zeros((rows, fft_size), np.complex64)
    for m in range(rows):
        start = begin + m * step
        for n in range(min(fft_size, samples.shape[0] - start)):
            windows[m, n] = samples[start + n]
    return windows


@lru_cache(maxsize=16)
def ramp(window_length: int) -> np.ndarray:
    """Rising raised-cosine edge, float32 [window_length]; with the falling one it sums to one."""
    t = (np.arange(window_length) + 0.5) / max(window_length, 1)
    edge = (0.5 - 0.5 * np.cos(np.pi * t)).astype(np.float32)
    edge.flags.writeable = False
    return edge


def join(preamble: np.ndarray, symbols: np.ndarray, waveform: Waveform) -> np.ndarray:
    """Shape the edges of preamble and symbols and overlap them into one burst.

    Parameters
    ----------
    preamble : complex64 [preamble_length + window_length]
        With its cyclic suffix.
    symbols : complex64 [num_symbols, symbol_length + window_length]

    Returns
    -------
    burst : complex64 [preamble_length + num_symbols * symbol_length + window_length]
    """
    window = waveform.window_length
    step = waveform.symbol_length
    start = waveform.preamble_length
    burst = np.zeros(start + len(symbols) * step + window, np.complex64)
    burst[: start + window] = preamble
    burst[start : -window or None].reshape(len(symbols), step)[:] += symbols[:, :step]
    if window:
        rise = ramp(window)
        # The body was added with full edges; replace each seam by falling edge of the left plus rising of the right.
        burst[:window] = preamble[:window] * rise
        rows = burst[start:-window].reshape(len(symbols), step)
        fall = rise[::-1]
        tails = np.concatenate([preamble[None, -window:], symbols[:, step:]])
        rows[:, :window] = symbols[:, :window] * rise + tails[:-1] * fall
        burst[-window:] = tails[-1] * fall
    return burst
