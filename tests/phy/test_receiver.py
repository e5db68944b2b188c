"""The whole chain: bursts through a channel and back."""

import resource
from dataclasses import replace

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.block_decoding import MAX_ITERATIONS
from semcom.phy.burst_layout import longest_burst
from semcom.phy.errors import ConfigurationError
from semcom.phy.iterative_reception import IterativeReception
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.receiver import MAX_CHUNK, Receiver
from semcom.phy.sync.preamble import preamble
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

QPSK = MCS_TABLE["qpsk-1/2"]

# SNR at which each MCS has some margin: about 3 dB above where it fails.
COMFORTABLE_SNR_DB = {
    "bpsk-1/8": -5.0,
    "bpsk-1/5": -3.5,
    "bpsk-1/3": -1.5,
    "bpsk-2/5": -0.5,
    "bpsk-1/2": 1.0,
    "qpsk-1/3": 2.0,
    "qpsk-1/2": 4.0,
    "qpsk-2/3": 6.0,
    "qpsk-3/4": 7.0,
    "16qam-1/2": 9.0,
    "16qam-2/3": 12.0,
    "16qam-3/4": 13.0,
    "64qam-2/3": 17.0,
    "64qam-3/4": 18.5,
    "64qam-5/6": 20.0,
    "256qam-3/4": 24.0,
    "256qam-5/6": 26.0,
}


def receive(receiver, samples, chunk=MAX_CHUNK):
    bursts = []
    for start in range(0, len(samples), chunk):
        bursts += receiver.push(samples[start : start + chunk])
    return bursts + receiver.flush()


def payloads(bursts):
    return [block.payload for burst in bursts for block in burst.blocks]


def fingerprint(burst):
    return (
        burst.start_sample,
        burst.header_ok,
        burst.snr_db,
        burst.cfo_hz,
        burst.evm_db,
        burst.channel.tobytes(),
        burst.constellation.tobytes(),
        burst.blocks,
    )


@pytest.mark.parametrize("name", MCS_TABLE)
def test_every_mode_goes_round(name, transmitter, receiver, in_noise, rng):
    sent = [rng.bytes(70), rng.bytes(70)]
    iq = transmitter.modulate([TransportBlock(payload, source=9, process=63) for payload in sent], MCS_TABLE[name])
    assert iq.dtype == np.complex64
    assert np.mean(np.abs(iq) ** 2) == pytest.approx(1, abs=0.06)
    snr_db = COMFORTABLE_SNR_DB[name]
    (burst,) = receive(receiver, in_noise(iq, rng, snr_db, start=700.4, cfo_subcarriers=-0.37))
    assert burst.header_ok and burst.mcs is MCS_TABLE[name]
    assert payloads([burst]) == sent
    assert [(block.source, block.process) for block in burst.blocks] == [(9, 63), (9, 0)]
    assert burst.start_sample in (700, 701)
    assert burst.snr_db == pytest.approx(snr_db, abs=1.5)
    assert burst.cfo_hz == pytest.approx(-0.37 * 15625, abs=200)


@pytest.mark.parametrize("size", [1, 2, 3, 17, 333, 1000, 8192])
def test_every_size_goes_round(size, transmitter, receiver, in_noise, rng):
    sent = rng.bytes(size)
    iq = transmitter.modulate([TransportBlock(sent)], MCS_TABLE["16qam-1/2"])
    assert payloads(receive(receiver, in_noise(iq, rng, 20.0))) == [sent]


def test_packet_errors_are_rare_where_the_requirement_says(transmitter, receiver, in_noise, rng):
    """QPSK-1/2, 120 bytes, 2.5 dB: 2,000 frames are measured in experiments/modem/per_curves.py; here a few dozen."""
    failures = 0
    for _ in range(50):
        sent = rng.bytes(120)
        iq = transmitter.modulate([TransportBlock(sent)], QPSK)
        samples = in_noise(iq, rng, 2.5, start=rng.uniform(100, 900), cfo_subcarriers=rng.uniform(-0.5, 0.5))
        failures += payloads(receive(receiver, samples)) != [sent]
    assert failures <= 1


def test_most_robust_mode_works_below_the_noise(transmitter, receiver, in_noise, rng):
    failures = 0
    for _ in range(30):
        sent = rng.bytes(40)
        iq = transmitter.modulate([TransportBlock(sent)], MCS_TABLE["bpsk-1/8"])
        samples = in_noise(iq, rng, -6.5, start=rng.uniform(100, 900), cfo_subcarriers=rng.uniform(-0.5, 0.5))
        failures += payloads(receive(receiver, samples)) != [sent]
    assert failures <= 1


