"""Front end impairments: image rejection, DC level, clipping, quantisation noise."""

import numpy as np
import pytest
import scipy.stats

from semcom.phy import channel


@pytest.mark.parametrize(("gain_db", "phase_deg"), [(1.0, 0.0), (0.0, 5.0), (1.0, 5.0)])
def test_iq_imbalance_mirrors_as_much_as_theory_says(gain_db, phase_deg):
    tone = np.exp(2j * np.pi * 0.125 * np.arange(1024)).astype(np.complex64)
    spectrum = np.abs(np.fft.fft(channel.iq_imbalance(tone, gain_db, phase_deg))) ** 2
    g, phi = 10 ** (gain_db / 20), np.deg2rad(phase_deg)
    rejection = (1 + 2 * g * np.cos(phi) + g**2) / (1 - 2 * g * np.cos(phi) + g**2)
    assert spectrum[128] / spectrum[-128] == pytest.approx(rejection, rel=1e-3)
    assert (spectrum[128] + spectrum[-128]) / 1024**2 == pytest.approx(1, rel=1e-4)


def test_a_line_at_zero_frequency_has_its_level():
    shifted = channel.dc_offset(np.zeros(10, np.complex64), -20.0, phase=0.5)
    assert np.allclose(shifted, 0.1 * np.exp(0.5j))


def test_clipping_holds_each_axis(rng):
    noise = channel.complex_noise(100_000, 1.0, rng)
    clipped = channel.clip(noise, 0.7)
    assert np.abs(clipped.real).max() == pytest.approx(0.7)
    inside = (np.abs(noise.real) < 0.7) & (np.abs(noise.imag) < 0.7)
    assert np.array_equal(clipped[inside], noise[inside])
    share = np.mean(np.abs(noise.real) > 0.7)  # Gaussian of variance 1/2: Q function
    assert share == pytest.approx(2 * scipy.stats.norm.sf(0.7 * np.sqrt(2)), abs=0.005)


def test_a_converter_adds_a_twelfth_of_a_step_squared(rng):
    noise = channel.complex_noise(100_000, 0.02, rng)
    error = channel.quantise(noise, 1.0, 8) - noise
    assert np.mean(np.abs(error) ** 2) == pytest.approx(2 * (1 / 128) ** 2 / 12, rel=0.02)
    assert np.abs(channel.quantise(np.array([5 + 5j], np.complex64), 1.0, 8))[0] == pytest.approx(127 / 128 * 2**0.5)
