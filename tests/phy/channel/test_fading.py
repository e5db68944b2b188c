"""Rayleigh fading against its theory: Rayleigh statistics, Jakes autocorrelation, powers, delays."""

import numpy as np
import pytest
from scipy.special import j0

from semcom.phy import channel
from semcom.phy.channel.fading import rayleigh_gains

RATE = 1e6


def test_gains_are_rayleigh_with_jakes_autocorrelation(rng):
    doppler_hz = 100.0
    gains = rayleigh_gains(4000, doppler_hz, 1e5, rng, num_paths=3000)
    power = np.abs(gains[:, 0]) ** 2
    assert power.mean() == pytest.approx(1, abs=0.08)
    for level in (0.1, 0.5, 1.0, 2.0):  # exponential distribution of the power
        assert np.mean(power < level) == pytest.approx(1 - np.exp(-level), abs=0.03)
    for lag in (300, 1000, 2500):
        correlation = np.mean(gains[:, lag] * gains[:, 0].conj())
        assert correlation == pytest.approx(j0(2 * np.pi * doppler_hz * lag / 1e5), abs=0.07)


def test_no_doppler_means_no_change(rng):
    gains = rayleigh_gains(1000, 0.0, RATE, rng, num_paths=2)
    assert np.ptp(np.abs(gains), axis=1).max() < 1e-6


def test_mean_power_of_a_faded_signal_is_kept(rng):
    signal = channel.complex_noise(3000, 1.0, rng)
    powers = [np.sum(np.abs(channel.fade(signal, channel.profile("EVA70"), RATE, rng)[0]) ** 2) for _ in range(600)]
    assert np.mean(powers) / 3000 == pytest.approx(1, abs=0.1)


def test_a_faded_impulse_arrives_when_and_as_strong_as_its_paths_say(rng):
    fading = channel.profile("ETU300")
    pulse = np.exp(-0.5 * ((np.arange(400) - 200) / 3) ** 2).astype(np.complex64)
    received, gains = channel.fade(pulse, fading, RATE, rng)
    expected = np.zeros(len(received), np.complex128)
    for delay_s, gain in zip(fading.delays_s, gains, strict=True):
        expected += gain * np.exp(-0.5 * ((np.arange(len(received)) - 200 - delay_s * RATE) / 3) ** 2)
    assert np.allclose(received, expected, atol=1e-4)
