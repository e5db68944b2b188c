"""Each channel model against what it is meant to be."""

import numpy as np
import pytest

from semcom.phy import channel


def tone(num_samples, cycles_per_sample):
    return np.exp(2j * np.pi * cycles_per_sample * np.arange(num_samples)).astype(np.complex64)


def test_noise_has_its_variance_on_both_axes(rng):
    noise = channel.complex_noise(200_000, 0.3, rng)
    assert noise.dtype == np.complex64
    assert np.mean(np.abs(noise) ** 2) == pytest.approx(0.3, rel=0.02)
    assert np.mean(noise.real**2) == pytest.approx(0.15, rel=0.02)
    assert abs(np.mean(noise.real * noise.imag)) < 0.002
    assert channel.noise_var_for(3.0, 2.0) == pytest.approx(2 * 10**-0.3)


def test_positive_carrier_offset_turns_anticlockwise():
    turned = channel.carrier_offset(np.ones(4, np.complex64), 250.0, 1000.0)
    assert np.allclose(turned, [1, 1j, -1, -1j], atol=1e-6)


@pytest.mark.parametrize("delay_samples", [0.0, 3.0, 0.5, 7.31])
def test_delay_moves_a_band_limited_pulse(delay_samples):
    n = np.arange(200)
    pulse = np.exp(-0.5 * ((n - 80) / 6) ** 2).astype(np.complex64)
    moved = channel.delay(pulse, delay_samples)
    expected = np.exp(-0.5 * ((np.arange(len(moved)) - 80 - delay_samples) / 6) ** 2)
    assert len(moved) == 200 + int(np.ceil(delay_samples))
    assert np.allclose(moved, expected, atol=1e-5)


def test_multipath_is_the_frequency_response_of_its_paths():
    paths = channel.unit_power([(0, 1.0), (2.5, 0.5j), (9, -0.3)])
    assert sum(abs(gain) ** 2 for _, gain in paths) == pytest.approx(1)
    for frequency in (-0.21, 0.0, 0.13):
        received = channel.multipath(tone(2000, frequency), paths)[500:1500]
        response = sum(gain * np.exp(-2j * np.pi * frequency * delay_samples) for delay_samples, gain in paths)
        # The tone starts and ends abruptly: a fractional delay rings a little, far from the edges hardly.
        assert np.allclose(received, response * tone(2000, frequency)[500:1500], atol=2e-3)


@pytest.mark.parametrize("offset_ppm", [-80.0, 40.0])
def test_clock_offset_changes_the_pitch(offset_ppm):
    frequency = 0.2
    received = channel.clock_offset(tone(50_000, frequency), offset_ppm)
    expected = tone(len(received), frequency * (1 + offset_ppm * 1e-6))
    assert len(received) == round(50_000 / (1 + offset_ppm * 1e-6))
    assert np.max(np.abs(received - expected)[100:-100]) < 5e-3
