"""Signals that cannot be read: named where they can be, bounded in work, and no harm to good bursts."""

import numpy as np
import pytest

from semcom.experiments.modem import receiver_streams
from semcom.phy import channel
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.receiver import Receiver
from semcom.phy.sync.preamble import preamble
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

QPSK = MCS_TABLE["qpsk-1/2"]
RATE_HZ = 1e6


def receive(receiver, samples, chunk=65_536):
    bursts = []
    for start in range(0, len(samples), chunk):
        bursts += receiver.push(samples[start : start + chunk])
    return bursts + receiver.flush()


def payloads(bursts):
    return [block.payload for burst in bursts for block in burst.blocks if block.crc_ok]


def bursts_at(places, length, transmitter, rng, num_bytes=120):
    """Bursts in silence, and their payloads."""
    samples, sent = np.zeros(length, np.complex64), []
    for place in places:
        sent.append(rng.bytes(num_bytes))
        burst = transmitter.modulate([TransportBlock(sent[-1])], QPSK)
        samples[place : place + len(burst)] += burst
    return samples, sent


@pytest.mark.parametrize("snr_db", [-2.0, 8.0, 15.0])
def test_an_inverted_spectrum_is_named_and_nothing_else_is_made_of_it(snr_db, transmitter, receiver, rng):
    places = range(2000, 60_000, 5000)
    samples, _ = bursts_at(places, 64_000, transmitter, rng)
    samples = channel.carrier_offset(samples, 4e3, RATE_HZ)
    swapped = channel.add_noise(samples.imag + 1j * samples.real, channel.noise_var_for(snr_db), rng)
    bursts = receive(receiver, swapped.astype(np.complex64))
    assert [burst.start_sample for burst in bursts] == list(places)
    assert all(burst.spectrum_inverted and not burst.header_ok and "iq_swap: true" in burst.note for burst in bursts)
    assert receiver.counts == {"bursts": 12, "inverted": 12}
    assert np.mean([burst.cfo_hz for burst in bursts]) == pytest.approx(4e3, abs=300)
    assert np.mean([burst.snr_db for burst in bursts]) == pytest.approx(snr_db, abs=1.5)


def test_what_is_found_within_the_preamble_of_an_inverted_burst_is_not_named_again(
    transmitter, receiver, waveform, rng
):
    samples, _ = bursts_at([1000], 5000, transmitter, rng)
    echo = preamble(waveform)[: waveform.preamble_length]
    samples[1300 : 1300 + len(echo)] += 1.5 * echo
    bursts = receive(receiver, channel.add_noise(samples, 1e-3, rng).conj())
    assert [burst.start_sample for burst in bursts] == [1000]


def test_a_carrier_out_of_range_is_named_with_its_offset(transmitter, receiver, rng):
    samples, _ = bursts_at([1500, 9000], 14_000, transmitter, rng)
    samples = channel.add_noise(channel.carrier_offset(samples, 94e3, RATE_HZ), 0.05, rng)
    bursts = receive(receiver, samples)
    assert [burst.start_sample for burst in bursts] == [1500, 9000]
    assert not any(burst.cfo_in_range or burst.spectrum_inverted or burst.header_ok for burst in bursts)
    assert [burst.cfo_hz for burst in bursts] == pytest.approx([94e3, 94e3], abs=500)
    assert "94" in bursts[0].note and receiver.counts["out_of_range"] == 2


def test_a_good_burst_has_no_note_and_is_never_taken_for_another_kind(transmitter, receiver, in_noise, rng):
    for _ in range(40):
        iq = transmitter.modulate([TransportBlock(rng.bytes(40))], MCS_TABLE["bpsk-1/8"])
        samples = in_noise(iq, rng, rng.uniform(-7, 30), cfo_subcarriers=rng.uniform(-1, 1))
        for burst in receive(receiver, samples):
            assert burst.note == ""


def test_a_burst_cut_off_hides_none_that_follow(transmitter, receiver, rng):
    """Eight blocks announced, one and a half sent: what was decoded is its own, what was announced is not."""
    first = [TransportBlock(rng.bytes(1000), process=process) for process in range(8)]
    cut = transmitter.modulate(first, MCS_TABLE["16qam-1/2"])
    followers, sent = bursts_at(range(200, 100_000, 2600), 104_000, transmitter, rng)
    samples = np.concatenate([cut[: 512 + 80 * 3 + 80 * 125], followers])
    delivered = payloads(receive(receiver, channel.add_noise(samples, channel.noise_var_for(12.0), rng)))
    assert delivered == [first[0].payload, *sent]


