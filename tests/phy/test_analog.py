"""Analog symbols, alone and through the whole modem."""

import numpy as np
import pytest

from semcom.phy import analog
from semcom.phy.burst_layout import block_layout
from semcom.phy.channel import add_noise
from semcom.phy.channel.carrier_offset import carrier_offset
from semcom.phy.channel.multipath import multipath
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import MAX_ANALOG_SYMBOLS, TransportBlock
from semcom.phy.waveform import Waveform

MCS = MCS_TABLE["bpsk-1/3"]
HEAD = bytes(range(200, 220))


def gaussian(count, rng):
    return ((rng.normal(size=count) + 1j * rng.normal(size=count)) / np.sqrt(2)).astype(np.complex64)


def block_of(symbols, **others):
    return TransportBlock(HEAD + analog.to_bytes(symbols), coded_bytes=len(HEAD), analog=True, **others)


def received(waveform, iq, snr_db, rng, cfo_subcarriers=0.4):
    silence = np.zeros(700, np.complex64)
    cfo_hz = cfo_subcarriers * waveform.subcarrier_spacing_hz
    signal = carrier_offset(np.concatenate([silence, iq, silence, silence]), cfo_hz, waveform.nominal_rate_hz)
    receiver = Receiver(waveform)
    return receiver.push(add_noise(signal, 10 ** (-snr_db / 10), rng)) + receiver.flush()


def test_bytes_are_big_endian_steps_of_a_1024th():
    symbols = np.array([1 - 0.5j, -2 + 1 / 1024j], np.complex64)
    assert analog.to_bytes(symbols).hex() == "0400fe00f800ffff"
    np.testing.assert_array_equal(analog.from_bytes(analog.to_bytes(symbols)), symbols)


def test_what_is_too_large_is_clipped_and_what_is_no_number_is_nothing():
    sent = np.array([100 - 100j, np.nan + 1j, complex(np.inf, 1)], np.complex64)
    np.testing.assert_allclose(analog.from_bytes(analog.to_bytes(sent)), [31.999 - 31.999j, 1j, 1j], atol=1e-3)


def test_noise_is_rounded_up_by_at_most_a_quarter_decibel():
    variance = (10 ** np.linspace(-4.3, 1.9, 500)).astype(np.float32)
    again = analog.noise_from_bytes(analog.noise_to_bytes(variance))
    assert (10 * np.log10(again / variance) > -0.01).all() and (10 * np.log10(again / variance) < 0.26).all()
    edges = analog.noise_from_bytes(analog.noise_to_bytes(np.array([0, np.inf, np.nan, 1e9], np.float32)))
    np.testing.assert_allclose(10 * np.log10(edges), [-43.75, 20, 20, 20], atol=1e-3)


def test_repeats_are_combined_by_what_they_are_worth():
    symbols = np.array([1, 2, 3, 5], np.complex64)  # two symbols, two copies
    found, noise = analog.combine(symbols, np.array([1, 1, 3, np.inf], np.float32), 2)
    np.testing.assert_allclose(found, [1.5, 2], rtol=1e-6)
    np.testing.assert_allclose(noise, [0.75, 1], rtol=1e-6)
    lost, noise = analog.combine(np.array([np.nan], np.complex64), np.ones(1, np.float32), 1)
    assert lost[0] == 0 and noise[0] == 100


@pytest.mark.parametrize("count", [1, 47, 48, 49, 3001])
def test_every_number_of_symbols_comes_back(waveform, count, rng):
    sent = gaussian(count, rng)
    sent /= np.sqrt(np.mean(np.abs(sent) ** 2))
    block = block_of(sent, source=3, process=9)
    iq = Transmitter(waveform).modulate([block], MCS)
    (burst,) = received(waveform, iq, 40, rng)
    (found,) = burst.blocks
    assert (found.source, found.process, found.crc_ok, found.llr) == (3, 9, True, None)
    assert found.payload[: len(HEAD)] == HEAD and len(found.payload) == len(block.payload)
    assert found.symbols.shape == found.noise_var.shape == (count,)
    assert np.mean(np.abs(found.symbols - sent) ** 2) < 1e-3
    np.testing.assert_allclose(analog.from_bytes(found.payload[len(HEAD) :]), found.symbols, atol=1e-3)
    assert burst.num_samples == block_layout(waveform, MCS, block).num_samples and burst.note == ""


