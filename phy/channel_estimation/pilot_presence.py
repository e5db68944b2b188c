"""Whether the pilots of a burst are there, where a channel estimate says how they would be received."""

from __future__ import annotations

import numpy as np
from numba import njit

from semcom.phy.burst_layout import BurstLayout
from semcom.phy.channel_estimation.impulse_response import ChannelEstimate
from semcom.phy.ofdm import modulation as ofdm
from semcom.phy.waveform import Waveform

_SYMBOLS_JUDGED = 32
_CLEARLY_THERE = 0.35  # of what coherence can be beyond chance: an SNR of -3 dB, or two thirds of a burst at 10 dB
_PERHAPS_THERE = 0.1  # in the symbols of the longest field: 2 % of bursts at -6 dB fall below, 95 % of noise
_LEAST_ENERGY = (
    0.25  # of the pilots, against that of the preamble: silence after a burst cut off has no coherence to miss
)


class PilotPresence:
    """Judges by the share of the pilots' energy that is coherent with the channel of the preamble.

    Parameters
    ----------
    waveform : Waveform
    """

    def __init__(self, waveform: Waveform) -> None:
        self._waveform = waveform
        self._pilots = np.flatnonzero(waveform.is_pilot)
        self._pilot_values = ofdm.pilot_values(waveform)

    def is_possible(self, carriers: np.ndarray, estimate: ChannelEstimate) -> bool:
        """Whether pilots may follow the preamble.

        Parameters
        ----------
        carriers : complex64 [num_symbols, num_used]
            Received, from the first symbol of the signal field on.
        estimate : ChannelEstimate
        """
        coherence, _ = self._coherence(carriers, np.arange(len(carriers)), estimate)
        return coherence >= _PERHAPS_THERE

    def is_clear(self, carriers: np.ndarray, rows: np.ndarray, estimate: ChannelEstimate) -> bool:
        """Whether pilots are there for certain, in symbols of the numbers `rows`."""
        coherence, energy = self._coherence(carriers, rows, estimate)
        return energy >= _LEAST_ENERGY and coherence > _CLEARLY_THERE

    def fills(self, samples: np.ndarray, cfo: float, layout: BurstLayout, estimate: ChannelEstimate) -> bool:
        """Whether they are there for certain over the whole length of a burst, in symbols evenly spaced over it.

        Parameters
        ----------
        samples : complex64 [n]
            From the first sample of the preamble.
        cfo : float
            Carrier offset, cycles per sample.
        layout : BurstLayout
        estimate : ChannelEstimate
        """
        waveform = self._waveform
        count = min(_SYMBOLS_JUDGED, layout.num_payload_symbols)
        rows = layout.num_header_symbols + np.arange(count) * (layout.num_payload_symbols - 1) // max(count - 1, 1)
        begin = waveform.preamble_length + estimate.window_start + waveform.symbol_length * rows
        received = ofdm.demodulate(_turned_windows(samples, begin, waveform.fft_size, cfo), waveform)
        return self.is_clear(received, rows, estimate)

    def _coherence(self, carriers: np.ndarray, rows: np.ndarray, estimate: ChannelEstimate) -> tuple[float, float]:
        """Share of the pilots' energy that is coherent with a channel estimate, beyond chance (0: none, 1: all), and
        their energy over the expected one. `rows`: number of each symbol."""
        received = carriers[:, self._pilots]
        expected = estimate.carriers[self._pilots] * self._pilot_values[rows]
        coherent = np.abs(np.sum(received * expected.conj(), axis=1)) ** 2
        sent = np.sum(np.abs(expected) ** 2, axis=1)
        energy = np.sum(np.abs(received) ** 2, axis=1) * sent
        by_chance = 1 / len(self._pilots)
        total = max(float(energy.sum()), 1e-30)
        return (float(coherent.sum()) / total - by_chance) / (1 - by_chance), total / float((sent**2).sum())


@njit("complex64[:,::1](complex64[::1], int64[::1], int64, float64)", cache=True, nogil=True)
def _turned_windows(samples, begin, size, cfo):
    """Windows of `size` samples that begin at `begin`, carrier offset removed: complex64 [len(begin), size]."""
    windows = np.zeros((begin.shape[0], size), np.complex64)
    step = np.exp(-2j * np.pi * cfo)
    for m in range(begin.shape[0]):
        phasor = np.exp(-2j * np.pi * ((cfo * begin[m]) % 1.0))
        for n in range(min(size, samples.shape[0] - begin[m])):
            windows[m, n] = samples[begin[m] + n] * phasor
            phasor *= step
    return windows
