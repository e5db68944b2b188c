"""Phase noise of free and of locked oscillators against their spectra."""

import numpy as np
import pytest
import scipy.signal

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
