"""Reception at the nominal rate and at twice it, over wide carrier offsets, behind a channel filter."""

import numpy as np
import pytest
import scipy.signal

from semcom.phy import channel
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

LEAD = 700  # samples before each burst at the nominal rate
CHANNEL_FILTER = scipy.signal.firwin(63, 0.9)  # -6 dB at 0.45 of the rate


@pytest.fixture(scope="module")
def waveform():
    return Waveform.load("ofdm64")


@pytest.fixture(scope="module")
def wide(waveform):
    return Receiver(waveform, 2 * waveform.nominal_rate_hz, max_cfo_subcarriers=8)


def received(waveform, payload, ratio, cfo_subcarriers, snr_db, rng, mcs="qpsk-1/2"):
    """A burst as a receiver at `ratio` times the nominal rate gets it, through its channel filter."""
    burst = Transmitter(waveform).modulate([TransportBlock(payload)], MCS_TABLE[mcs])
    samples = np.concatenate([np.zeros(LEAD), burst, np.zeros(600)]).astype(np.complex64)
    if ratio == 2:
        samples = scipy.signal.resample_poly(samples, 2, 1, window=("kaiser", 8.0)).astype(np.complex64)
    rate = ratio * waveform.nominal_rate_hz
    samples = channel.carrier_offset(samples, cfo_subcarriers * waveform.subcarrier_spacing_hz, rate, 1.0)
    samples = channel.add_noise(samples, ratio * channel.noise_var_for(snr_db), rng)
    return scipy.signal.lfilter(CHANNEL_FILTER, 1, samples).astype(np.complex64)


