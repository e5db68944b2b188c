"""White Gaussian noise: variance, circularity, level for an SNR."""

import numpy as np
import pytest

from semcom.phy import channel


def test_noise_has_its_variance_on_both_axes(rng):
    noise = channel.complex_noise(200_000, 0.3, rng)
    assert noise.dtype == np.complex64
    assert np.mean(np.abs(noise) ** 2) == pytest.approx(0.3, rel=0.02)
    assert np.mean(noise.real**2) == pytest.approx(0.15, rel=0.02)
    assert abs(np.mean(noise.real * noise.imag)) < 0.002
    assert channel.noise_var_for(3.0, 2.0) == pytest.approx(2 * 10**-0.3)


def test_noise_is_added_to_the_samples(rng):
    samples = np.full(100_000, 2 - 1j, np.complex64)
    received = channel.add_noise(samples, 0.5, rng)
    assert received.dtype == np.complex64
    assert received.mean() == pytest.approx(2 - 1j, abs=0.02)
    assert np.var(received) == pytest.approx(0.5, rel=0.02)
