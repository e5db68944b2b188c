import numpy as np
import pytest

from semcom.phy.channel import complex_noise
from semcom.phy.ofdm.pilot_tracking import residual_offset, track

CARRIERS = np.array([-21, -7, 7, 21])


def pilots_of(phase, slope, noise_var, rng):
    """Pilot correlations of unit strength with the given phase and slope per symbol."""
    clean = np.exp(1j * (phase[:, None] + slope[:, None] * CARRIERS))
    return (clean + complex_noise(clean.size, noise_var, rng).reshape(clean.shape)).astype(np.complex64)


@pytest.mark.parametrize("noise_var", [0.01, 1.0])
@pytest.mark.parametrize("clock_ppm", [0.0, 45.0, -60.0])
def test_phase_and_slope_are_followed(noise_var, clock_ppm, rng):
    count = 600
    n = np.arange(count)
    phase = 0.7 + 2 * np.pi * 4e-6 * 80 * n + 0.2 * np.sin(2 * np.pi * n / 600)
    slope = 2 * np.pi * clock_ppm * 1e-6 * 80 / 64 * (n + 0.5)
    pilots = pilots_of(phase, slope, noise_var, rng)
    header = 12 * np.exp(1j * phase[:3]).astype(np.complex64)
    tracking = track(pilots, CARRIERS, header, 80, 64, noise_var)
    assert tracking.clock_offset * 1e6 == pytest.approx(clock_ppm, abs=4)
    error = np.angle(np.exp(1j * (tracking.phase - phase)))
    assert np.sqrt(np.mean(error**2)) < 0.09
    assert np.max(np.abs(tracking.slope - slope)) * 26 < 0.25


def test_short_bursts_do_not_invent_a_clock_offset(rng):
    offsets = []
    for _ in range(50):
        pilots = pilots_of(np.zeros(10), np.zeros(10), 0.5, rng)
        offsets.append(track(pilots, CARRIERS, pilots[:3].sum(axis=1), 80, 64, 0.5).clock_offset)
    assert np.sqrt(np.mean(np.square(offsets))) < 20e-6


def test_residual_offset_reaches_the_bound(rng):
    """Cramér-Rao for unequally spaced values: 1 / (8 pi^2 snr sum (t - mean)^2), within a factor."""
    times = np.concatenate([np.arange(16) * 32.0, 600 + 80.0 * np.arange(10)])
    noise_var, truth, errors = 0.1, 3e-5, []
    for _ in range(200):
        values = np.exp(2j * np.pi * truth * times) + complex_noise(len(times), noise_var, rng)
        errors.append(residual_offset(values, times, 3e-4) - truth)
    bound = np.sqrt(noise_var / (8 * np.pi**2 * np.sum((times - times.mean()) ** 2)))
    assert np.sqrt(np.mean(np.square(errors))) < 1.2 * bound


def test_a_carrier_offset_left_by_the_signal_field_is_followed_in_deep_noise(rng):
    """A fifth of a radian a symbol: without the line taken out, no mean over symbols would be left of it."""
    n = np.arange(300)
    phase = -1.0 + 2 * np.pi * 4e-4 * 80 * n
    pilots = pilots_of(phase, np.zeros(300), 2.0, rng)
    header = 12 * np.exp(1j * phase[:3]).astype(np.complex64)
    error = np.angle(np.exp(1j * (track(pilots, CARRIERS, header, 80, 64, 2.0).phase - phase)))
    assert np.sqrt(np.mean(error**2)) < 0.12
