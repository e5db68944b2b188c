"""From the waveform's rate to the radio's: C++ filters, and an oscillator off the signal's middle.

The other way round any rate will do, see `phy.any_rate_receiver`.
"""

from __future__ import annotations

import math
from typing import Any

from gnuradio import blocks
from gnuradio import filter as gr_filter
from gnuradio.fft import window
from gnuradio.filter import firdes

from semcom.flowgraphs.errors import RadioSettingError
from semcom.phy.waveform import Waveform

MAX_RATIO = 256
STOPBAND_DB = 60.0
_KAISER_BETA = 5.65
"""Of the Kaiser window whose side lobes lie `STOPBAND_DB` down."""


def oversampling(sample_rate_hz: float, waveform: Waveform) -> int:
    """How many samples of the radio make one of the waveform.

    Raises
    ------
    RadioSettingError
        No whole number, or more than 256.
    """
    ratio = round(sample_rate_hz / waveform.nominal_rate_hz)
    if not 1 <= ratio <= MAX_RATIO or abs(sample_rate_hz / ratio / waveform.nominal_rate_hz - 1) > 1e-4:
        raise RadioSettingError(
            f"sample_rate_hz must be 1 to {MAX_RATIO} times the rate of waveform {waveform.name} "
            f"({waveform.nominal_rate_hz:g}), a whole number of times, got {sample_rate_hz:g}"
        )
    return ratio


def up_to_radio(waveform: Waveform, ratio: int, lo_offset_hz: float) -> list[Any]:
    """Blocks from the modulator to the sink, in order; none where nothing is to be done."""
    chain: list[Any] = []
    if ratio > 1:
        edge = occupied_edge(waveform)
        chain.append(gr_filter.interp_fir_filter_ccf(ratio, _low_pass(ratio, ratio, 0.5, 1 - 2 * edge)))
    if lo_offset_hz:
        chain += shift_up(-lo_offset_hz, ratio * waveform.nominal_rate_hz)
    return chain


def shift_up(offset_hz: float, sample_rate_hz: float) -> list[Any]:
    """Blocks that make good an oscillator so far above the signal; none where it lies on it."""
    return [blocks.rotator_cc(2 * math.pi * offset_hz / sample_rate_hz)] if offset_hz else []


def occupied_edge(waveform: Waveform) -> float:
    """Outermost used carrier, in parts of the nominal rate."""
    return (max(abs(carrier) for carrier in waveform.used_carriers) + 0.5) / waveform.fft_size


def _low_pass(gain: float, ratio: int, cutoff: float, transition: float) -> list[float]:
    """Taps at the radio's rate; cutoff and width of the transition in parts of the nominal rate."""
    return firdes.low_pass(gain, float(ratio), cutoff, transition, window.WIN_KAISER, _KAISER_BETA)
