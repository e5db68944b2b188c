"""Every waveform that comes with the package through the whole chain: nothing is hard-wired to one of them."""

from dataclasses import replace

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.burst_layout import longest_burst, max_block_bytes
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform, known_waveforms

WAVEFORMS = [Waveform.load(name) for name in known_waveforms()]


def _in_noise(iq, waveform, snr_db, cfo_subcarriers, rng, ratio=1):
    signal = np.concatenate([channel.delay(iq, ratio * 300.3), np.zeros(ratio * 600, np.complex64)])
    cfo_hz = cfo_subcarriers * waveform.subcarrier_spacing_hz
    signal = channel.carrier_offset(signal, cfo_hz, ratio * waveform.nominal_rate_hz, rng.uniform(0, 6))
    return channel.add_noise(signal, ratio * channel.noise_var_for(snr_db), rng)


@pytest.mark.parametrize("waveform", WAVEFORMS, ids=known_waveforms())
def test_bursts_arrive_at_both_ends_of_the_carrier_range(waveform, rng):
    receiver = Receiver(waveform)
    for name, snr_db, sign in (("bpsk-1/8", -6.0, 1), ("qpsk-1/2", 3.0, -1), ("256qam-3/4", 24.0, 1)):
        payload = rng.bytes(120)
        iq = Transmitter(waveform).modulate([TransportBlock(payload)], MCS_TABLE[name])
        cfo = sign * (waveform.max_cfo_subcarriers - 0.1)
        bursts = receiver.push(_in_noise(iq, waveform, snr_db, cfo, rng)) + receiver.flush()
        assert [block.payload for burst in bursts for block in burst.blocks] == [payload], name
        assert abs(bursts[0].cfo_hz / waveform.subcarrier_spacing_hz - cfo) < 0.02
        assert abs(bursts[0].snr_db - snr_db) < 1.0


@pytest.mark.parametrize("waveform", WAVEFORMS, ids=known_waveforms())
def test_the_longest_block_fits_and_arrives(waveform, rng):
    size = max_block_bytes(waveform, MCS_TABLE["16qam-3/4"])
    payload = rng.bytes(size)
    iq = Transmitter(waveform, peak_limit_db=8.0).modulate([TransportBlock(payload)], MCS_TABLE["16qam-3/4"])
    assert len(iq) <= longest_burst(waveform) + waveform.window_length
    receiver = Receiver(waveform)
    bursts = receiver.push(_in_noise(iq, waveform, 15.0, 0.3, rng)) + receiver.flush()
    assert [block.payload for burst in bursts for block in burst.blocks] == [payload]


def test_narrow_lives_in_a_channel_of_12500_hz(rng):
    """99 % of the power within 11 kHz; data in the middle of the narrowest usual channel."""
    waveform = Waveform.load("narrow")
    assert waveform.nominal_rate_hz == 12_500
    transmitter = Transmitter(waveform)
    iq = np.concatenate(
        [transmitter.modulate([TransportBlock(rng.bytes(500))], MCS_TABLE["qpsk-1/2"]) for _ in range(4)]
    )
    power = np.fft.fftshift(np.abs(np.fft.fft(iq)) ** 2)
    low, high = np.interp([0.005, 0.995], np.cumsum(power) / power.sum(), np.linspace(-6250, 6250, len(power)))
    assert 9_000 < high - low < 11_000


def test_narrow_is_found_with_the_oscillators_its_file_names(rng):
    """At twice the rate the search reaches 8 subcarriers: 3.6 ppm at either end at 433 MHz."""
    waveform = Waveform.load("narrow")
    # The same burst drawn at twice the rate: the ideal interpolation.
    twice = replace(waveform, nominal_rate_hz=25e3, fft_size=64, cp_length=16, window_length=4, preamble_period=64)
    payload = rng.bytes(60)
    iq = Transmitter(twice).modulate([TransportBlock(payload)], MCS_TABLE["qpsk-1/2"])
    receiver = Receiver(waveform, sample_rate_hz=25e3, max_cfo_subcarriers=8.0)
    cfo_subcarriers = 7.1e-6 * 433e6 / waveform.subcarrier_spacing_hz
    bursts = receiver.push(_in_noise(iq, waveform, 4.0, cfo_subcarriers, rng, ratio=2)) + receiver.flush()
    assert [block.payload for burst in bursts for block in burst.blocks] == [payload]
    assert abs(bursts[0].cfo_hz - 7.1e-6 * 433e6) < 10
