"""Sample clock offset: length and frequency of a tone."""

import numpy as np
import pytest

from semcom.phy import channel


def tone(num_samples, cycles_per_sample):
    return np.exp(2j * np.pi * cycles_per_sample * np.arange(num_samples)).astype(np.complex64)


@pytest.mark.parametrize("offset_ppm", [-80.0, 40.0])
def test_clock_offset_changes_the_pitch(offset_ppm):
    frequency = 0.2
    received = channel.clock_offset(tone(50_000, frequency), offset_ppm)
    expected = tone(len(received), frequency * (1 + offset_ppm * 1e-6))
    assert len(received) == round(50_000 / (1 + offset_ppm * 1e-6))
    assert np.max(np.abs(received - expected)[100:-100]) < 5e-3