def test_chunks_of_any_size_give_identical_bursts(waveform, transmitter, in_noise, rng):
    parts = []
    for name, size in [("qpsk-1/2", 40), ("64qam-2/3", 300), ("bpsk-1/5", 30), ("16qam-1/2", 900)]:
        iq = transmitter.modulate([TransportBlock(rng.bytes(size))], MCS_TABLE[name])
        parts.append(in_noise(iq, rng, 18.0, start=rng.uniform(0, 3000), tail=500))
    samples = np.concatenate(parts)
    reference = [fingerprint(burst) for burst in receive(Receiver(waveform), samples)]
    assert len(reference) == 4
    for chunk in (61, 1000, 4096, 10**6):
        assert [fingerprint(burst) for burst in receive(Receiver(waveform), samples, chunk)] == reference
    receiver, bursts, position = Receiver(waveform), [], 0
    while position < len(samples):
        step = int(rng.integers(0, 5000))
        bursts += receiver.push(samples[position : position + step])
        position += step
    assert [fingerprint(burst) for burst in bursts + receiver.flush()] == reference


def test_bursts_back_to_back_without_noise_all_arrive(transmitter, receiver, rng):
    sent, parts = [], []
    for _ in range(60):
        name = rng.choice(list(MCS_TABLE)[3:])
        payload = rng.bytes(int(rng.integers(1, 200)))
        iq = transmitter.modulate([TransportBlock(payload)], MCS_TABLE[name])
        sent.append(payload)
        parts.append(iq)
    bursts = receive(receiver, np.concatenate(parts))
    assert payloads(bursts) == sent
    starts = np.cumsum([0] + [len(part) for part in parts[:-1]])
    assert [burst.start_sample for burst in bursts] == starts.tolist()


@pytest.mark.parametrize("level_db", [-60.0, -1.0, 20.0])
def test_input_level_does_not_matter(level_db, transmitter, receiver, in_noise, rng):
    sent = rng.bytes(120)
    iq = transmitter.modulate([TransportBlock(sent)], QPSK)
    samples = in_noise(iq, rng, 4.0, level=10 ** (level_db / 20))
    assert payloads(receive(receiver, samples)) == [sent]


def test_weak_burst_right_before_and_after_a_strong_one(transmitter, receiver, rng):
    sent = [rng.bytes(60) for _ in range(3)]
    parts = [transmitter.modulate([TransportBlock(payload)], QPSK) for payload in sent]
    samples = np.concatenate([0.05 * parts[0], parts[1], 0.05 * parts[2]])
    samples = channel.add_noise(samples, 0.05**2 * 0.1, rng)
    assert payloads(receive(receiver, samples)) == sent


@pytest.mark.parametrize("cfo_subcarriers", [-1.0, -0.5, 0.0, 0.73, 1.0])
def test_carrier_offset_over_the_whole_range(cfo_subcarriers, transmitter, receiver, in_noise, rng):
    sent = rng.bytes(120)
    iq = transmitter.modulate([TransportBlock(sent)], QPSK)
    (burst,) = receive(receiver, in_noise(iq, rng, 4.0, cfo_subcarriers=cfo_subcarriers))
    assert payloads([burst]) == [sent]
    assert burst.cfo_hz == pytest.approx(cfo_subcarriers * 15625, abs=100)


@pytest.mark.parametrize(
    "paths",
    [
        [(0, 1.0), (10, 0.7j)],
        [(0, 0.5), (3.3, 1.0), (9.1, -0.4j)],
        [(0, 1.0), (17.6, 0.5)],  # 110 % of the cyclic prefix, -6 dB
    ],
)
def test_echoes(paths, transmitter, receiver, in_noise, rng):
    failures = 0
    for _ in range(10):
        sent = rng.bytes(120)
        iq = transmitter.modulate([TransportBlock(sent)], QPSK)
        failures += payloads(receive(receiver, in_noise(iq, rng, 15.0, paths=paths))) != [sent]
    assert failures == 0


@pytest.mark.parametrize("offset_ppm", [-50.0, 50.0])
def test_sample_clocks_that_differ(offset_ppm, transmitter, receiver, in_noise, rng):
    sent = [rng.bytes(1000) for _ in range(4)]
    iq = transmitter.modulate([TransportBlock(payload) for payload in sent], QPSK)
    (burst,) = receive(receiver, in_noise(channel.clock_offset(iq, offset_ppm), rng, 5.0))
    assert payloads([burst]) == sent
    assert burst.clock_offset_ppm == pytest.approx(offset_ppm, abs=5)


