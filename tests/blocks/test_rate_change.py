"""Filters between a waveform's rate and a radio's: what passes, how long it takes, and which rates cannot be."""

import pytest
from gnuradio import filter as gr_filter

from semcom.blocks import modem_receiver, modem_transmitter, semantic_receiver
from semcom.blocks.rate_change import band_edge_hz, filter_delay_s, lowest_rate_hz, radio_rate_hz, rate_change
from semcom.phy.errors import ConfigurationError
from semcom.phy.waveform import Waveform, known_waveforms


@pytest.mark.parametrize("rate_hz", [32e3, 100e3, 500e3, 844e3])
@pytest.mark.parametrize(
    ("block", "rule"),
    [
        (modem_transmitter, "must be at least 862630 for ofdm64, whose band is 828125 Hz wide"),
        (modem_receiver, "must be 844687.5 to 1e\\+09 to receive waveform ofdm64, whose carriers fill 828125 Hz"),
        (semantic_receiver, "must be 844687.5 to"),
    ],
)
def test_a_rate_below_the_band_is_refused_with_the_lowest_that_works(block, rule, rate_hz):
    """32000 is what a new flowgraph of GNU Radio Companion has."""
    with pytest.raises(ConfigurationError, match=f"sample_rate_hz {rule}.*, got {rate_hz:g}"):
        block(sample_rate_hz=rate_hz)


@pytest.mark.parametrize("name", known_waveforms())
def test_the_lowest_rate_is_above_the_band_and_at_most_the_nominal_one(name):
    waveform = Waveform.load(name)
    assert 2 * band_edge_hz(waveform) < lowest_rate_hz(waveform) <= waveform.nominal_rate_hz
    assert radio_rate_hz(waveform, lowest_rate_hz(waveform)) == lowest_rate_hz(waveform)
    assert radio_rate_hz(waveform, 0.0) == waveform.nominal_rate_hz


def test_frames_cross_at_the_lowest_rate(cross, rng):
    frames = [rng.bytes(60) for _ in range(10)]
    rate_hz = 0.864e6
    received, _, _ = cross(frames, modem_transmitter(sample_rate_hz=rate_hz), modem_receiver(sample_rate_hz=rate_hz))
    assert len(received) == len(frames)


def test_without_a_filter_nothing_is_delayed():
    assert rate_change(1e6, 1e6, 414e3) is None and filter_delay_s(1e6, 1e6, 414e3) == 0.0
    assert isinstance(rate_change(1e6, 2e6, 414e3), gr_filter.rational_resampler_ccf)
