import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.frontend.image_removal import remove_image
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform


def image_db(samples, sent):
    """Power of the image in `samples` over that of the signal."""
    signal, image = np.vdot(sent, samples), np.vdot(sent.conj(), samples)
    return 20 * np.log10(abs(image) / abs(signal))


def test_the_image_falls_to_what_chance_leaves(rng):
    sent = channel.complex_noise(10_000, 1.0, rng)
    received = channel.iq_imbalance(sent, gain_db=1.0, phase_deg=5.0)
    assert image_db(received, sent) > -24
    assert image_db(remove_image(received), sent) < -33


def test_what_has_no_image_stays_as_it_is(rng):
    for length in (500, 2000, 20_000):
        sent = channel.complex_noise(length, 1.0, rng)
        assert remove_image(sent) is sent


def test_what_comes_first_is_corrected_but_not_judged(rng):
    sent = channel.complex_noise(10_000, 1.0, rng)
    front = np.full(500, 3.0, np.complex64)
    received = channel.iq_imbalance(np.concatenate([front, sent]), 1.0, 5.0)
    corrected = remove_image(received, first=500)
    assert image_db(corrected[500:], sent) < -33
    assert np.std(corrected[:500]) < 1e-5


@pytest.mark.parametrize("value", [0.0, 1e-30])
def test_silence_is_no_trouble(value):
    samples = np.full(100, value, np.complex64)
    assert np.all(np.isfinite(remove_image(samples)))


def test_short_bursts_without_an_image_are_left_alone(rng):
    """Their samples depend on each other: chance alone makes their mean square larger than that of noise."""
    waveform = Waveform.load("ofdm64")
    transmitter = Transmitter(waveform)
    for _ in range(400):
        burst = transmitter.modulate([TransportBlock(rng.bytes(int(rng.integers(14, 200))))], MCS_TABLE["256qam-5/6"])
        assert remove_image(burst, waveform.preamble_length) is burst