@pytest.mark.parametrize(("name", "snr_db", "offset"), [("qpsk-1/2", 4.0, 1.0), ("64qam-3/4", 24.0, 0.3)])
def test_direct_current_of_the_receiver(name, snr_db, offset, transmitter, receiver, in_noise, rng):
    """A spike at the tuned frequency as strong as the burst itself, or 10 dB below a dense constellation."""
    failures = 0
    for _ in range(10):
        sent = rng.bytes(300)
        iq = transmitter.modulate([TransportBlock(sent)], MCS_TABLE[name])
        samples = in_noise(iq, rng, snr_db, cfo_subcarriers=rng.uniform(-1, 1)) + np.complex64(offset)
        failures += payloads(receive(receiver, samples)) != [sent]
    assert failures == 0


def test_phase_noise_of_an_oscillator(transmitter, receiver, in_noise, rng):
    """A line of 20 Hz at 1 Msps turns the phase by 0.1 rad from symbol to symbol: 64qam-3/4 still arrives."""
    failures = 0
    for _ in range(10):
        sent = rng.bytes(300)
        iq = transmitter.modulate([TransportBlock(sent)], MCS_TABLE["64qam-3/4"])
        samples = in_noise(iq, rng, 24.0)
        phase = np.cumsum(rng.normal(0, np.sqrt(2 * np.pi * 20 / 1e6), len(samples)))
        failures += payloads(receive(receiver, (samples * np.exp(1j * phase)).astype(np.complex64))) != [sent]
    assert failures == 0


def test_interference_on_some_symbols_and_on_a_carrier(transmitter, receiver, in_noise, rng):
    """A burst of noise 20 dB above the signal on two data symbols, and a tone as strong as the whole signal."""
    failures = 0
    for trial in range(20):
        sent = rng.bytes(300)
        samples = in_noise(transmitter.modulate([TransportBlock(sent)], QPSK), rng, 8.0)
        if trial % 2:
            samples[2500:2660] += channel.complex_noise(160, 100.0, rng)
        else:
            samples += np.exp(2j * np.pi * 0.0913 * np.arange(len(samples))).astype(np.complex64)
        failures += payloads(receive(receiver, samples)) != [sent]
    assert failures == 0


@pytest.mark.parametrize(
    "trouble",
    [
        np.full(5000, np.nan + 1j * np.inf, np.complex64),
        np.full(5000, -np.inf, np.complex64),
        np.zeros(5000, np.complex64),
        np.full(5000, 3e38 + 3e38j, np.complex64),
        np.full(5000, 1e-40, np.complex64),
        np.sign(np.sin(np.arange(5000) * 0.3)).astype(np.complex64),
        np.ones(5000, np.complex64),
    ],
    ids=["nan", "inf", "silence", "huge", "denormal", "square wave", "direct current"],
)
def test_hostile_samples_do_not_stop_it(trouble, transmitter, receiver, in_noise, rng):
    sent = rng.bytes(50)
    burst = in_noise(transmitter.modulate([TransportBlock(sent)], QPSK), rng, 15.0)
    received = [
        payload for payload in payloads(receive(receiver, np.concatenate([trouble, burst, trouble]))) if payload
    ]
    assert received == [sent]


def test_memory_stays_flat_whatever_comes(waveform, rng):
    """Ten million samples of noise, square waves, silence and rubbish."""
    receiver = Receiver(waveform)
    noise = channel.complex_noise(1 << 17, 1.0, rng)
    square = np.tile(np.repeat(np.array([1 + 1j, -1 - 1j], np.complex64), 16), 1 << 12)
    rubbish = np.where(rng.random(1 << 17) < 0.5, np.complex64(np.nan), np.complex64(np.inf))
    kinds = [noise, square, np.zeros(1 << 17, np.complex64), rubbish.astype(np.complex64)]
    for samples in kinds:
        receiver.push(samples)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for samples in kinds:
        for _ in range(19):
            assert not any(block.crc_ok for burst in receiver.push(samples) for block in burst.blocks)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024  # KiB


def test_damaged_signal_field_is_reported_and_the_next_burst_received(transmitter, receiver, rng, waveform):
    sent = [rng.bytes(80), rng.bytes(80)]
    parts = [transmitter.modulate([TransportBlock(payload)], QPSK) for payload in sent]
    parts[0][waveform.preamble_length :] = channel.complex_noise(len(parts[0]) - waveform.preamble_length, 1.0, rng)
    samples = channel.add_noise(np.concatenate(parts), 0.01, rng)
    first, second = receive(receiver, samples)
    assert (first.header_ok, first.mcs, first.blocks) == (False, None, ())
    assert payloads([second]) == sent[1:]


