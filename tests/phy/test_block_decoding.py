"""Bursts that need iterative channel estimation, and those that must not spend it."""

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.block_decoding import _mean_certainty, _promising
from semcom.phy.iterative_reception import IterativeReception
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform


@pytest.fixture(scope="module")
def waveform():
    return Waveform.load("ofdm64")


@pytest.fixture(scope="module")
def receiver(waveform):
    return Receiver(waveform)


@pytest.fixture
def iterations(monkeypatch):
    """Number of iterations spent on each burst that had any."""
    counts = []
    original = IterativeReception.payload

    def counted(self, payload, header, extrinsic=None, before=None):
        counts.append(1) if extrinsic is None else counts.__setitem__(-1, counts[-1] + 1)
        return original(self, payload, header, extrinsic, before)

    monkeypatch.setattr(IterativeReception, "payload", counted)
    return counts


def received_blocks(receiver, samples):
    return [block for burst in receiver.push(samples) + receiver.flush() for block in burst.blocks]


def test_two_blocks_through_a_fast_channel(waveform, receiver, rng):
    """ETU300 has several Doppler cycles within a burst of 7 ms: hardly anything is decoded without iterations."""
    transmitter, fading = Transmitter(waveform), channel.profile("ETU300")
    delivered = 0
    for _ in range(6):
        payloads = [rng.bytes(500), rng.bytes(500)]
        burst = transmitter.modulate([TransportBlock(payload) for payload in payloads], MCS_TABLE["16qam-1/2"])
        faded, _ = channel.fade(channel.delay(burst, 800), fading, waveform.nominal_rate_hz, rng)
        blocks = received_blocks(receiver, channel.add_noise(faded, channel.noise_var_for(14.0), rng))
        delivered += sum(block.payload in payloads for block in blocks)
    assert delivered >= 10


def test_a_hopeless_burst_is_given_up_at_once_on_a_static_channel(waveform, receiver, rng, iterations):
    burst = Transmitter(waveform).modulate([TransportBlock(rng.bytes(1000))], MCS_TABLE["16qam-3/4"])
    samples = channel.delay(burst, 800)
    for _ in range(5):
        blocks = received_blocks(receiver, channel.add_noise(samples, channel.noise_var_for(6.0), rng))
        assert [block.payload for block in blocks] == [None]
    assert len(iterations) == 5
    assert max(iterations) <= 2


def test_a_clean_burst_needs_no_iteration(waveform, receiver, rng, iterations):
    burst = Transmitter(waveform).modulate([TransportBlock(rng.bytes(300))], MCS_TABLE["qpsk-1/2"])
    blocks = received_blocks(receiver, channel.add_noise(burst, channel.noise_var_for(5.0), rng))
    assert blocks[0].crc_ok
    assert iterations == []


def test_a_burst_without_noise_that_holds_no_codeword_is_reported(waveform, receiver, rng):
    burst = Transmitter(waveform).modulate([TransportBlock(rng.bytes(200))], MCS_TABLE["qpsk-1/2"])
    body = waveform.preamble_length + 4 * waveform.symbol_length
    burst[body:] = rng.permutation(burst[body:])
    blocks = received_blocks(receiver, channel.delay(burst, 900))
    assert [block.payload for block in blocks] == [None]


@pytest.mark.parametrize("seed", [19, 24, 67])
def test_a_failed_block_is_repaired_by_the_same_block_once_more(seed):
    """Blocks whose first reception ended in wrong decoder feedback that must not reach the repeat."""
    waveform, rng = Waveform.load("ofdm64"), np.random.default_rng(seed)
    transmitter, receiver = Transmitter(waveform), Receiver(waveform)
    payload, came = rng.bytes(1000), []
    for new_data in (True, False):
        silence = np.zeros(300, np.complex64)
        iq = transmitter.modulate([TransportBlock(payload, new_data=new_data)], MCS_TABLE["16qam-2/3"])
        samples = channel.add_noise(np.concatenate([silence, iq, silence]), channel.noise_var_for(6.0), rng)
        (burst,) = receiver.push(samples) + receiver.flush()
        came.append(burst.blocks[0].payload)
    assert came == [None, payload]


def test_soft_values_of_another_block_do_not_cost_a_burst_that_decodes_alone(waveform, rng):
    """The sender reused the process of a block it gave up, and that was missed: a repeat meets strange soft values."""
    receiver, transmitter = Receiver(waveform), Transmitter(waveform)
    for _ in range(12):
        old, new = rng.bytes(300), rng.bytes(300)
        delivered = []
        for payload, new_data, snr_db in ((old, True, -2.0), (new, False, 2.5)):
            block = TransportBlock(payload, process=3, new_data=new_data)
            samples = channel.delay(transmitter.modulate([block], MCS_TABLE["qpsk-1/2"]), 800)
            samples = channel.add_noise(samples, channel.noise_var_for(snr_db), rng)
            delivered += [block.payload for block in received_blocks(receiver, samples)]
        assert delivered == [None, new]


class Channel:
    """An estimate of which only this is read."""

    def __init__(self, time_varying):
        self.time_varying = time_varying


@pytest.mark.parametrize(
    ("time_varying", "certainty", "promising"),
    [
        (False, [0.51], True),
        (False, [0.5], False),
        (False, [0.9, 0.95], False),
        (True, [0.1, 0.1, 0.1], True),  # patience for three
        (True, [0.2, 0.1, 0.1, 0.1], False),
        (True, [0.2, 0.1, 0.21, 0.1], True),
        (True, [0.1, 0.3, 0.2, 0.2, 0.2], False),  # above the first, below the best
        (True, [0.1, 0.3, 0.3, 0.2, 0.2], False),
        (True, [0.1, 0.2, 0.3, 0.2, 0.2], True),
    ],
)
def test_iterations_go_on_while_the_decoder_makes_progress(time_varying, certainty, promising):
    assert _promising(Channel(time_varying), certainty) is promising


def test_mean_certainty_is_the_mean_square_of_the_expected_sign():
    assert _mean_certainty(np.zeros(5, np.float32)) == 0
    assert _mean_certainty(np.full(5, -100, np.float32)) == pytest.approx(1)
    assert _mean_certainty(np.array([2.0, -2.0])) == pytest.approx(((np.e**2 - 1) / (np.e**2 + 1)) ** 2)
