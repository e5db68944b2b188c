"""Kernels of the sparse channel estimate against the formulas."""

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.channel_estimation.tap_posterior import carrier_response, first_guess, project, sparse_posterior

NUM_TAPS, NUM_SAMPLES, NOISE_VAR = 12, 200, 0.01


@pytest.fixture
def problem(rng):
    """Design matrix, true taps (two of them) and what is received."""
    design = channel.complex_noise(NUM_SAMPLES * NUM_TAPS, 1.0, rng).reshape(NUM_SAMPLES, NUM_TAPS)
    taps = np.zeros(NUM_TAPS, np.complex64)
    taps[[3, 7]] = 1.0, 0.5j
    return design, taps, channel.add_noise(design @ taps, NOISE_VAR, rng)


def test_a_projection_is_the_product_with_the_matrix(problem):
    design, _, received = problem
    adjoint = design.conj().T
    parts = np.ascontiguousarray(adjoint.real), np.ascontiguousarray(adjoint.imag)
    assert np.allclose(project(*parts, received), adjoint @ received, rtol=1e-4, atol=1e-3)


def test_the_first_guess_finds_noise_and_powers(problem):
    design, taps, received = problem
    gram = (design.conj().T @ design).astype(np.complex128)
    values, vectors = np.linalg.eigh(gram)
    noise_var, prior = first_guess(
        design.conj().T @ received,
        np.ascontiguousarray(vectors.conj().T),
        values,
        np.ones(NUM_TAPS, bool),
        float(np.sum(np.abs(received) ** 2)),
        float(NUM_SAMPLES),
        float(gram.diagonal().real.mean()),
    )
    assert noise_var == pytest.approx(NOISE_VAR, rel=0.3)
    assert np.allclose(prior, np.abs(taps) ** 2, atol=0.03)


def test_taps_that_hold_only_noise_are_pruned_and_the_others_are_those_of_ridge_regression(problem):
    design, truth, received = problem
    gram = (design.conj().T @ design).astype(np.complex64)
    prior = np.full(NUM_TAPS, 1e-12)
    prior[[3, 7]] = 1.0, 0.25
    taps, learnt, covariance, active = sparse_posterior(gram, design.conj().T @ received, NOISE_VAR, prior, 1)
    assert active.tolist() == [3, 7] and np.flatnonzero(taps).tolist() == [3, 7]
    system = gram[np.ix_(active, active)] + np.diag(NOISE_VAR / prior[active])
    assert np.allclose(taps[active], np.linalg.solve(system, (design.conj().T @ received)[active]), rtol=1e-3)
    assert np.allclose(covariance, NOISE_VAR * np.linalg.inv(system), rtol=1e-2, atol=1e-7)
    assert np.allclose(learnt[active], np.abs(truth[active]) ** 2, atol=0.05)


def test_response_and_error_on_each_carrier(rng):
    taps = np.zeros(NUM_TAPS, np.complex64)
    active = np.array([2, 5])
    taps[active] = 1.0, 0.3j
    root = channel.complex_noise(4, 1.0, rng).reshape(2, 2)
    covariance = (root @ root.conj().T).astype(np.complex64)
    to_carriers = np.exp(-2j * np.pi * np.outer(np.arange(9), np.arange(NUM_TAPS)) / 32).astype(np.complex64)
    phase = np.exp(1j * np.arange(9)).astype(np.complex64)
    carriers, variance = carrier_response(taps, covariance, active, to_carriers, phase)
    assert np.allclose(carriers, to_carriers @ taps * phase, atol=1e-5)
    part = to_carriers[:, active]
    assert np.allclose(variance, np.einsum("km,mn,kn->k", part, covariance, part.conj()).real, rtol=1e-3)