def test_false_signal_field_does_not_hide_a_real_burst(transmitter, receiver, rng):
    """A header that announces a long burst, and a real burst where its data should be."""
    long_one = transmitter.modulate([TransportBlock(bytes(4000))], QPSK)
    sent = rng.bytes(80)
    real = transmitter.modulate([TransportBlock(sent)], QPSK)
    samples = np.concatenate([long_one[:2000], real, np.zeros(60_000, np.complex64)])
    bursts = receive(receiver, channel.add_noise(samples, 0.01, rng))
    assert [(burst.header_ok, [block.crc_ok for block in burst.blocks]) for burst in bursts] == [
        (True, [False]),
        (True, [True]),
    ]
    assert bursts[1].blocks[0].payload == sent


def test_failed_blocks_are_reported_with_their_identity(transmitter, receiver, in_noise, rng):
    iq = transmitter.modulate([TransportBlock(rng.bytes(500), source=3, process=5)] * 2, MCS_TABLE["64qam-5/6"])
    (burst,) = receive(receiver, in_noise(iq, rng, 8.0))
    assert burst.header_ok
    assert [(b.payload, b.crc_ok, b.source, b.process) for b in burst.blocks] == [
        (None, False, 3, 5),
        (None, False, 3, 6),
    ]


def test_repeats_are_combined(transmitter, receiver, in_noise, rng):
    """16qam-3/4 at 8 dB fails alone; versions 0 and 2 together are a code of rate 3/8 and work."""
    sent = rng.bytes(300)
    results = []
    for version in (0, 2):
        block = TransportBlock(sent, source=1, process=7, redundancy_version=version, new_data=version == 0)
        iq = transmitter.modulate([block], MCS_TABLE["16qam-3/4"])
        (burst,) = receive(receiver, in_noise(iq, rng, 8.0))
        results.append(burst.blocks[0])
    assert [block.num_transmissions for block in results] == [1, 2]
    assert [block.payload for block in results] == [None, sent]


def test_new_data_does_not_mix_with_old(transmitter, receiver, in_noise, rng):
    mcs = MCS_TABLE["16qam-3/4"]
    receive(receiver, in_noise(transmitter.modulate([TransportBlock(rng.bytes(300))], mcs), rng, 6.0))
    sent = rng.bytes(300)
    (burst,) = receive(receiver, in_noise(transmitter.modulate([TransportBlock(sent)], mcs), rng, 16.0))
    assert (burst.blocks[0].payload, burst.blocks[0].num_transmissions) == (sent, 1)


def test_noise_alone_gives_no_frames(waveform, rng):
    receiver = Receiver(waveform)
    bursts = receive(receiver, channel.complex_noise(1_000_000, 1.0, rng))
    assert payloads(bursts) == [] and len(bursts) <= 1


def test_reset_starts_a_new_stream(transmitter, receiver, in_noise, rng):
    sent = rng.bytes(50)
    samples = in_noise(transmitter.modulate([TransportBlock(sent)], QPSK), rng, 10.0)
    receiver.push(samples[:1500])
    receiver.reset()
    (burst,) = receive(receiver, samples)
    assert burst.start_sample == 700 and payloads([burst]) == [sent]


def test_clipped_samples_are_counted(waveform, transmitter, rng):
    receiver = Receiver(waveform, full_scale=1.0)
    sent = rng.bytes(100)
    iq = np.concatenate([np.zeros(300, np.complex64), transmitter.modulate([TransportBlock(sent)], QPSK)])
    clipped = (np.clip(iq.real, -1, 1) + 1j * np.clip(iq.imag, -1, 1)).astype(np.complex64)
    (burst,) = receive(receiver, clipped)
    expected = np.count_nonzero((np.abs(iq.real) >= 1) | (np.abs(iq.imag) >= 1))
    assert burst.num_clipped == pytest.approx(expected, abs=3)
    assert payloads([burst]) == [sent]


