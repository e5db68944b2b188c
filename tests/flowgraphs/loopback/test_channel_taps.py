import numpy as np
import pytest

from semcom.flowgraphs.loopback.channel_taps import channel_taps
from semcom.sdr_configs.radio import Channel, PropagationPath

RATE_HZ = 1e6


def response(taps, frequency_hz, latency_samples=0.0):
    times = np.arange(len(taps)) - latency_samples
    return np.sum(taps * np.exp(-2j * np.pi * frequency_hz / RATE_HZ * times))


def test_one_path_without_delay_is_nothing_at_all():
    assert np.array_equal(channel_taps(Channel(), RATE_HZ), [1.0])


def test_paths_on_whole_samples_are_single_taps_of_power_one_together():
    first, late = PropagationPath(), PropagationPath(delay_us=3.0)
    echo = PropagationPath(delay_us=3.0, power_db=-3.0, phase_deg=90.0)
    taps = channel_taps(Channel(paths=(first, echo), delay_samples=2.0), RATE_HZ)
    assert np.flatnonzero(taps).tolist() == [2, 5]
    assert np.sum(np.abs(taps) ** 2) == pytest.approx(1.0)
    assert taps[5] / taps[2] == pytest.approx(1j * 10 ** (-3 / 20))
    assert np.flatnonzero(channel_taps(Channel(paths=(first, late, late)), RATE_HZ)).tolist() == [0, 3]


@pytest.mark.parametrize("delay_samples", [0.01, 0.3, 0.5, 3.75])
def test_a_fractional_delay_shifts_the_phase_and_nothing_else(delay_samples):
    taps = channel_taps(Channel(delay_samples=delay_samples), RATE_HZ)
    for frequency_hz in np.linspace(-0.41, 0.41, 9) * RATE_HZ:
        expected = np.exp(-2j * np.pi * frequency_hz / RATE_HZ * delay_samples)
        assert abs(response(taps, frequency_hz, 16) - expected) < 2e-3


def test_fractional_paths_add_up():
    paths = (PropagationPath(), PropagationPath(delay_us=2.5, power_db=-3.0, phase_deg=140.0))
    taps = channel_taps(Channel(paths=paths), RATE_HZ)
    gain = 10 ** (-3 / 20) * np.exp(1j * np.deg2rad(140.0))
    for frequency_hz in (-3e5, 0.0, 1e5):
        echo = gain * np.exp(-2j * np.pi * frequency_hz * 2.5e-6)
        assert response(taps, frequency_hz, 16) == pytest.approx((1 + echo) / np.sqrt(1 + abs(gain) ** 2), abs=5e-3)