@pytest.mark.parametrize("snr_db", [0, 10, 20])
def test_error_is_that_of_the_channel_and_is_told(waveform, snr_db, rng):
    """Against Es/N0 = SNR + 10 log10(fft_size / used): less than half a decibel goes to estimation."""
    sent = gaussian(4000, rng)
    iq = Transmitter(waveform).modulate([block_of(sent)], MCS)
    (burst,) = received(waveform, iq, snr_db, rng)
    (found,) = burst.blocks
    error_db = -10 * np.log10(np.mean(np.abs(found.symbols - sent) ** 2))
    esno_db = snr_db + 10 * np.log10(waveform.fft_size / waveform.num_used)
    assert esno_db - 0.5 < error_db < esno_db + 0.3
    assert abs(-10 * np.log10(found.noise_var.mean()) - error_db) < 0.9


def test_in_a_notch_the_noise_is_known(waveform, rng):
    """A second path as strong as 0.9 of the first: symbols on weak carriers say so."""
    sent = gaussian(4000, rng)
    iq = multipath(Transmitter(waveform).modulate([block_of(sent)], MCS), [(0, 1), (8, 0.9)])
    (burst,) = received(waveform, iq / np.sqrt(1.81), 25, rng, 0)
    (found,) = burst.blocks
    error = np.abs(found.symbols - sent) ** 2
    weak = found.noise_var > np.median(found.noise_var)
    assert error[weak].mean() > 4 * error[~weak].mean()
    assert 0.5 < error[weak].mean() / found.noise_var[weak].mean() < 2


def test_without_its_coded_part_nothing_is_given_out(waveform, rng):
    for burst in received(waveform, Transmitter(waveform).modulate([block_of(gaussian(500, rng))], MCS), -13, rng):
        assert all(found.payload is None and found.symbols is None for found in burst.blocks)


def test_a_burst_cut_off_is_data_not_an_error(waveform, rng):
    iq = Transmitter(waveform).modulate([block_of(gaussian(3000, rng))], MCS)
    (burst,) = received(waveform, iq[: len(iq) // 2], 20, rng)
    (found,) = burst.blocks
    assert len(found.symbols) == 3000
    late = slice(2000, None)
    assert np.isfinite(found.symbols).all() and np.mean(np.abs(found.symbols[late]) ** 2) < 0.2


@pytest.mark.parametrize(
    ("payload", "changed", "rule"),
    [
        (HEAD + bytes(7), {}, "analog symbols must be 4 bytes each, got 7 bytes"),
        (HEAD + bytes(3), {}, "analog symbols must be 1 to 8192, got 0"),
        (HEAD + bytes(4 * MAX_ANALOG_SYMBOLS + 4), {}, "analog symbols must be 1 to 8192, got 8193"),
        (HEAD + bytes(4), {"coded_bytes": None}, "coded_bytes of a block with analog symbols must be given"),
        (HEAD + bytes(4), {"coded_bytes": 0}, "coded_bytes must be 1 to 64, got 0"),
        (HEAD + bytes(4), {"new_data": False}, "a block of analog symbols must be new data"),
        (
            HEAD + analog.to_bytes(np.full(9, 1.5 + 0j)),
            {},
            "mean power of analog symbols must be 1, at most 2, got 2.25",
        ),
    ],
)
def test_blocks_that_cannot_be_are_refused(payload, changed, rule):
    with pytest.raises(ConfigurationError, match=rule):
        TransportBlock(payload, **{"coded_bytes": len(HEAD), "analog": True, **changed})


def test_analog_symbols_have_a_burst_of_their_own(waveform, rng):
    block = block_of(gaussian(50, rng))
    with pytest.raises(ConfigurationError, match="analog symbols must have a burst of its own, got 2"):
        Transmitter(waveform).modulate([block, block], MCS)


def test_more_symbols_than_a_burst_holds_are_refused(rng):
    with pytest.raises(ConfigurationError, match="at bpsk-1/3 and 8192 analog symbols"):
        waveform = Waveform.load("narrow")
        block_layout(
            type(waveform)(**{**waveform.__dict__, "max_data_symbols": 100}), MCS, block_of(gaussian(8192, rng))
        )
