from dataclasses import replace

import numpy as np
import pytest

from semcom.phy.burst_decoder import BurstDecoder
from semcom.phy.burst_report import MAX_CONSTELLATION_POINTS, failed_burst, received_burst
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.ofdm.constellation import constellation
from semcom.phy.transport_block import TransportBlock


@pytest.fixture(scope="module")
def parts(waveform, transmitter):
    """Samples, header and payload of a clean burst of 16-QAM."""
    samples = transmitter.modulate([TransportBlock(bytes(range(200)))], MCS_TABLE["16qam-1/2"])
    decoder = BurstDecoder(waveform)
    header = decoder.read_header(samples, 0.0)
    return samples[: header.layout.num_samples], header, decoder.read_payload(samples, header)


def test_estimates_come_in_the_units_of_the_report(waveform, parts):
    samples, header, payload = parts
    header = replace(header, cfo=3e-4)
    estimate = replace(payload.estimate, noise_var=payload.estimate.power / 100)
    tracking = replace(payload.tracking, clock_offset=12e-6)
    payload = replace(payload, estimate=estimate, tracking=tracking)
    burst = received_burst(waveform, 77, header, samples, payload, (), None)
    assert (burst.start_sample, burst.header_ok, burst.mcs.name) == (77, True, "16qam-1/2")
    assert burst.snr_db == pytest.approx(20)
    assert burst.cfo_hz == pytest.approx(300)  # 3e-4 cycles per sample at 1 Msps
    assert burst.clock_offset_ppm == pytest.approx(12)
    assert (burst.num_samples, burst.num_clipped) == (len(samples), 0)
    assert len(burst.channel) == waveform.num_used


@pytest.mark.parametrize("error", [0.0, 0.05])
def test_evm_is_the_distance_to_the_nearest_points(waveform, parts, error):
    samples, header, payload = parts
    points = np.tile(constellation(4).points, 30) + np.complex64(error * 1j)
    payload = replace(payload, symbols=points.reshape(10, 48))
    burst = received_burst(waveform, 0, header, samples, payload, (), None)
    expected = 20 * np.log10(error) if error else -120.0  # the floor of every ratio in decibels
    assert burst.evm_db == pytest.approx(expected, abs=0.01)


def test_the_constellation_is_an_even_selection(waveform, parts):
    samples, header, payload = parts
    flat = np.arange(5000, dtype=np.complex64)
    burst = received_burst(waveform, 0, header, samples, replace(payload, symbols=flat.reshape(50, 100)), (), None)
    assert np.array_equal(burst.constellation, flat[::3])
    assert len(burst.constellation) <= MAX_CONSTELLATION_POINTS
    exact = flat[:MAX_CONSTELLATION_POINTS].reshape(2, -1)
    burst = received_burst(waveform, 0, header, samples, replace(payload, symbols=exact), (), None)
    assert np.array_equal(burst.constellation, exact.ravel())


def test_samples_at_the_limit_of_either_axis_are_clipped(waveform, parts):
    _, header, payload = parts
    samples = np.array([0.5, 1.0, 1.0j, -1.0, 0.99 + 0.99j, 2 + 2j], np.complex64)
    assert received_burst(waveform, 0, header, samples, payload, (), 1.0).num_clipped == 4


def test_a_failed_burst_has_no_length_and_no_mcs(waveform, parts):
    _, header, _ = parts
    burst = failed_burst(waveform, 5, replace(header, field=None, layout=None, cfo=-2e-4))
    assert (burst.header_ok, burst.mcs, burst.blocks, burst.num_samples) == (False, None, (), 0)
    assert burst.cfo_hz == pytest.approx(-200)
    assert burst.evm_db < -40  # of the QPSK symbols of the field
    assert len(burst.constellation) == header.symbols.size
