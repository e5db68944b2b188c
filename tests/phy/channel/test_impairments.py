"""Oscillators, front ends and interferers against what they are meant to do."""

import numpy as np
import pytest
import scipy.signal
import scipy.stats

from semcom.phy import channel

RATE = 1e6


def test_a_free_running_oscillator_has_a_lorentzian_line(rng):
    linewidth_hz = 2000.0
    carrier = channel.wiener_phase_noise(np.ones(2_000_000, np.complex64), linewidth_hz, RATE, rng)
    frequency, density = scipy.signal.welch(carrier, RATE, nperseg=8192, return_onesided=False, detrend=False)
    for offset_hz in (3000, 6000, 20_000):
        expected = linewidth_hz / (2 * np.pi * (offset_hz**2 + (linewidth_hz / 2) ** 2))
        near = np.abs(np.abs(frequency) - offset_hz) < 600
        assert 10 * np.log10(density[near].mean() / expected) == pytest.approx(0, abs=0.7)


def test_a_locked_oscillator_is_flat_inside_its_loop_and_falls_beyond(rng):
    level, bandwidth = -80.0, 10_000.0
    carrier = channel.locked_phase_noise(np.ones(2_000_000, np.complex64), level, bandwidth, RATE, rng)
    frequency, density = scipy.signal.welch(np.angle(carrier), RATE, nperseg=8192, return_onesided=False)
    for offset_hz in (3000, 10_000, 60_000):
        expected = level - 10 * np.log10(1 + (offset_hz / bandwidth) ** 2)
        near = np.abs(np.abs(frequency) - offset_hz) < 600
        assert 10 * np.log10(density[near].mean()) == pytest.approx(expected, abs=0.7)


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


def test_interference_covers_its_share_of_the_time(rng):
    received = channel.burst_interference(np.zeros(2_000_000, np.complex64), 0.1, 1000, 100.0, rng)
    hit = received != 0
    assert hit.mean() == pytest.approx(0.1, abs=0.015)
    assert np.mean(np.abs(received[hit]) ** 2) == pytest.approx(100, rel=0.02)
    assert np.array_equal(channel.burst_interference(np.ones(9, np.complex64), 0.0, 5, 1.0, rng), np.ones(9))


def test_a_tone_is_where_and_as_strong_as_asked():
    spectrum = np.fft.fft(channel.tone_jammer(np.zeros(1000, np.complex64), -50_000.0, 0.25, RATE)) / 1000
    assert np.argmax(np.abs(spectrum)) == 950
    assert np.abs(spectrum[950]) ** 2 == pytest.approx(0.25, rel=1e-4)