@pytest.mark.parametrize("cfo", [-8.0, -6.0, -4.02, -2.0, 0.0, 0.03, 1.0, 3.98, 5.5, 8.0])
def test_twice_the_rate_reaches_eight_subcarriers(waveform, wide, cfo, rng):
    payload = rng.bytes(200)
    bursts = wide.push(received(waveform, payload, 2, cfo, 3.0, rng)) + wide.flush()
    assert [[block.payload for block in burst.blocks] for burst in bursts] == [[payload]]
    assert bursts[0].cfo_hz / waveform.subcarrier_spacing_hz == pytest.approx(cfo, abs=0.02)
    assert abs(bursts[0].start_sample - (2 * LEAD + len(CHANNEL_FILTER) // 2)) <= 2
    assert bursts[0].snr_db == pytest.approx(3.0, abs=1.0)


@pytest.mark.parametrize("cfo", [-4.0, -2.5, 1.5, 4.0])
@pytest.mark.parametrize(("mcs", "snr_db"), [("qpsk-1/2", 3.0), ("bpsk-1/8", -6.0)])
def test_the_nominal_rate_reaches_four_when_asked_to(waveform, cfo, mcs, snr_db, rng):
    receiver = Receiver(waveform, max_cfo_subcarriers=4)
    payload = rng.bytes(200)
    bursts = receiver.push(received(waveform, payload, 1, cfo, snr_db, rng, mcs)) + receiver.flush()
    assert [[block.payload for block in burst.blocks] for burst in bursts] == [[payload]]


def test_a_burst_beyond_the_range_is_read_or_left_but_not_misread(waveform, rng):
    receiver = Receiver(waveform)
    for cfo in (1.8, 3.0, -2.3, -3.4):
        payload = rng.bytes(200)
        bursts = receiver.push(received(waveform, payload, 1, cfo, 10.0, rng)) + receiver.flush()
        for burst in bursts:
            assert burst.cfo_hz / waveform.subcarrier_spacing_hz == pytest.approx(cfo, abs=0.05)


@pytest.mark.parametrize("cfo", [-15.0, 15.0])
def test_a_carrier_beyond_the_range_is_named_once_at_twice_the_rate(waveform, wide, cfo, rng):
    samples = received(waveform, rng.bytes(200), 2, cfo, 20.0, rng)
    (burst,) = wide.push(samples) + wide.flush()
    assert not burst.cfo_in_range and burst.cfo_hz / waveform.subcarrier_spacing_hz == pytest.approx(cfo, abs=0.1)


def test_the_cut_into_chunks_makes_no_difference(waveform, wide, rng):
    samples = np.concatenate([received(waveform, rng.bytes(90), 2, cfo, 8.0, rng) for cfo in (-7, 0, 5)])
    whole = wide.push(samples) + wide.flush()
    pieces = []
    for piece in np.split(samples, [1, 2, 5, 1000, 1777, 9000]):
        pieces += wide.push(piece)
    pieces += wide.flush()
    assert len(whole) == 3
    for one, other in zip(whole, pieces, strict=True):
        assert (one.start_sample, one.cfo_hz, one.snr_db) == (other.start_sample, other.cfo_hz, other.snr_db)
        assert one.blocks == other.blocks


@pytest.mark.parametrize("cfo", [-6.2, -3.5, 1.1, 6.9])
def test_a_part_of_the_range_that_cannot_read_a_burst_does_not_hide_it(cfo, rng):
    """A neighbour sees a faint image, cannot read it, and says so long before the burst has ended."""
    narrow = Waveform.load("narrow")
    receiver = Receiver(narrow, 2 * narrow.nominal_rate_hz, max_cfo_subcarriers=8)
    payload = rng.bytes(400)
    burst = Transmitter(narrow).modulate([TransportBlock(payload)], MCS_TABLE["qpsk-1/2"])
    samples = scipy.signal.resample(np.pad(burst, LEAD), 2 * (len(burst) + 2 * LEAD))
    samples = channel.carrier_offset(samples, cfo * narrow.subcarrier_spacing_hz, receiver.sample_rate_hz)
    bursts = []
    for begin in range(0, len(samples), 500):
        bursts += receiver.push(samples[begin : begin + 500])
    bursts += receiver.flush()
    assert [[block.payload for block in burst.blocks] for burst in bursts] == [[payload]]


@pytest.mark.parametrize("cfo", [-5.5, 0.0, 0.03, 2.6, 5.5])
@pytest.mark.parametrize(("level_db", "mcs", "snr_db"), [(12.0, "qpsk-1/2", 15.0), (-20.0, "64qam-5/6", 20.0)])
def test_a_dc_offset_is_removed_at_twice_the_rate(waveform, wide, cfo, level_db, mcs, snr_db, rng):
    """The parts of the range are shifted, and the DC offset with them."""
    payloads = [rng.bytes(200) for _ in range(6)]
    samples = np.concatenate([received(waveform, payload, 2, cfo, snr_db, rng, mcs) for payload in payloads])
    samples = (samples + np.complex64(10 ** (level_db / 20) * np.exp(1j))).astype(np.complex64)
    bursts = wide.push(samples) + wide.flush()
    assert [burst.blocks[0].payload for burst in bursts] == payloads
    assert np.median([burst.snr_db for burst in bursts]) > snr_db - 1.5


def test_clipped_samples_are_counted_at_twice_the_rate(waveform, rng):
    receiver = Receiver(waveform, 2 * waveform.nominal_rate_hz, full_scale=2.0)
    samples = channel.clip(received(waveform, rng.bytes(200), 2, 0.5, 20.0, rng), 2.0)
    (burst,) = receiver.push(samples) + receiver.flush()
    at_limit = np.maximum(np.abs(samples.real), np.abs(samples.imag)) >= 2.0
    assert at_limit.sum() > 20 and burst.num_clipped == at_limit.sum()


def test_repeats_combine_whichever_part_of_the_range_they_fall_in(waveform, wide, rng):
    payload = rng.bytes(300)
    blocks = [
        TransportBlock(payload, process=3),
        TransportBlock(payload, process=3, redundancy_version=2, new_data=False),
    ]
    mcs, results = MCS_TABLE["qpsk-2/3"], []
    for block, cfo in zip(blocks, (-3.0, 3.0), strict=True):
        burst = Transmitter(waveform).modulate([block], mcs)
        samples = np.concatenate([np.zeros(LEAD), burst, np.zeros(600)]).astype(np.complex64)
        samples = scipy.signal.resample_poly(samples, 2, 1, window=("kaiser", 8.0)).astype(np.complex64)
        samples = channel.carrier_offset(samples, cfo * waveform.subcarrier_spacing_hz, 2e6)
        samples = channel.add_noise(samples, 2 * channel.noise_var_for(-0.5), rng)
        results += wide.push(samples) + wide.flush()
    assert [block.crc_ok for burst in results for block in burst.blocks] == [False, True]
    assert results[1].blocks[0].num_transmissions == 2


@pytest.mark.parametrize("rate_hz", [0.0, -1e6, 1.5e6, 3e6, 1.01e6, float("nan"), float("inf")])
def test_other_rates_are_refused(waveform, rate_hz):
    with pytest.raises(ConfigurationError, match="sample_rate_hz must be the nominal rate of ofdm64"):
        Receiver(waveform, rate_hz)


@pytest.mark.parametrize("cfo", [0.0, 3.9])
def test_the_densest_mcs_arrives_where_there_is_no_noise(waveform, cfo, rng):
    """Half a sample beside the grid, the last errors of the channel estimate passed for strong interference."""
    receiver = Receiver(waveform, 2 * waveform.nominal_rate_hz, max_cfo_subcarriers=4)
    payload = rng.bytes(8051)
    burst = Transmitter(waveform).modulate([TransportBlock(payload)] * 4, MCS_TABLE["256qam-5/6"])
    samples = np.concatenate([np.zeros(1001), scipy.signal.resample(np.pad(burst, LEAD), 2 * (len(burst) + 2 * LEAD))])
    samples = channel.carrier_offset(samples, cfo * waveform.subcarrier_spacing_hz, receiver.sample_rate_hz)
    bursts = receiver.push(samples) + receiver.flush()
    assert [[block.payload for block in burst.blocks] for burst in bursts] == [[payload] * 4]


def test_clipped_samples_are_those_of_the_burst_however_long_the_stream(waveform, rng):
    """Clipped samples before, in and after the second of two bursts far apart: only its own are counted."""
    receiver = Receiver(waveform, 2 * waveform.nominal_rate_hz, full_scale=4.0)
    stream = [received(waveform, rng.bytes(100), 2, 0.0, 20.0, rng) for _ in range(2)]
    stream.insert(1, np.zeros(200_000, np.complex64))
    samples = np.concatenate(stream)
    clean = receiver.push(samples) + receiver.flush()
    assert [burst.num_clipped for burst in clean] == [0, 0]
    start = clean[1].start_sample
    samples[[start - 50, start + 10, start + 700, len(samples) - 20]] = 5.0
    bursts = receiver.push(samples) + receiver.flush()
    assert [burst.start_sample for burst in bursts] == [burst.start_sample for burst in clean]
    assert [burst.num_clipped for burst in bursts] == [0, 2]
