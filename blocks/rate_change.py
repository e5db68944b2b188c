"""From a waveform's rate to a radio's and back, in GNU Radio's C++ filters."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
from gnuradio import blocks, fft, filter, gr

from semcom.phy.errors import ConfigurationError
from semcom.phy.waveform import Waveform

MAX_FACTOR = 1000
"""Largest interpolation and decimation: longer filters than that are a mistake in a rate."""

STOPBAND_DB = 70.0
KAISER_BETA = 6.8  # 70 dB
_TOLERANCE = 1e-6  # of a rate: less than any crystal keeps
_BAND_SHARE = 0.48  # of the lower rate: what a filter can pass at all


def rate_change(from_hz: float, to_hz: float, band_edge_hz: float) -> gr.basic_block | None:
    """A filter from one sample rate to another, or None where they are the same. Keeps amplitude and power.

    Parameters
    ----------
    from_hz, to_hz : float
        Their ratio must be a fraction of whole numbers up to 1000.
    band_edge_hz : float
        Highest frequency, either side of zero, that must pass unharmed.

    Raises
    ------
    ConfigurationError
    """
    interpolation, decimation = _ratio(from_hz, to_hz)
    if interpolation == decimation:
        return None
    return filter.rational_resampler_ccf(interpolation, decimation, filter_taps(from_hz, to_hz, band_edge_hz))


def filter_taps(from_hz: float, to_hz: float, band_edge_hz: float) -> list[float]:
    """Taps of that filter, at the rate between: `from_hz` times the interpolation."""
    interpolation, _ = _ratio(from_hz, to_hz)
    lower_hz = min(from_hz, to_hz)
    passband_hz = min(band_edge_hz, _BAND_SHARE * lower_hz)
    stopband_hz = lower_hz - passband_hz  # what lies between is folded into nothing but itself
    return filter.firdes.low_pass_2(
        interpolation,
        from_hz * interpolation,
        (passband_hz + stopband_hz) / 2,
        stopband_hz - passband_hz,
        STOPBAND_DB,
        fft.window.WIN_KAISER,
        KAISER_BETA,
    )


def filter_delay_s(from_hz: float, to_hz: float, band_edge_hz: float) -> float:
    """By how much the filter moves a signal against its tags, measured with an impulse; 0 where there is no filter.

    GNU Radio's resampler swallows its history or not, as versions go: the length of the filter alone does not tell.
    """
    resampler = rate_change(from_hz, to_hz, band_edge_hz)
    if resampler is None:
        return 0.0
    interpolation, decimation = _ratio(from_hz, to_hz)
    place = decimation * ceil(len(filter_taps(from_hz, to_hz, band_edge_hz)) / interpolation / decimation + 1)
    top_block, sink = gr.top_block(), blocks.vector_sink_c()
    source = blocks.vector_source_c([0j] * place + [1 + 0j] + [0j] * (2 * place + 100))
    top_block.connect(source, resampler, sink)
    top_block.run()
    power = np.abs(np.array(sink.data())) ** 2
    return float((power @ np.arange(len(power))) / power.sum() - place * interpolation / decimation) / to_hz


def band_edge_hz(waveform: Waveform) -> float:
    """Outer edge of the outermost carrier, from the centre."""
    return (max(map(abs, waveform.used_carriers)) + 0.5) * waveform.subcarrier_spacing_hz


def lowest_rate_hz(waveform: Waveform) -> float:
    """Lowest sample rate at which the waveform's band fits, with room for a filter: below, nothing is received."""
    return min(waveform.nominal_rate_hz, band_edge_hz(waveform) / _BAND_SHARE)


def radio_rate_hz(waveform: Waveform, sample_rate_hz: float) -> float:
    """A radio's sample rate, 0 standing for the waveform's nominal one.

    Raises
    ------
    ConfigurationError
        It is below `lowest_rate_hz`.
    """
    if 0 < sample_rate_hz < lowest_rate_hz(waveform):
        raise ConfigurationError(
            f"sample_rate_hz must be at least {lowest_rate_hz(waveform):.0f} for {waveform.name}, whose band is "
            f"{2 * band_edge_hz(waveform):.0f} Hz wide, got {sample_rate_hz:g}"
        )
    return sample_rate_hz or waveform.nominal_rate_hz


def _ratio(from_hz: float, to_hz: float) -> tuple[int, int]:
    if not (0 < from_hz < 1e12 and 0 < to_hz < 1e12):
        raise ConfigurationError(f"sample_rate_hz must be above 0 and below 1e12, got {from_hz:g} and {to_hz:g}")
    ratio = Fraction(to_hz / from_hz).limit_denominator(MAX_FACTOR)
    exact = ratio > 0 and abs(float(ratio) * from_hz / to_hz - 1) <= _TOLERANCE
    if not exact or ratio.numerator > MAX_FACTOR:
        raise ConfigurationError(
            f"sample_rate_hz must be to {from_hz:g} Hz as whole numbers up to {MAX_FACTOR}, got {to_hz:g}"
        )
    return ratio.numerator, ratio.denominator
