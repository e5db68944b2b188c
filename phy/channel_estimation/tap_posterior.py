"""Sparse Bayesian learning of the taps of an impulse response: the arithmetic of `impulse_response`.

References
----------
M. E. Tipping, "Sparse Bayesian learning and the relevance vector machine", JMLR 2001.
"""

import numpy as np
from numba import njit

_LEAST_PRIOR = 0.02  # of the least-squares error of a tap: taps with less are pruned
_FIRST_CUT = 1.0  # least-squares errors taken off the power of each tap to begin with
_SPARSITY = 1.0  # and off each prior learnt, so that a few rounds prune what many would


@njit("complex64[::1](float32[:,::1], float32[:,::1], complex64[::1])", cache=True, nogil=True, fastmath=True)
def project(matrix_re, matrix_im, values):
    """Matrix, float32 [m, n] twice, times complex64 [n] -> complex64 [m]. Unlike BLAS it never waits for threads."""
    count = values.shape[0]
    re, im = np.empty(count, np.float32), np.empty(count, np.float32)
    for i in range(count):
        re[i], im[i] = values[i].real, values[i].imag
    out = np.empty(matrix_re.shape[0], np.complex64)
    for row in range(out.shape[0]):
        total_re, total_im = np.float32(0), np.float32(0)
        for i in range(count):
            total_re += matrix_re[row, i] * re[i] - matrix_im[row, i] * im[i]
            total_im += matrix_re[row, i] * im[i] + matrix_im[row, i] * re[i]
        out[row] = complex(total_re, total_im)
    return out


@njit(cache=True, nogil=True)
def first_guess(projected, basis_h, values, strong, energy, degrees, mean_gram):
    """Noise variance and prior power of each tap, from least squares on the preamble.

    Parameters
    ----------
    projected : complex64 [num_taps]
        Adjoint of the design matrix times what was received.
    basis_h : complex128 [num_kept, num_taps]
    values : float64 [num_kept]
        Eigenvectors of the Gram matrix, as rows, and their eigenvalues.
    strong : bool [num_kept]
        Directions that are well above the noise.
    energy, degrees : float
        Received energy in the band, and complex values behind it.
    mean_gram : float
        Mean of the diagonal of the Gram matrix.

    Returns
    -------
    noise_var : float
    prior : float64 [num_taps]
    """
    coordinates = np.empty(values.shape[0], np.complex128)
    explained = 0.0
    for i in range(values.shape[0]):
        value = 0j
        for tap in range(projected.shape[0]):
            value += basis_h[i, tap] * projected[tap]
        explained += (value.real * value.real + value.imag * value.imag) / values[i]
        coordinates[i] = value / values[i] if strong[i] else 0.0
    noise_var = (energy - explained) / (degrees - values.shape[0])
    noise_var = max(noise_var, 1e-6 * energy / degrees, 1e-20)
    prior = np.empty(projected.shape[0], np.float64)
    for tap in range(prior.shape[0]):
        rough = 0j
        for i in range(values.shape[0]):
            rough += coordinates[i] * np.conj(basis_h[i, tap])
        power = rough.real * rough.real + rough.imag * rough.imag
        prior[tap] = max(power - _FIRST_CUT * noise_var / mean_gram, 0.0)
    return noise_var, prior


@njit(
    "Tuple((complex64[::1], float64[::1], complex64[:,::1], int64[::1]))"
    "(complex64[:,::1], complex64[::1], float64, float64[::1], int64)",
    cache=True,
    nogil=True,
)
def sparse_posterior(gram, projected, noise_var, prior, rounds):
    """Taps and their learnt priors, zero where pruned; covariance and indices of the others.

    Rounds of expectation maximisation: each tap's prior power is learnt from its posterior.
    """
    size = prior.shape[0]
    tap_error = 0.0
    for i in range(size):
        tap_error += gram[i, i].real
    ridge = 1e-6 * tap_error / size  # keeps the system regular where there is hardly any noise
    tap_error = noise_var * size / tap_error
    prior = prior.copy()
    taps = np.zeros(size, np.complex64)
    active = np.zeros(1, np.int64)
    inverse = np.zeros((1, 1), np.complex64)
    for _ in range(rounds):
        active = np.flatnonzero(prior > _LEAST_PRIOR * tap_error)
        if len(active) == 0:
            active = np.array([np.argmax(np.abs(projected))])
            prior[active[0]] = tap_error
        count = len(active)
        system = np.empty((count, count), np.complex64)
        for i in range(count):
            for j in range(count):
                system[i, j] = gram[active[i], active[j]]
            system[i, i] += np.float32(noise_var / prior[active[i]] + ridge)
        inverse = np.linalg.inv(system)
        prior[:] = 0.0
        taps[:] = 0.0
        for i in range(count):
            total = np.complex64(0.0)
            for j in range(count):
                total += inverse[i, j] * projected[active[j]]
            power = total.real * total.real + total.imag * total.imag
            spread = noise_var * inverse[i, i].real
            taps[active[i]] = total
            prior[active[i]] = max(power + spread - _SPARSITY * tap_error, 0.0)
    covariance = np.empty(inverse.shape, np.complex64)
    for i in range(inverse.shape[0]):
        for j in range(inverse.shape[1]):
            covariance[i, j] = np.float32(noise_var) * inverse[i, j]
    return taps, prior, covariance, active


@njit(cache=True, nogil=True)
def carrier_response(taps, covariance, active, to_carriers, phase):
    """Response on each carrier and the variance of its error: complex64 [num_used], float32 [num_used].

    Parameters
    ----------
    taps : complex64 [num_taps]
    covariance : complex64 [num_active, num_active]
    active : int64 [num_active]
        Indices of the taps that are not zero.
    to_carriers : complex64 [num_used, num_taps]
    phase : complex64 [num_used]
        Of the FFT window.
    """
    num_used, count = to_carriers.shape[0], active.shape[0]
    carriers, variance = np.empty(num_used, np.complex64), np.empty(num_used, np.float32)
    for k in range(num_used):
        value, error = np.complex64(0), np.float32(0)
        for i in range(count):
            turn = to_carriers[k, active[i]]
            value += turn * taps[active[i]]
            row = np.complex64(0)
            for j in range(count):
                row += covariance[i, j] * np.conj(to_carriers[k, active[j]])
            error += (turn * row).real
        carriers[k] = value * phase[k]
        variance[k] = max(error, np.float32(0))
    return carriers, variance
