"""Bayesian posterior of a time-varying impulse response, given observations at several times.

Each tap is a sum of few functions of time: the principal components (Karhunen-Loève) of a process with the Jakes
Doppler spectrum up to a largest Doppler shift. That shift maximises the evidence over a few candidates.

References
----------
[Zemen 2005] time-varying channels in few smooth functions; [MacKay 1992] evidence;
see docs/references.md
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from scipy.linalg import lapack
from scipy.special import j0

_DOPPLERS = (0.0003, 0.0015, 0.005, 0.012, 0.025, 0.05)
"""Candidates for the largest Doppler shift, cycles per OFDM symbol."""
_LEAST_EIGENVALUE = 1e-4
_RIDGE = 1e-6  # of the mean of the diagonal: keeps the system regular where there is hardly any noise


@dataclass(frozen=True)
class Observations:
    """Normal equations of the taps at points in time.

    Attributes
    ----------
    times : float64 [n]
        In symbols from the start of the first one after the preamble.
    gram : complex [n, num_taps, num_taps]
    match : complex [n, num_taps]
        Correlation of received values with the contribution of each tap.
    energy : float [n]
        Received energy behind `match`.
    count : float [n]
        Number of values behind it.
    """

    times: np.ndarray
    gram: np.ndarray
    match: np.ndarray
    energy: np.ndarray
    count: np.ndarray

    def joined(self, other: Observations) -> Observations:
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Observations(*(np.concatenate(pair) for pair in pairs))


@lru_cache(maxsize=64)
def _time_functions(times: tuple[float, ...], doppler: float) -> np.ndarray:
    """Principal components of Jakes fading at `times`, each scaled to its variance: float64 [n, num_functions]."""
    apart = np.subtract.outer(times, times)
    values, vectors = np.linalg.eigh(j0(2 * np.pi * doppler * apart))
    kept = values > _LEAST_EIGENVALUE * values[-1]
    return np.ascontiguousarray((vectors[:, kept] * np.sqrt(values[kept]))[:, ::-1])


def most_probable_doppler(observations: Observations, prior: np.ndarray, noise_var: float) -> float:
    """Largest Doppler shift in cycles per symbol: the candidate of maximal evidence, by hill climbing from the middle,
    as the evidence is unimodal."""

    @lru_cache
    def evidence(index: int) -> float:
        return _System.of(observations, _DOPPLERS[index], prior, noise_var).log_evidence

    best = len(_DOPPLERS) // 2 - 1
    while True:
        near = [index for index in (best - 1, best + 1) if 0 <= index < len(_DOPPLERS)]
        better = max(near, key=evidence)
        if not evidence(better) > evidence(best):
            return _DOPPLERS[best]
        best = better


@dataclass(frozen=True)
class _System:
    """Normal equations of the coefficients of all taps under given prior powers, factored.

    Attributes
    ----------
    functions : float64 [n, num_functions]
    factor : complex128 [size, size]
        Lower triangle of Cholesky's, size = num_taps * num_functions.
    coefficients : complex128 [size]
    log_evidence : float
        Logarithm of the evidence (marginal likelihood), up to a constant.
    """

    functions: np.ndarray
    factor: np.ndarray
    coefficients: np.ndarray
    log_evidence: float

    @classmethod
    def of(cls, observations: Observations, doppler: float, prior: np.ndarray, noise_var: float) -> _System:
        functions = _time_functions(tuple(observations.times.tolist()), doppler)
        num_taps, num_functions = len(prior), functions.shape[1]
        size = num_taps * num_functions
        pairs = (functions[:, :, None] * functions[:, None, :]).reshape(len(functions), -1)
        flat = np.ascontiguousarray(observations.gram.reshape(len(functions), -1), np.complex128)
        system = (pairs.T @ flat.view(np.float64)).view(np.complex128)  # [function, function, tap, tap]
        system = system.reshape(num_functions, num_functions, num_taps, num_taps).transpose(2, 0, 3, 1)
        system = system.reshape(size, size) / noise_var
        spread = np.repeat(1 / prior, num_functions)
        diagonal = np.arange(size)
        system[diagonal, diagonal] += spread + _RIDGE * system.diagonal().real.mean()
        # The transpose in Fortran's order is the same memory: its upper triangle is the lower one of the system's
        # conjugate, so LAPACK factors the conjugate system.
        factor, failed = lapack.zpotrf(system.T, lower=True, clean=False, overwrite_a=True)
        if failed:
            raise np.linalg.LinAlgError("normal equations of the channel are not positive definite")
        match = (observations.match.T @ functions).reshape(size) / noise_var
        conjugate, _ = lapack.zpotrs(factor, match.conj(), lower=True)
        coefficients = conjugate.conj()
        log_evidence = (
            float((match.conj() @ coefficients).real)
            - 2 * float(np.log(factor.diagonal().real).sum())
            + float(np.log(spread).sum())
        )
        return cls(functions, factor, coefficients, log_evidence)

    def covariance(self) -> np.ndarray:
        """Inverse of the system, complex128 [size, size]."""
        inverse, _ = lapack.zpotri(self.factor, lower=True)
        lower = np.tril(inverse)
        conjugate = lower + np.tril(lower, -1).conj().T
        return conjugate.conj()


@dataclass(frozen=True)
class Posterior:
    """Posterior of the coefficients of all taps under given prior powers.

    Attributes
    ----------
    observations : Observations
    functions : float64 [n, num_functions]
        Functions of time at the times of the observations.
    prior : float64 [num_taps]
    noise_var : float
    coefficients : complex128 [num_taps, num_functions]
    covariance : complex128 [num_taps * num_functions, num_taps * num_functions]
    log_evidence : float
        Logarithm of the evidence (marginal likelihood), up to a constant.
    """

    observations: Observations
    functions: np.ndarray
    prior: np.ndarray
    noise_var: float
    coefficients: np.ndarray
    covariance: np.ndarray
    log_evidence: float

    @classmethod
    def of(cls, observations: Observations, doppler: float, prior: np.ndarray, noise_var: float) -> Posterior:
        system = _System.of(observations, doppler, prior, noise_var)
        coefficients = system.coefficients.reshape(len(prior), -1)
        evidence = system.log_evidence
        return cls(observations, system.functions, prior, noise_var, coefficients, system.covariance(), evidence)

    def learn(self) -> tuple[np.ndarray, float]:
        """Updated prior power of each tap and noise variance: one step of expectation maximisation."""
        num_taps, num_functions = self.coefficients.shape
        spread = self.covariance.diagonal().real.reshape(num_taps, num_functions)
        prior = np.mean(np.abs(self.coefficients) ** 2 + spread, axis=1)
        prior = np.maximum(prior, 1e-6 * prior.sum())
        size = num_taps * num_functions
        explained = 2 * (self.observations.match.conj() @ self.coefficients @ self.functions.T).diagonal().real.sum()
        taps = self.functions @ self.coefficients.T
        model = np.einsum("il,ilj,ij->", taps.conj(), self.observations.gram, taps).real
        residual = float(self.observations.energy.sum() - explained + model)
        free = size - float(
            (spread / self.prior[:, None]).sum()
        )  # effective number of parameters, determined by the data
        noise_var = residual / max(float(self.observations.count.sum()) - free, 1.0)
        return prior, max(noise_var, 0.05 * self.noise_var)

    def response(self, to_carriers: np.ndarray, keep: slice, num_symbols: int) -> tuple[np.ndarray, np.ndarray]:
        """Response and variance of its error at those of the last `num_symbols` points that `keep` selects."""
        functions = self.functions[len(self.functions) - num_symbols :][keep]
        num_taps, num_functions = self.coefficients.shape
        response = (functions @ self.coefficients.T) @ to_carriers.T
        covariance = self.covariance.reshape(num_taps, num_functions, num_taps, num_functions)
        pairs = (functions[:, :, None] * functions[:, None, :]).reshape(len(functions), -1)
        by_pairs = np.ascontiguousarray(covariance.transpose(1, 3, 0, 2), np.complex64).reshape(num_functions**2, -1)
        at_symbols = pairs.astype(np.float32) @ by_pairs.view(np.float32)  # [symbol, tap and tap, re and im]
        taps = (to_carriers[:, :, None] * to_carriers.conj()[:, None, :]).reshape(len(to_carriers), -1)
        error = at_symbols @ np.ascontiguousarray(taps.conj(), np.complex64).view(np.float32).T
        return response.astype(np.complex64), np.maximum(error, 0).astype(np.float32)
