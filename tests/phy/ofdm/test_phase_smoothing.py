import numpy as np
import pytest

from semcom.phy.channel import complex_noise
from semcom.phy.ofdm.phase_smoothing import smooth_phase


def error_of(step_var, noise_var, rng, count=400):
    """Mean square error of the smoothed phase of a random walk, radians squared."""
    phase = np.cumsum(np.sqrt(step_var) * rng.standard_normal(count))
    values = np.exp(1j * phase).astype(np.complex64) + complex_noise(count, noise_var, rng)
    return np.mean(np.angle(np.exp(1j * (smooth_phase(values, noise_var) - phase))) ** 2)


@pytest.mark.parametrize(("step_var", "noise_var"), [(0.02, 0.1), (0.1, 0.02), (0.02, 0.5)])
def test_a_walk_is_followed_as_well_as_the_best_linear_smoother_can(step_var, noise_var, rng):
    """Steady state of the two-sided Kalman filter: q and r give the error q r / sqrt(q² + 4 q r)."""
    r = noise_var / 2
    best = step_var * r / np.sqrt(step_var**2 + 4 * step_var * r)
    error = np.mean([error_of(step_var, noise_var, rng) for _ in range(10)])
    assert best * 0.7 < error < best * 1.4


@pytest.mark.parametrize("noise_var", [0.01, 0.3, 2.0])
def test_a_steady_phase_is_averaged_over_many_symbols(noise_var, rng):
    """No walk is seen where there is none: the error stays that of the window the noise asks for."""
    errors = [error_of(0.0, noise_var, rng, 150) for _ in range(50)]
    assert np.mean(errors) < max(2.5e-3, noise_var / 2 / 8) * 1.4


def test_clear_symbols_in_front_do_not_speak_for_the_others(rng):
    phase = np.concatenate([np.zeros(3), 1.0 + np.cumsum(0.3 * rng.standard_normal(60))])
    strength = np.where(np.arange(63) < 3, 50.0, 1.0)
    noise = complex_noise(63, 0.02, rng) * np.sqrt(strength)
    values = (strength * np.exp(1j * phase) + noise).astype(np.complex64)
    error = np.angle(np.exp(1j * (smooth_phase(values, 0.02, first_judged=3) - phase)))
    assert np.sqrt(np.mean(error[3:] ** 2)) < 0.13
