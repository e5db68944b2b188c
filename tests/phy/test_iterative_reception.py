"""Iterative reception, step by step; what it delivers is in test_time_varying.py."""

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.burst_decoder import BurstDecoder, ReceivedBurst
from semcom.phy.iterative_reception import IterativeReception
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.ofdm import modulation as ofdm
from semcom.phy.ofdm.constellation import constellation
from semcom.phy.transport_block import TransportBlock


@pytest.fixture(scope="module")
def decoder(waveform):
    return BurstDecoder(waveform)


@pytest.fixture(scope="module")
def reception(waveform, decoder):
    return IterativeReception(waveform, decoder)


def faded(waveform, transmitter, payload, snr_db, rng, profile="ETU300"):
    sent = transmitter.modulate([TransportBlock(payload)], MCS_TABLE["qpsk-1/2"])
    received, _ = channel.fade(sent, channel.profile(profile), waveform.nominal_rate_hz, rng)
    return channel.add_noise(np.concatenate([received, np.zeros(200)]), channel.noise_var_for(snr_db), rng)


def llr_error_rate(llr, coded):
    return np.mean((llr < 0) != coded)


def test_each_iteration_with_feedback_makes_fewer_errors(waveform, transmitter, decoder, reception, rng):
    """Without the time-varying channel, with it on pilots alone, and with the sent bits fed back."""
    rates = []
    for _ in range(5):
        payload_bytes = rng.bytes(500)
        samples = faded(waveform, transmitter, payload_bytes, 14.0, rng)
        header = decoder.read_header(samples, 0.0)
        if header.field is None:
            continue
        coded = header.layout.coder.encode(payload_bytes)
        static = decoder.read_payload(samples, header)
        first, estimate = reception.payload(static, header)
        assert estimate.time_varying
        known = [np.float32(30) * (1 - 2 * coded.astype(np.float32))]
        second, _ = reception.payload(first, header, known, estimate)
        rates.append([llr_error_rate(decoder.soft_bits(p, header)[0], coded) for p in (static, first, second)])
    static, first, second = np.array(rates).T
    assert len(rates) >= 3
    assert np.median(first) < 0.6 * np.median(static)
    assert np.all(second < 0.3 * static)


def test_a_static_channel_is_recognised(waveform, transmitter, decoder, reception, rng):
    sent = transmitter.modulate([TransportBlock(rng.bytes(500))], MCS_TABLE["qpsk-1/2"])
    samples = channel.add_noise(np.concatenate([sent, np.zeros(200)]), 0.1, rng)
    header = decoder.read_header(samples, 0.0)
    _, estimate = reception.payload(decoder.read_payload(samples, header), header)
    assert not estimate.time_varying
    silent = channel.complex_noise(decoder.header_samples, 1.0, rng)
    failed = decoder.read_header(silent, 0.0)
    assert failed.field is None


def test_a_rotation_is_removed_from_preamble_and_symbols_alike(waveform, reception, rng):
    """Phase zero at the end of the preamble; a symbol's phase is that at the middle of its FFT window."""
    step, length, offset, rows = waveform.symbol_length, waveform.preamble_length, 0.03, 12
    early = (np.arange(length) - length) / step
    middles = (np.arange(rows) * step + waveform.cp_length + waveform.fft_size / 2) / step
    burst = ReceivedBurst(
        np.exp(2j * np.pi * offset * early).astype(np.complex64),
        np.repeat(np.exp(2j * np.pi * offset * middles)[:, None], waveform.num_used, 1).astype(np.complex64),
        np.zeros(rows, np.float32),
    )
    rotated = reception._rotated(burst, offset)
    assert np.allclose(rotated.preamble, 1, atol=1e-4)
    assert np.allclose(rotated.carriers, 1, atol=1e-4)


def test_the_slope_of_a_clock_offset_is_removed_once(waveform, reception):
    slope = np.linspace(0, 0.2, 6).astype(np.float32)
    carriers = np.exp(1j * np.outer(slope, waveform.used_carriers)).astype(np.complex64)
    straight = reception._without_drift(ReceivedBurst(np.zeros(4, np.complex64), carriers, slope))
    assert np.allclose(straight.carriers, 1, atol=1e-4) and not straight.slope.any()
    assert reception._without_drift(straight) is straight


def test_pilots_are_certain_and_data_unknown(waveform, reception):
    known = reception._pilots_only(5)
    pilots = waveform.is_pilot
    assert np.array_equal(known.mean[:, pilots], ofdm.pilot_values(waveform)[:5])
    assert not known.variance[:, pilots].any()
    assert not known.mean[:, ~pilots].any() and np.all(known.variance[:, ~pilots] == 1)


def test_soft_symbols_of_certain_bits_are_the_symbols_sent(waveform, transmitter, decoder, reception, rng):
    """Filler included: its bits are known without being sent as a block."""
    payloads = [rng.bytes(101) for _ in range(7)]
    blocks = [TransportBlock(payload, process=process) for process, payload in enumerate(payloads)]
    samples = transmitter.modulate(blocks, MCS_TABLE["64qam-3/4"])
    header = decoder.read_header(samples, 0.0)
    coded = [header.layout.coder.encode(payload).astype(np.float32) for payload in payloads]
    mean, variance = reception._expected_data(header, [np.float32(60) * (1 - 2 * bits) for bits in coded])
    received = decoder.read_payload(samples, header).symbols
    assert header.layout.num_filler_bits > 0
    assert np.allclose(mean, constellation(6).nearest(received).reshape(mean.shape), atol=1e-3)
    assert np.all(variance < 1e-3)
