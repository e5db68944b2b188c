"""A synchronised burst: its field, its symbols and their noise, its LLRs."""

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.burst_decoder import BurstDecoder, decode_field
from semcom.phy.coding import signal_field
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.ofdm.constellation import constellation
from semcom.phy.sync.preamble import preamble
from semcom.phy.transport_block import TransportBlock


@pytest.fixture(scope="module")
def decoder(waveform):
    return BurstDecoder(waveform)


def burst_of(transmitter, payloads, mcs):
    blocks = [TransportBlock(payload, source=7, process=(60 + i) % 64) for i, payload in enumerate(payloads)]
    return transmitter.modulate(blocks, MCS_TABLE[mcs])


def in_noise(samples, snr_db, rng):
    return channel.add_noise(np.concatenate([samples, np.zeros(200, np.complex64)]), 10 ** (-snr_db / 10), rng)


@pytest.mark.parametrize(("mcs", "form"), [("bpsk-1/8", "robust"), ("qpsk-1/3", "medium"), ("64qam-3/4", "short")])
def test_the_field_is_read_in_the_form_it_was_sent_in(decoder, transmitter, waveform, mcs, form, rng):
    samples = in_noise(burst_of(transmitter, [rng.bytes(90), rng.bytes(90)], mcs), 20.0, rng)
    header = decoder.read_header(samples, 0.0)
    assert (header.field.mcs.name, header.field.num_blocks, header.field.block_bytes) == (mcs, 2, 90)
    assert (header.field.source, header.field.process) == (7, 60)
    assert header.layout.num_header_symbols == signal_field.num_symbols(waveform, form) == len(header.symbols)
    assert abs(header.cfo) < 2e-5


def test_the_carrier_offset_that_synchronisation_left_is_found(decoder, transmitter, waveform, rng):
    left = 0.01 / waveform.fft_size  # a hundredth of a subcarrier
    samples = channel.carrier_offset(burst_of(transmitter, [rng.bytes(200)], "16qam-1/2"), left, 1.0)
    header = decoder.read_header(in_noise(samples, 25.0, rng), 0.0)
    assert header.cfo == pytest.approx(left, abs=0.1 * left)


def test_noise_alone_has_no_field(decoder, rng):
    assert decoder.read_header(channel.complex_noise(decoder.header_samples, 1.0, rng), 0.0).field is None


@pytest.mark.parametrize("snr_db", [12.0, 22.0])
def test_noise_variance_is_that_of_the_equalised_symbols(decoder, transmitter, waveform, snr_db, rng):
    """Over a channel with an echo, against what was really sent on each data carrier."""
    ratios = []
    for _ in range(8):
        sent = burst_of(transmitter, [rng.bytes(900)], "qpsk-1/2")
        received = channel.multipath(sent, channel.unit_power([(0.0, 1.0), (5.3, 0.6j)]))
        samples = in_noise(received, snr_db, rng)
        header = decoder.read_header(samples, 0.0)
        payload = decoder.read_payload(samples, header)
        error = payload.symbols - constellation(2).nearest(payload.symbols)
        if snr_db > 15:  # decisions are right
            ratios.append(np.mean(np.abs(error) ** 2, axis=0) / payload.noise_var)
        assert payload.estimate.power / payload.estimate.noise_var == pytest.approx(10 ** (snr_db / 10), rel=0.3)
    if ratios:
        assert np.mean(ratios) == pytest.approx(1.0, rel=0.1)


@pytest.mark.parametrize("clock_ppm", [-60.0, 0.0, 60.0])
def test_long_bursts_stay_in_phase_and_time(decoder, transmitter, waveform, clock_ppm, rng):
    """The drift of a burst of 78 ms at 60 ppm is 4.7 samples: the FFT windows follow, phase and slope are tracked."""
    payloads = [rng.bytes(1000) for _ in range(5)]
    sent = channel.clock_offset(burst_of(transmitter, payloads, "qpsk-1/2"), clock_ppm)
    samples = in_noise(sent, 20.0, rng)
    header = decoder.read_header(samples, 0.0)
    payload = decoder.read_payload(samples, header)
    assert payload.tracking.clock_offset * 1e6 == pytest.approx(clock_ppm, abs=1.0)
    assert len(payload.tracking.phase) == len(payload.tracking.slope) == header.layout.num_data_symbols
    error = payload.symbols - constellation(2).nearest(payload.symbols)
    for part in np.array_split(error, 4):
        assert 10 * np.log10(np.mean(np.abs(part) ** 2)) < -16
    llr = decoder.soft_bits(payload, header)
    assert llr.shape == (5, header.layout.coded_bits_per_block)
    for values, sent_bytes in zip(llr, payloads, strict=True):
        assert np.mean((values < 0) == header.layout.coder.encode(sent_bytes)) > 0.999


