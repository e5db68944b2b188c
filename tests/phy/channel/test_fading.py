"""Fading channels against their theory: tables, powers, Rayleigh statistics, Jakes autocorrelation, delays."""

import numpy as np
import pytest
from scipy.special import j0

from semcom.phy import channel
from semcom.phy.channel.fading import rayleigh_gains
from semcom.phy.errors import ConfigurationError

RATE = 1e6


@pytest.mark.parametrize(("name", "spread_ns"), [("EPA5", 43), ("EVA70", 357), ("ETU300", 991)])
def test_extended_profiles_have_the_delay_spreads_the_standard_states(name, spread_ns):
    fading = channel.profile(name)
    assert fading.rms_delay_spread_s * 1e9 == pytest.approx(spread_ns, rel=0.02)
    assert sum(fading.powers) == pytest.approx(1)


@pytest.mark.parametrize("letter", ["A", "B", "C"])
def test_tapped_delay_lines_are_scaled_to_the_spread_asked_for(letter):
    fading = channel.profile(f"TDL-{letter}250-30")
    assert fading.doppler_hz == 30
    assert fading.rms_delay_spread_s * 1e9 == pytest.approx(250, rel=0.02)


@pytest.mark.parametrize("name", ["EVB70", "EPA", "TDL-D30-5", "TDL-A-5", "", "EPA5 "])
def test_unknown_profiles_are_refused_by_name(name):
    with pytest.raises(ConfigurationError, match="fading profile"):
        channel.profile(name)


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


def test_two_rays_make_notches_where_theory_puts_them():
    frequency = np.array([0.0, 0.1, 0.125, 0.25])  # echo 4 samples late, equally strong: notches at 1/8, 3/8
    for f in frequency:
        tone = np.exp(2j * np.pi * f * np.arange(400)).astype(np.complex64)
        received = channel.two_ray(tone, 4.0, 0.0)[100:300]
        assert np.abs(received).mean() == pytest.approx(abs(1 + np.exp(-8j * np.pi * f)) / np.sqrt(2), abs=1e-3)
