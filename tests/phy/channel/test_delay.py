"""Delays of whole and fractional samples."""

import numpy as np
import pytest

from semcom.phy import channel


@pytest.mark.parametrize("delay_samples", [0.0, 3.0, 0.5, 7.31])
def test_delay_moves_a_band_limited_pulse(delay_samples):
    n = np.arange(200)
    pulse = np.exp(-0.5 * ((n - 80) / 6) ** 2).astype(np.complex64)
    moved = channel.delay(pulse, delay_samples)
    expected = np.exp(-0.5 * ((np.arange(len(moved)) - 80 - delay_samples) / 6) ** 2)
    assert len(moved) == 200 + int(np.ceil(delay_samples))
    assert np.allclose(moved, expected, atol=1e-5)