def test_samples_that_are_missing_at_the_end_count_as_silence(decoder, transmitter, waveform, rng):
    samples = burst_of(transmitter, [rng.bytes(50)], "qpsk-1/2")
    rows = 10
    cut = waveform.preamble_length + 7 * waveform.symbol_length
    carriers = decoder.carriers(samples[:cut], waveform.cp_length, rows)
    whole = decoder.carriers(samples, waveform.cp_length, rows)
    assert carriers.shape == (rows, waveform.num_used)
    assert np.array_equal(carriers[:7], whole[:7]) and not carriers[7:].any()


def test_a_field_that_announces_what_cannot_be_is_none(waveform):
    """64 blocks of 8192 bytes at bpsk-1/8 are valid numbers, but no burst of this waveform."""
    field = signal_field.SignalField(MCS_TABLE["bpsk-1/8"], 64, 8192)
    symbols = signal_field.encode(field, waveform)
    assert decode_field(waveform, symbols, np.full(symbols.shape, 0.01, np.float32), "robust") == (None, None, "")
    field = signal_field.SignalField(MCS_TABLE["bpsk-1/8"], 1, 100)
    symbols = signal_field.encode(field, waveform)
    decoded, layout, _ = decode_field(waveform, symbols, np.full(symbols.shape, 0.01, np.float32), "robust")
    assert decoded == field and layout.num_header_symbols == 24


@pytest.mark.parametrize(("kept", "there"), [(1.0, True), (0.9, True), (0.3, False), (0.0, False)])
@pytest.mark.parametrize("name", ["qpsk-1/2", "64qam-2/3"])
def test_a_burst_fills_its_length_where_its_pilots_do(waveform, transmitter, rng, name, kept, there):
    """What follows the cut is another OFDM signal of the same power: the burst's own end, turned round."""
    decoder = BurstDecoder(waveform)
    samples = transmitter.modulate([TransportBlock(rng.bytes(1500))], MCS_TABLE[name])
    samples = channel.carrier_offset(samples, 3e3, waveform.nominal_rate_hz)
    header = decoder.read_header(samples, 3e3 / waveform.nominal_rate_hz)
    start = waveform.preamble_length + header.layout.num_header_symbols * waveform.symbol_length
    cut = start + int(kept * (header.layout.num_samples - start))
    samples[cut:] = samples[cut:][::-1].copy()
    received = channel.add_noise(samples[: header.layout.num_samples], channel.noise_var_for(6.0), rng)
    assert decoder.fills_its_length(received, header) is there
    assert decoder.is_there(decoder.read_payload(received, header)) is there


@pytest.mark.parametrize(("kept", "there"), [(1.0, True), (0.6, True), (0.1, False), (0.0, False)])
def test_silence_does_not_fill_a_length(waveform, transmitter, rng, kept, there):
    decoder = BurstDecoder(waveform)
    samples = transmitter.modulate([TransportBlock(rng.bytes(1500))], MCS_TABLE["qpsk-1/2"])
    header = decoder.read_header(samples, 0.0)
    start = waveform.preamble_length + header.layout.num_header_symbols * waveform.symbol_length
    samples[start + int(kept * (header.layout.num_samples - start)) :] = 0
    received = channel.add_noise(samples[: header.layout.num_samples], 1e-4, rng)
    assert decoder.fills_its_length(received, header) is there
    assert decoder.is_there(decoder.read_payload(received, header)) is there


@pytest.mark.parametrize(("mcs", "num_bytes", "snr_db"), [("bpsk-1/8", 40, -5.0), ("64qam-5/6", 40, 17.0)])
def test_a_field_is_tried_where_pilots_follow_the_preamble(decoder, transmitter, rng, mcs, num_bytes, snr_db):
    """Deep in noise, and in the shortest burst, after which the pilots that are looked for are silence."""
    length = decoder.header_samples
    bursts = [np.resize(burst_of(transmitter, [rng.bytes(num_bytes)], mcs), 2 * length) for _ in range(20)]
    for burst in bursts:
        burst[len(burst_of(transmitter, [bytes(num_bytes)], mcs)) :] = 0
    headers = [decoder.read_header(in_noise(burst, snr_db, rng), 0.0, only_with_pilots=True) for burst in bursts]
    assert sum(header.was_tried for header in headers) >= 19
    assert sum(header.field is not None for header in headers) >= 19


def test_of_a_preamble_in_noise_no_field_is_tried(decoder, waveform, rng):
    lone, num_tried = preamble(waveform)[: waveform.preamble_length], 0
    for _ in range(50):
        samples = channel.complex_noise(decoder.header_samples + 200, 1.0, rng)
        samples[: len(lone)] = lone
        header = decoder.read_header(in_noise(samples, 13.0, rng), 0.0, only_with_pilots=True)
        assert header.field is None and np.isfinite(header.symbols).all()
        num_tried += header.was_tried
    assert num_tried < 10