@pytest.mark.parametrize("gap", [0, 300])
@pytest.mark.parametrize("num_blocks", [1, 8])
def test_a_burst_that_follows_a_block_cut_off_near_its_end_arrives(num_blocks, gap, transmitter, receiver, rng):
    """The block is decoded all the same, and what hides the end of it is another burst."""
    first = [TransportBlock(rng.bytes(1000), process=process) for process in range(num_blocks)]
    cut = transmitter.modulate(first, QPSK)
    follower = transmitter.modulate([TransportBlock(rng.bytes(500))], QPSK)
    block = (len(cut) - 672) // num_blocks
    silence = np.zeros(gap, np.complex64)
    samples = np.concatenate([cut[: 672 + round(0.85 * block)], silence, follower, np.zeros(9000, np.complex64)])
    bursts = receive(receiver, channel.add_noise(samples, channel.noise_var_for(15.0), rng))
    assert [sum(block.crc_ok for block in burst.blocks) for burst in bursts] == [1, 1]


def test_a_burst_cut_off_by_silence_at_the_end_of_the_stream_is_reported(transmitter, receiver, rng):
    burst = transmitter.modulate([TransportBlock(rng.bytes(8000))], QPSK)[:3000]
    (reported,) = receive(receiver, channel.add_noise(burst, 0.01, rng))
    assert reported.header_ok and not reported.blocks[0].crc_ok


@pytest.mark.parametrize("offset_hz", [0.0, 15e3])
def test_a_dc_line_12_db_above_the_bursts_hides_none(offset_hz, transmitter, receiver, rng):
    samples, sent = bursts_at(range(1000, 40_000, 4000), 44_000, transmitter, rng)
    samples = channel.add_noise(channel.carrier_offset(samples, offset_hz, RATE_HZ), channel.noise_var_for(15.0), rng)
    assert payloads(receive(receiver, (samples + np.complex64(4 * np.exp(1j))).astype(np.complex64))) == sent


@pytest.mark.parametrize("name", receiver_streams.UNREADABLE)
def test_work_on_what_cannot_be_read_stays_below_its_share_of_real_time(name, receiver):
    """Counted work: credits of the start, shares of a second, and a debt that one long iteration may leave."""
    seconds = 0.4
    samples = receiver_streams.unreadable(name, seconds)
    for start in range(0, len(samples), 65_536):
        receiver.push(samples[start : start + 65_536])
    assert receiver.unreadable_work_us < 160e3 + 0.30 * 1e6 * seconds + 100e3


@pytest.mark.parametrize(
    "name", ["spectrum inverted", "preambles in noise", "fields of bursts cut off", "64qam-5/6 8 x 1000 B at 12 dB"]
)
def test_how_the_stream_is_cut_does_not_matter_when_budgets_run_out(name, receiver):
    samples = receiver_streams.unreadable(name, 0.15)
    outcomes = []
    for chunk in (1000, 7919, 10**6):
        bursts = receive(receiver, samples, chunk)
        outcomes.append([(b.start_sample, b.header_ok, b.snr_db, b.cfo_hz, b.blocks, b.note) for b in bursts])
    assert outcomes[0] and outcomes[0] == outcomes[1] == outcomes[2]


@pytest.mark.parametrize(
    "name", ["spectrum inverted", "offset 94 kHz", "preambles in noise", "fields of long bursts cut off"]
)
def test_good_bursts_beside_it_arrive(name, transmitter, receiver, rng):
    """The unreadable signal comes first and uses up its credit; good bursts take turns with it."""
    unreadable = receiver_streams.unreadable(name, 0.4)
    sent, parts = [], []
    for start in range(0, len(unreadable), 8000):
        parts.append(unreadable[start : start + 8000])
        sent.append(rng.bytes(120))
        burst = np.concatenate([transmitter.modulate([TransportBlock(sent[-1])], QPSK), np.zeros(200, np.complex64)])
        parts.append(channel.add_noise(burst, channel.noise_var_for(5.3), rng))
    delivered = payloads(receive(receiver, np.concatenate(parts)))
    assert len(set(sent) & set(delivered)) >= len(sent) - 1


def test_two_parts_of_a_wide_search_share_the_work_and_name_an_inversion_once(transmitter, rng):
    waveform = Waveform.load("ofdm64")
    wide = Receiver(waveform, 2e6, max_cfo_subcarriers=8)
    samples, _ = bursts_at([1500, 9000], 14_000, transmitter, rng)
    twice = np.repeat(samples, 2)  # the images of a hold lie outside of what is searched
    bursts = receive(wide, channel.add_noise(twice.conj(), 0.02, rng))
    assert [burst.spectrum_inverted for burst in bursts] == [True, True]
