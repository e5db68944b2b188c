"""Static multipath: frequency response of its paths."""

import numpy as np
import pytest

from semcom.phy import channel


def tone(num_samples, cycles_per_sample):
    return np.exp(2j * np.pi * cycles_per_sample * np.arange(num_samples)).astype(np.complex64)


def test_multipath_is_the_frequency_response_of_its_paths():
    paths = channel.unit_power([(0, 1.0), (2.5, 0.5j), (9, -0.3)])
    assert sum(abs(gain) ** 2 for _, gain in paths) == pytest.approx(1)
    for frequency in (-0.21, 0.0, 0.13):
        received = channel.multipath(tone(2000, frequency), paths)[500:1500]
        response = sum(gain * np.exp(-2j * np.pi * frequency * delay_samples) for delay_samples, gain in paths)
        # The tone starts and ends abruptly: a fractional delay rings a little, far from the edges hardly.
        assert np.allclose(received, response * tone(2000, frequency)[500:1500], atol=2e-3)
