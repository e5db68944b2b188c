"""The equaliser against formulas by hand, and its noise variance against errors that are drawn."""

import numpy as np
import pytest

from semcom.phy.channel import complex_noise
from semcom.phy.channel_estimation.equaliser import equalise
from semcom.phy.channel_estimation.impulse_response import ChannelEstimate
from semcom.phy.ofdm.pilot_tracking import Tracking

NUMBERS = np.array([-3, -2, -1, 1, 2, 3])
GAIN = 1.5


def estimate_of(response, noise_var=0.0, error_var=0.0):
    """A channel estimate of which only what the equaliser reads is filled in."""
    count = len(response)
    return ChannelEstimate(
        taps=np.zeros(1, np.complex64),
        prior=np.zeros(1),
        noise_var=noise_var,
        window_start=0,
        carriers=np.asarray(response, np.complex64),
        carriers_var=np.broadcast_to(np.float32(error_var), count).astype(np.float32),
    )


def tracking_of(phase, slope=None):
    phase = np.asarray(phase, np.float32)
    slope = np.zeros_like(phase) if slope is None else np.asarray(slope, np.float32)
    return Tracking(phase, slope, 0.0)


def test_channel_phase_and_slope_are_removed_from_the_selected_carriers(rng):
    sent = complex_noise(4 * 6, 1.0, rng).reshape(4, 6)
    response = complex_noise(6, 1.0, rng) + 1
    phase, slope = np.array([0.0, 0.4, -2.0, 3.0]), np.array([0.0, 0.1, -0.2, 0.3])
    turned = np.exp(1j * (phase[:, None] + slope[:, None] * NUMBERS))
    received = (sent * GAIN * response * turned).astype(np.complex64)
    selected = np.array([0, 2, 5])
    symbols, _ = equalise(received, estimate_of(response), tracking_of(phase, slope), NUMBERS, selected, GAIN)
    assert symbols.dtype == np.complex64
    np.testing.assert_allclose(symbols, sent[:, selected], atol=1e-5)


def test_noise_variance_by_hand():
    """(noise + gain² x error of the response) / |gain x response|²."""
    estimate = estimate_of([1.0, 2.0j], noise_var=0.3, error_var=0.04)
    carriers = np.ones((1, 2), np.complex64)
    _, noise_var = equalise(carriers, estimate, tracking_of([0.0]), np.array([-1, 1]), np.array([0, 1]), GAIN)
    expected = [(0.3 + 1.5**2 * 0.04) / 1.5**2, (0.3 + 1.5**2 * 0.04) / (1.5**2 * 4)]
    np.testing.assert_allclose(noise_var, expected, rtol=1e-6)


@pytest.mark.parametrize(("noise_var", "error_var"), [(0.05, 0.0), (0.05, 0.02), (0.0, 0.02)])
def test_noise_variance_is_that_of_the_symbols(noise_var, error_var, rng):
    """Unit-energy symbols through a channel of which an estimate with errors of known variance is at hand."""
    num_draws, errors, claimed = 4000, [], []
    truth = np.array([1.0, 1.4j, -1.2 + 0.5j, 2.0, 1.1j, 1.6])
    for _ in range(num_draws):
        sent = np.exp(2j * np.pi * rng.random((1, 6)))
        received = GAIN * truth * sent + complex_noise(6, noise_var, rng)
        response = truth + complex_noise(6, error_var, rng)
        estimate = estimate_of(response, noise_var, error_var)
        arguments = (estimate, tracking_of([0.0]), NUMBERS, np.arange(6), GAIN)
        symbols, variance = equalise(received.astype(np.complex64), *arguments)
        errors.append(np.abs(symbols - sent)[0] ** 2)
        claimed.append(variance)
    assert np.mean(errors) == pytest.approx(np.mean(claimed), rel=0.08)


def test_a_notch_does_not_reach_infinity():
    """The power of a carrier counts as at least a millionth of the mean."""
    response = [1.0, 1.0, 0.0]
    estimate = estimate_of(response, noise_var=0.1)
    received = np.ones((1, 3), np.complex64)
    arguments = (estimate, tracking_of([0.0]), np.array([-1, 1, 2]), np.arange(3), 1.0)
    symbols, noise_var = equalise(received, *arguments)
    assert symbols[0, 2] == 0
    assert noise_var[2] == pytest.approx(0.1 / (1e-6 * 2 / 3), rel=1e-4)
    silent = estimate_of([0.0, 0.0, 0.0], noise_var=0.1)
    assert np.all(np.isfinite(equalise(received, silent, *arguments[1:])[1]))