def test_arguments_that_cannot_work_are_refused(waveform):
    with pytest.raises(ConfigurationError, match="sample_rate_hz must be the nominal rate of ofdm64"):
        Receiver(waveform, sample_rate_hz=2.5e6)
    with pytest.raises(ConfigurationError, match="full_scale must be positive"):
        Receiver(waveform, full_scale=0.0)
    for reach in (0.0, -1.0, 1e9, np.nan, np.inf):
        for ratio in (1, 2):
            with pytest.raises(ConfigurationError, match="max_cfo_subcarriers must be above 0 and at most"):
                Receiver(waveform, ratio * waveform.nominal_rate_hz, max_cfo_subcarriers=reach)
    with pytest.raises(ConfigurationError, match="samples must have one dimension"):
        Receiver(waveform).push(np.zeros((2, 2), np.complex64))


def test_nothing_is_made_for_one_waveform_only(rng):
    """ofdm256 and an odd invention go round too, over the whole range of carrier offsets they state."""
    odd = Waveform.from_sheet(
        "odd",
        {
            "nominal_rate_hz": 250e3,
            "fft_size": 128,
            "cp_length": 20,
            "window_length": 0,
            "used_carriers": [[-50, 45]],
            "pilot_carriers": [-40, -3, 20, 37, 41],
            "preamble_period": 64,
            "preamble_cover": "++-+---+",
            "preamble_seed": 5,
            "max_cfo_subcarriers": 3.0,
            "max_data_symbols": 100,
        },
    )
    for waveform in (odd, Waveform.load("ofdm256")):
        receiver, transmitter = Receiver(waveform), Transmitter(waveform)
        for name, snr_db in (("bpsk-1/5", 0.0), ("qpsk-1/2", 6.0), ("64qam-3/4", 25.0)):
            sent = rng.bytes(100)
            samples = channel.delay(transmitter.modulate([TransportBlock(sent)], MCS_TABLE[name]), 500.3)
            samples = np.concatenate([samples, np.zeros(3000, np.complex64)])
            cfo_hz = rng.uniform(-1, 1) * waveform.max_cfo_subcarriers * waveform.subcarrier_spacing_hz
            samples = channel.carrier_offset(samples, cfo_hz, waveform.nominal_rate_hz)
            (burst,) = receive(receiver, channel.add_noise(samples, channel.noise_var_for(snr_db), rng))
            assert payloads([burst]) == [sent]
            assert burst.cfo_hz == pytest.approx(cfo_hz, abs=0.02 * waveform.subcarrier_spacing_hz)


def test_false_preambles_in_a_row_get_few_closer_looks(waveform, rng, monkeypatch):
    """Each costs milliseconds: whoever sends preambles and nothing else must not keep a receiver busy."""
    retries, original = [], IterativeReception.header

    def counted(self, samples, cfo, header, budget):
        before = budget.left_us
        header = original(self, samples, cfo, header, budget)
        retries.append(before - budget.left_us)
        budget.count(15e3 - retries[-1])
        return header

    monkeypatch.setattr(IterativeReception, "header", counted)
    receiver = Receiver(waveform)
    lone = np.concatenate([preamble(waveform)[: waveform.preamble_length], channel.complex_noise(500, 1.0, rng)])
    stream = channel.add_noise(np.tile(lone, 300), 0.05, rng)
    bursts = receive(receiver, stream)
    assert len(bursts) > 250 and not any(burst.header_ok for burst in bursts)
    assert 2 <= len(retries) <= 1 + (120e3 + 0.04 * len(stream)) / 15e3
    assert min(retries) > 1e3  # counted for what they are


def test_signal_fields_in_a_row_that_announce_long_bursts_get_few_closer_looks(waveform, transmitter, rng, monkeypatch):
    """The cost of an iteration is mostly that of the channel estimate, which grows with the length of its burst."""
    lengths, original = [], IterativeReception.payload

    def counted(self, payload, header, extrinsic=None, before=None):
        payload, estimate = original(self, payload, header, extrinsic, before)
        lengths.append(header.layout.num_samples)
        return payload, replace(estimate, doppler=0.05, work_us=10e3)

    monkeypatch.setattr(IterativeReception, "payload", counted)
    short = replace(waveform, max_data_symbols=200)
    receiver = Receiver(short)
    burst = transmitter.modulate([TransportBlock(rng.bytes(1150))], QPSK)
    stream = channel.add_noise(np.tile(burst[:1000], 20), 0.01, rng)
    bursts = receive(receiver, stream)
    assert sum(burst.header_ok for burst in bursts) == 20
    # How long a decoder works on what is no code word hangs on the last bits of sums: four looks fit in any case.
    assert len(lengths) >= MAX_ITERATIONS / 3 and sum(lengths) <= MAX_ITERATIONS * (longest_burst(short) + len(stream))
    assert 10e3 * len(lengths) <= 80e3 + 0.04 * len(stream) + 10e3
