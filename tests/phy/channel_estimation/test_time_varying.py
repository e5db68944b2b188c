"""Time-varying channels: error of the estimate, and what it delivers."""

from dataclasses import replace

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.burst_decoder import BurstDecoder
from semcom.phy.channel_estimation.impulse_response import ChannelEstimator
from semcom.phy.channel_estimation.time_varying import KnownSymbols, TimeVaryingChannelEstimator
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.ofdm import modulation as ofdm
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

NOISE_VAR = 0.1


@pytest.fixture(scope="module")
def waveform():
    return Waveform.load("ofdm64")


def faded_burst(waveform, name, seed):
    """Received samples, carriers, the symbols sent, and the true response at each of them."""
    rng = np.random.default_rng(seed)
    fading = channel.profile(name)
    sent = Transmitter(waveform).modulate([TransportBlock(rng.bytes(200))], MCS_TABLE["qpsk-1/2"])
    faded, gains = channel.fade(sent, fading, waveform.nominal_rate_hz, rng)
    received = channel.add_noise(faded, NOISE_VAR, rng)
    static = ChannelEstimator(waveform).from_preamble(received)
    rows = (len(sent) - waveform.preamble_length) // waveform.symbol_length
    decoder = BurstDecoder(waveform)
    known = decoder.carriers(sent, waveform.cp_length, rows) / waveform.carrier_gain
    begin = waveform.preamble_length + static.window_start + waveform.symbol_length * np.arange(rows)
    late = np.array(fading.delays_s) * waveform.nominal_rate_hz - (static.window_start - waveform.cp_length)
    turns = np.outer(late, waveform.used_carriers) / waveform.fft_size
    truth = gains[:, begin + waveform.fft_size // 2].T @ np.exp(-2j * np.pi * turns) * waveform.carrier_gain
    return received, decoder.carriers(received, static.window_start, rows), known, static, truth


@pytest.mark.parametrize(
    ("name", "all_known", "limit_db"), [("EVA70", False, -16), ("ETU300", False, -11), ("ETU300", True, -22)]
)
def test_a_time_varying_channel_is_estimated(waveform, name, all_known, limit_db):
    errors, standing = [], []
    for seed in range(4):
        received, carriers, known, static, truth = faded_burst(waveform, name, seed)
        variance = np.zeros(known.shape, np.float32)
        if not all_known:
            variance[3:, ~waveform.is_pilot] = 1
        estimate = TimeVaryingChannelEstimator(waveform).estimate(
            received, carriers, KnownSymbols(known, variance), static
        )
        errors.append(np.mean(np.abs(estimate.response - truth) ** 2))
        standing.append(np.mean(np.abs(waveform.carrier_gain * static.carriers - truth) ** 2))
        assert estimate.noise_var == pytest.approx(NOISE_VAR, rel=0.4)
    assert 10 * np.log10(np.mean(errors)) < limit_db
    assert np.mean(standing) > 5 * np.mean(errors)


@pytest.mark.parametrize(
    ("name", "least", "most"), [("EPA0", 0, 0.0015), ("EVA70", 0.0015, 0.012), ("ETU300", 0.012, 0.05)]
)
def test_the_evidence_tells_how_fast_the_channel_moves(waveform, name, least, most):
    received, carriers, known, static, _ = faded_burst(waveform, name, 3)
    certain = KnownSymbols(known, np.zeros(known.shape, np.float32))
    assert least <= TimeVaryingChannelEstimator(waveform).estimate(received, carriers, certain, static).doppler <= most


def test_long_bursts_are_estimated_in_windows_without_seams(waveform):
    rng = np.random.default_rng(5)
    rows = 300
    symbols = ofdm.with_pilots(np.ones((rows, waveform.num_data), np.complex64), waveform)
    gain = channel.rayleigh_gains(rows, 100.0, 1 / 80e-6, rng)[0]
    carriers = waveform.carrier_gain * gain[:, None] * symbols
    carriers += channel.complex_noise(carriers.size, 0.01, rng).reshape(carriers.shape)
    from semcom.phy.sync.preamble import preamble

    samples = preamble(waveform)[: waveform.preamble_length] * gain[0]
    samples = channel.add_noise(samples, 0.01, rng)
    static = ChannelEstimator(waveform).from_preamble(samples)
    turn = np.exp(2j * np.pi * np.array(waveform.used_carriers) * (static.window_start - waveform.cp_length) / 64)
    certain = KnownSymbols(symbols, np.zeros(symbols.shape, np.float32))
    estimate = TimeVaryingChannelEstimator(waveform).estimate(samples, carriers * turn, certain, static)
    error = np.abs(estimate.response / turn / waveform.carrier_gain - gain[:, None]) ** 2
    assert error.max(axis=1).max() < 0.02


@pytest.mark.parametrize("mcs", ["qpsk-1/2", "16qam-1/2"])
def test_long_frames_get_through_fast_fading(waveform, mcs, rng):
    """EVA70 varies much within a frame of 1000 bytes: an estimate from its beginning delivers less than one in two."""
    receiver, transmitter, fading = Receiver(waveform), Transmitter(waveform), channel.profile("EVA70")
    snr_db = {"qpsk-1/2": 8.0, "16qam-1/2": 13.0}[mcs]
    delivered = 0
    for _ in range(12):
        payload = rng.bytes(1000)
        faded, _ = channel.fade(transmitter.modulate([TransportBlock(payload)], MCS_TABLE[mcs]), fading, 1e6, rng)
        stream = np.concatenate([np.zeros(900), faded, np.zeros(300)]).astype(np.complex64)
        bursts = receiver.push(channel.add_noise(stream, channel.noise_var_for(snr_db), rng)) + receiver.flush()
        delivered += any(block.payload == payload for burst in bursts for block in burst.blocks)
    assert delivered >= 10


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_burst_whose_taps_do_not_exceed_the_noise_is_estimated_all_the_same(waveform, level):
    received, carriers, known, static, _ = faded_burst(waveform, "EPA5", 1)
    static = replace(static, prior=np.zeros_like(static.prior), taps=np.complex64(level) * static.taps)
    estimator = TimeVaryingChannelEstimator(waveform)
    estimate = estimator.estimate(received, carriers, KnownSymbols(known, np.zeros(known.shape, np.float32)), static)
    assert np.isfinite(estimate.response).all() and np.isfinite(estimate.error_var).all()


def test_what_an_estimate_costs_is_bounded(rng):
    """Where a long response holds nothing but noise, the strongest taps are enough."""
    waveform = Waveform.load("ofdm256")
    noise = channel.complex_noise(4000, 1.0, rng)
    static = ChannelEstimator(waveform).from_preamble(noise)
    power = rng.exponential(size=len(static.prior))
    carriers = BurstDecoder(waveform).carriers(noise, static.window_start, 8)
    known = KnownSymbols(np.ones_like(carriers), np.zeros(carriers.shape, np.float32))
    estimate = TimeVaryingChannelEstimator(waveform).estimate(noise, carriers, known, replace(static, prior=power))
    assert len(power) > 60 and len(estimate.prior) == 32
    assert np.isfinite(estimate.response).all()
