"""Posterior of time-varying taps, from observations whose answer is known."""

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.channel_estimation.posterior import Observations, Posterior, most_probable_doppler

NUM_TAPS, NUM_VALUES = 3, 20


def observe(doppler, noise_var, rng, num_times=60, num_values=NUM_VALUES):
    """Observations of fading taps at whole symbols, and the taps, complex [num_times, NUM_TAPS]."""
    taps = channel.rayleigh_gains(num_times, doppler, 1.0, rng, NUM_TAPS).T
    design = channel.complex_noise(num_times * num_values * NUM_TAPS, 1.0, rng)
    design = design.reshape(num_times, num_values, NUM_TAPS)
    received = np.einsum("ivl,il->iv", design, taps)
    received = received + channel.complex_noise(received.size, noise_var, rng).reshape(received.shape)
    adjoint = design.conj().transpose(0, 2, 1)
    return taps, Observations(
        times=np.arange(num_times, dtype=float),
        gram=adjoint @ design,
        match=(adjoint @ received[:, :, None])[:, :, 0],
        energy=np.sum(np.abs(received) ** 2, axis=1),
        count=np.full(num_times, float(num_values)),
    )


def test_taps_are_found_as_well_as_the_posterior_claims(rng):
    noise_var = 1.0
    taps, observations = observe(0.02, noise_var, rng)
    posterior = Posterior.of(observations, 0.025, np.ones(NUM_TAPS), noise_var)
    found, claimed = posterior.response(np.eye(NUM_TAPS, dtype=np.complex64), slice(None), len(taps))
    error = np.mean(np.abs(found - taps) ** 2)
    assert error == pytest.approx(np.mean(claimed), rel=0.5)
    assert error < noise_var / NUM_VALUES / 3  # no single time could tell so well


def test_powers_and_noise_are_learnt(rng):
    noise_var = 0.3
    taps, observations = observe(0.02, noise_var, rng, num_times=300)
    prior, noise = np.ones(NUM_TAPS), 3 * noise_var
    for _ in range(3):
        prior, noise = Posterior.of(observations, 0.025, prior, noise).learn()
    assert noise == pytest.approx(noise_var, rel=0.1)
    np.testing.assert_allclose(prior, np.mean(np.abs(taps) ** 2, axis=0), rtol=0.4)


@pytest.mark.parametrize(("doppler", "least", "most"), [(0.0, 0, 0.0015), (0.006, 0.005, 0.012), (0.03, 0.025, 0.05)])
def test_the_evidence_tells_how_fast_taps_move(doppler, least, most, rng):
    _, observations = observe(doppler, 0.3, rng)
    assert least <= most_probable_doppler(observations, np.ones(NUM_TAPS), 0.3) <= most


@pytest.mark.parametrize("noise_var", [1e-20, 1e-9])
def test_next_to_no_noise_is_no_trouble(noise_var, rng):
    taps, observations = observe(0.0, 0.0, rng)
    posterior = Posterior.of(observations, 0.05, np.full(NUM_TAPS, 1e-6), noise_var)
    found, _ = posterior.response(np.eye(NUM_TAPS, dtype=np.complex64), slice(None), len(taps))
    assert np.mean(np.abs(found - taps) ** 2) < 1e-3


def test_the_evidence_is_the_probability_of_what_was_received(rng):
    """Differences between two priors, against the Gaussian density of the received values written out."""
    noise_var, times = 0.4, np.arange(6.0)
    design = channel.complex_noise(6 * 4 * NUM_TAPS, 1.0, rng).reshape(6, 4, NUM_TAPS).astype(complex)
    received = channel.complex_noise(24, 2.0, rng).astype(complex)
    adjoint = design.conj().transpose(0, 2, 1)
    match = (adjoint @ received.reshape(6, 4, 1))[:, :, 0]
    energy = np.sum(np.abs(received.reshape(6, 4)) ** 2, axis=1)
    observations = Observations(times, adjoint @ design, match, energy, np.full(6, 4.0))

    def density(prior, doppler):
        posterior = Posterior.of(observations, doppler, prior, noise_var)
        spread = np.einsum("ik,jk->ij", posterior.functions, posterior.functions)
        covariance = noise_var * np.eye(24, dtype=complex)
        for tap in range(NUM_TAPS):
            rows = design[:, :, tap]
            covariance += prior[tap] * (rows[:, :, None, None] * rows.conj() * spread[:, None, :, None]).reshape(24, 24)
        _, log_determinant = np.linalg.slogdet(covariance)
        return posterior.log_evidence, -log_determinant - (received.conj() @ np.linalg.solve(covariance, received)).real

    cases = [(np.array([1.0, 0.5, 2.0]), 0.05), (np.array([0.1, 3.0, 1.0]), 0.05), (np.array([1.0, 1.0, 1.0]), 0.012)]
    ours, theirs = zip(*(density(prior, doppler) for prior, doppler in cases), strict=True)
    np.testing.assert_allclose(np.diff(ours), np.diff(theirs), rtol=1e-3, atol=1e-3)


def test_noise_is_learnt_without_bias_from_few_values(rng):
    """Parameters that the data determine are taken off the number of values: here about a quarter of them."""
    noise_var, found = 0.3, []
    for _ in range(300):
        _, observations = observe(0.05, noise_var, rng, num_times=6, num_values=6)
        found.append(Posterior.of(observations, 0.05, np.ones(NUM_TAPS), noise_var).learn()[1])
    assert np.mean(found) == pytest.approx(noise_var, rel=0.06)
