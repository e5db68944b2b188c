"""The modem as two blocks: bytes to IQ at a radio's rate, and back."""

import numpy as np
import pytest

from semcom.blocks import modem_receiver, modem_transmitter
from semcom.blocks.pdu import read_pdu, read_symbols
from semcom.phy.errors import ConfigurationError


@pytest.mark.parametrize("sample_rate_hz", [0.0, 2e6, 2.5e6, 1.2345678e6, 4e6])
def test_any_bytes_cross_at_any_rate_of_a_radio(cross, rng, sample_rate_hz):
    frames = [rng.bytes(int(size)) for size in (1, 40, 40, 700)]
    transmitter = modem_transmitter(sample_rate_hz=sample_rate_hz, amplitude=0.25)
    received, bursts, samples = cross(frames, transmitter, modem_receiver(sample_rate_hz=sample_rate_hz))
    assert [read_pdu(message)[1] for message in received] == frames
    assert min(read_symbols(message)[0]["snr_db"] for message in bursts) > 30
    on_air = np.abs(samples) > 0.01
    assert np.sqrt(np.mean(np.abs(samples[on_air]) ** 2)) == pytest.approx(0.25, rel=0.05)


def test_a_narrow_waveform_is_raised_to_a_rate_that_radios_have(cross):
    transmitter, receiver = modem_transmitter("narrow", sample_rate_hz=250e3), modem_receiver("narrow", 250e3)
    received, _, samples = cross([b"narrow"], transmitter, receiver)
    assert read_pdu(received[0])[1] == b"narrow"
    spectrum = np.abs(np.fft.fft(samples)) ** 2
    frequency_hz = np.fft.fftfreq(len(samples), 1 / 250e3)
    assert spectrum[np.abs(frequency_hz) > 7e3].sum() < 1e-4 * spectrum.sum()


@pytest.mark.parametrize(("max_cfo_subcarriers", "received_at_hz"), [(0.0, 1e6), (4.0, 1e6), (6.0, 2e6)])
def test_offsets_as_wide_as_the_search_are_received(cross, max_cfo_subcarriers, received_at_hz):
    receiver = modem_receiver(sample_rate_hz=2e6, max_cfo_subcarriers=max_cfo_subcarriers)
    assert receiver.receiver._receiver.sample_rate_hz == received_at_hz
    cfo_hz = 0.95 * (max_cfo_subcarriers or 1.0) * 15_625
    received, bursts, _ = cross([b"offset" * 20], modem_transmitter(sample_rate_hz=2e6), receiver, cfo_hz / 2e6)
    assert read_pdu(received[0])[1] == b"offset" * 20
    assert read_symbols(bursts[0])[0]["cfo_hz"] == pytest.approx(cfo_hz, abs=30)


def test_mode_and_amplitude_change_while_it_runs(cross):
    transmitter = modem_transmitter()
    transmitter.set_mcs("16qam-3/4")
    transmitter.set_amplitude(0.5)
    received, _, samples = cross([b"x" * 100], transmitter, modem_receiver())
    assert read_pdu(received[0])[0]["mcs"] == "16qam-3/4"
    assert np.sqrt(np.mean(np.abs(samples[np.abs(samples) > 0]) ** 2)) == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("rate_hz", [-1.0, 5e9, float("nan")])
@pytest.mark.parametrize("block", [modem_transmitter, modem_receiver])
def test_rates_that_no_filter_makes_are_refused(block, rate_hz):
    with pytest.raises(ConfigurationError, match="sample_rate_hz"):
        block(sample_rate_hz=rate_hz)
