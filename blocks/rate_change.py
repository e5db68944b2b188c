"""From a waveform's rate to a radio's and back, in GNU Radio's C++ filters."""

from __future__ import annotations

from fractions import Fraction

from gnuradio import fft, filter, gr

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
    lower_hz = min(from_hz, to_hz)
    passband_hz = min(band_edge_hz, _BAND_SHARE * lower_hz)
    stopband_hz = lower_hz - passband_hz  # what lies between is folded into nothing but itself
    taps = filter.firdes.low_pass_2(
        interpolation,
        from_hz * interpolation,
        (passband_hz + stopband_hz) / 2,
        stopband_hz - passband_hz,
        STOPBAND_DB,
        fft.window.WIN_KAISER,
        KAISER_BETA,
    )
    return filter.rational_resampler_ccf(interpolation, decimation, taps)


def band_edge_hz(waveform: Waveform) -> float:
    """Outer edge of the outermost carrier, from the centre."""
    return (max(map(abs, waveform.used_carriers)) + 0.5) * waveform.subcarrier_spacing_hz


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
