"""Sample rate conversion: exact positions, flat passband, stopband, any chunks, rates that no filter makes."""

from fractions import Fraction

import numpy as np
import pytest

from semcom.phy.errors import ConfigurationError
from semcom.phy.frontend.resampling import MAX_RATIO, STOPBAND_DB, Resampler

EDGE_HZ = 430e3
RATES_HZ = [2.4e6, 2.048e6, 3.2e6, 61.44e6, 1.2345678e6, 2083333.3333, 0.9e6, 31.4159e6]


def tone(frequency_hz: float, rate_hz: float, count: int) -> np.ndarray:
    return np.exp(2j * np.pi * frequency_hz / rate_hz * np.arange(count)).astype(np.complex64)


@pytest.mark.parametrize("from_hz", RATES_HZ)
@pytest.mark.parametrize("frequency_hz", [0.0, -EDGE_HZ, EDGE_HZ])
def test_the_passband_comes_out_where_it_was(from_hz, frequency_hz):
    """A tone keeps amplitude and phase: output k is the tone at the time k / to_hz, with no delay."""
    resampler = Resampler(from_hz, 1e6, EDGE_HZ)
    out = resampler.push(tone(frequency_hz, from_hz, round(5e-3 * from_hz)))[200:]
    expected = tone(frequency_hz, 1e6, len(out) + 200)[200:]
    assert len(out) > 4000
    assert np.max(np.abs(out - expected)) < (2e-3 if float(resampler.step).is_integer() or from_hz < 3e6 else 3e-3)


@pytest.mark.parametrize("from_hz", [2.4e6, 3.2e6, 61.44e6])
def test_what_would_alias_into_the_passband_is_suppressed(from_hz):
    for frequency_hz in (1e6 - EDGE_HZ, -(1e6 - EDGE_HZ), from_hz / 2 * 0.98, 1.1e6):
        out = Resampler(from_hz, 1e6, EDGE_HZ).push(tone(frequency_hz, from_hz, round(3e-3 * from_hz)))[200:]
        assert 20 * np.log10(np.max(np.abs(out))) < -(STOPBAND_DB - 4)


@pytest.mark.parametrize("from_hz", [2.4e6, 2083333.3333, 61.44e6, 0.9e6])
def test_how_the_stream_is_cut_changes_no_bit(rng, from_hz):
    samples = rng.normal(size=(60_000, 2)).astype(np.float32).view(np.complex64).ravel()
    samples[777] = np.nan
    resampler = Resampler(from_hz, 1e6, EDGE_HZ)
    whole = np.concatenate([resampler.push(samples), resampler.flush()])
    cuts = np.sort(rng.integers(0, len(samples), 300))
    pieces = [resampler.push(part) for part in np.split(samples, cuts)]
    again = np.concatenate([*pieces, resampler.flush()])
    assert np.array_equal(whole, again) and np.isfinite(whole.view(np.float32)).all()
    assert abs(len(whole) - len(samples) / resampler.step) <= 2  # a flush gives the rest, and the second run began anew


def test_positions_stay_exact_after_days():
    """A ratio is a fraction, not a float: a day later an output sample still lies where it should, to the last bit."""
    resampler = Resampler(2.4e6, 1e6, EDGE_HZ)
    assert resampler.position_of(86_400 * 10**6 * 7 + 1) == 86_400 * 2_400_000 * 7 + Fraction(12, 5)
    odd = Resampler(2083333.3333, 1e6, EDGE_HZ)
    assert abs(odd.step - Fraction(2083333.3333) / 10**6) < Fraction(1, 10**15)


def test_not_finite_samples_count_as_zero(rng):
    samples = rng.normal(size=(4000, 2)).astype(np.float32).view(np.complex64).ravel()
    spoilt = samples.copy()
    spoilt[[500, 1500]] = [complex(np.inf, 0), complex(0, np.nan)]
    samples[[500, 1500]] = 0
    assert np.array_equal(Resampler(2.4e6, 1e6, EDGE_HZ).push(spoilt), Resampler(2.4e6, 1e6, EDGE_HZ).push(samples))


@pytest.mark.parametrize(
    ("from_hz", "to_hz", "passband_hz", "message"),
    [
        (-2.4e6, 1e6, EDGE_HZ, "sample_rate_hz must be above 0 and below 1e12, got -2.4e"),
        (float("nan"), 1e6, EDGE_HZ, "sample_rate_hz must be above 0"),
        (float("inf"), 1e6, EDGE_HZ, "sample_rate_hz must be above 0"),
        (1e6, 0.0, EDGE_HZ, "sample_rate_hz must be above 0"),
        (1.1e6 * MAX_RATIO, 1e6, EDGE_HZ, "within a factor of 4096 of 1000000, got 4505600000"),
        (2.4e6, 1e6, 499.5e3, r"passband_hz must be above 0 and below half of the lower rate \(500000\)"),
        (2.4e6, 1e6, 0.0, "passband_hz must be above 0"),
    ],
)
def test_what_no_filter_can_serve_is_refused(from_hz, to_hz, passband_hz, message):
    with pytest.raises(ConfigurationError, match=message):
        Resampler(from_hz, to_hz, passband_hz)
