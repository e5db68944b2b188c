"""SNR threshold of each MCS, for link adaptation and unequal error protection."""

from __future__ import annotations

import math

from semcom.phy.waveform import Waveform

ES_N0_DB = {
    "bpsk-1/8": -8.7,
    "bpsk-1/5": -6.88,
    "bpsk-1/3": -4.48,
    "bpsk-2/5": -3.45,
    "bpsk-1/2": -2.25,
    "qpsk-1/3": -1.6,
    "qpsk-1/2": 0.8,
    "qpsk-2/3": 2.94,
    "qpsk-3/4": 3.95,
    "16qam-1/2": 6.17,
    "16qam-2/3": 8.67,
    "16qam-3/4": 10.0,
    "64qam-2/3": 13.58,
    "64qam-3/4": 14.93,
    "64qam-5/6": 16.79,
    "256qam-3/4": 20.3,
    "256qam-5/6": 21.75,
}
"""Es/N0 at which 1 % of frames of 1 kB are lost over AWGN, detection and all estimation included: measured with ofdm64
(docs/results/per_awgn_1000.md). Other lengths lie within half a decibel, other waveforms within a few tenths."""


def thresholds_db(waveform: Waveform) -> dict[str, float]:
    """SNR (docs/conventions.md) at which each MCS loses 1 % of its frames over AWGN, most robust MCS first."""
    spread_db = 10 * math.log10(waveform.fft_size / len(waveform.used_carriers))
    return {name: round(es_n0 - spread_db, 2) for name, es_n0 in ES_N0_DB.items()}
