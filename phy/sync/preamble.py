"""The preamble: a short basic sequence, repeated with signs that tell the repeats apart.

Repetition lets a receiver find it by comparing neighbouring repeats, whatever the carrier offset; the signs keep a
shift by one repeat from looking like the preamble, and a tone from being detected.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from semcom.phy.pseudo_random import qpsk_sequence
from semcom.phy.waveform import Waveform


@lru_cache(maxsize=16)
def basic_sequence(waveform: Waveform) -> np.ndarray:
    """One repeat, complex64 [preamble_period], mean power 1, within the used band."""
    period = waveform.preamble_period
    spacing = waveform.fft_size // period  # carriers of the waveform per carrier of the sequence
    carriers = np.arange(-(period // 2) + 1, (period + 1) // 2)
    inside = (carriers * spacing >= waveform.used_carriers[0]) & (carriers * spacing <= waveform.used_carriers[-1])
    if 0 not in waveform.used_carriers:
        inside &= carriers != 0
    carriers = carriers[inside]
    # Values are assigned in the order 0, 1, 2, ..., -2, -1: the order of the bins of an FFT.
    carriers = np.concatenate([carriers[carriers >= 0], carriers[carriers < 0]])
    bins = np.zeros(period, np.complex64)
    bins[carriers % period] = qpsk_sequence(waveform.preamble_seed, len(carriers))
    sequence = np.fft.ifft(bins)
    sequence = (sequence / np.sqrt(np.mean(np.abs(sequence) ** 2))).astype(np.complex64)
    sequence.flags.writeable = False
    return sequence


@lru_cache(maxsize=16)
def preamble(waveform: Waveform) -> np.ndarray:
    """The whole preamble with its cyclic suffix, complex64 [preamble_length + window_length], mean power 1."""
    sequence = basic_sequence(waveform)
    repeats = np.outer(np.array(waveform.preamble_cover, np.float32), sequence).ravel()
    suffix = waveform.preamble_cover[-1] * sequence[: waveform.window_length]
    samples = np.concatenate([repeats, suffix]).astype(np.complex64)
    samples.flags.writeable = False
    return samples
