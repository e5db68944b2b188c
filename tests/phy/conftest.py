"""A link to test the modem with: bursts placed in noise by the channel models of `semcom.phy.channel`."""

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.waveform import Waveform


@pytest.fixture(scope="session")
def waveform() -> Waveform:
    return Waveform.load("ofdm64")


@pytest.fixture(scope="session")
def transmitter(waveform) -> Transmitter:
    return Transmitter(waveform)


@pytest.fixture
def receiver(waveform) -> Receiver:
    return Receiver(waveform)


@pytest.fixture(scope="session")
def in_noise(waveform):
    """Function that puts a burst into a noisy stream."""

    def place(iq, rng, snr_db, start=700.0, tail=4000, cfo_subcarriers=0.0, level=1.0, paths=None):
        signal = channel.delay(iq, start)
        if paths is not None:
            signal = channel.multipath(signal, channel.unit_power(paths))
        signal = np.concatenate([signal, np.zeros(tail, np.complex64)])
        cfo_hz = cfo_subcarriers * waveform.subcarrier_spacing_hz
        signal = channel.carrier_offset(signal, cfo_hz, waveform.nominal_rate_hz, rng.uniform(0, 2 * np.pi))
        return np.float32(level) * channel.add_noise(signal, channel.noise_var_for(snr_db), rng)

    return place
