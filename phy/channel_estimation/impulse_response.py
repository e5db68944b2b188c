"""Estimation of a static impulse response by sparse Bayesian learning on preamble and known symbols.

The response has few strong taps among many possible ones, so each tap gets its own prior power, learnt from the data
(sparse Bayesian learning): taps that hold only noise go to zero. Preamble (in time) and known OFDM symbols
(in frequency) enter the same normal equations.

References
----------
M. E. Tipping, "Sparse Bayesian learning and the relevance vector machine", JMLR 2001.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numba import njit

from semcom.phy.sync.preamble import preamble
from semcom.phy.waveform import Waveform

EARLIEST_TAP = -8
_SPARE_TAPS = 6  # beyond the cyclic prefix, for late echoes and the tails of fractional delays
_LEAST_PRIOR = 0.02  # of the least-squares error of a tap: taps with less are pruned
_FIRST_CUT = 1.0  # least-squares errors taken off the power of each tap to begin with
_SPARSITY = 1.0  # and off each prior learnt, so that a few rounds prune what many would
_FIRST_ROUNDS = 4
_LATER_ROUNDS = 2


@dataclass(frozen=True)
class ChannelEstimate:
    """Estimate of a static channel with its error variance.

    Attributes
    ----------
    taps : complex64 [num_taps]
        Impulse response; tap 0 belongs to `first_tap` samples after the nominal start.
    prior : float64 [num_taps]
        Learnt power of each tap; zero for pruned ones.
    noise_var : float
        Variance of a received complex sample's noise.
    window_start : int
        Where in each OFDM symbol (0 = first sample of its cyclic prefix) the FFT window begins.
    carriers : complex64 [num_used]
        Frequency response seen by FFT windows that start there.
    carriers_var : float32 [num_used]
        Variance of its error.
    """

    taps: np.ndarray
    prior: np.ndarray
    noise_var: float
    window_start: int
    carriers: np.ndarray
    carriers_var: np.ndarray

    @property
    def power(self) -> float:
        """Received signal power, linear; over the used carriers, as beyond them the taps are not determined."""
        return float(np.mean(np.abs(self.carriers) ** 2))


class ChannelEstimator:
    """Estimates the static channel of one burst after another.

    Parameters
    ----------
    waveform : Waveform
    """

    def __init__(self, waveform: Waveform) -> None:
        self._waveform = waveform
        delays = np.arange(EARLIEST_TAP, waveform.cp_length + _SPARE_TAPS + 1)
        self._delays = delays
        self.lead = -int(delays[0])  # taps before the nominal start
        # Samples of the preamble that are not mixed with what comes before or after it by any tap.
        self._rows = slice(int(delays[-1]), waveform.preamble_length + int(delays[0]))
        known = preamble(waveform)
        positions = np.arange(self._rows.start, self._rows.stop)
        design = known[positions[:, None] - delays[None, :]].astype(np.complex128)
        # Only the used band counts: outside it a fractional delay has tails that no short response can follow.
        self._fft_size = scipy.fft.next_fast_len(2 * len(positions))
        frequencies = np.fft.fftfreq(self._fft_size) * waveform.fft_size
        in_band = (frequencies > waveform.used_carriers[0] - 0.5) & (frequencies < waveform.used_carriers[-1] + 0.5)
        self._band = np.flatnonzero(in_band)
        in_band_design = np.fft.ifft(np.fft.fft(design, self._fft_size, axis=0) * in_band[:, None], axis=0)
        in_band_design = in_band_design[: len(positions)]
        self._design_h = np.ascontiguousarray(in_band_design.conj().T.astype(np.complex64))
        gram = design.conj().T @ in_band_design
        self._gram = gram.astype(np.complex64)
        values, vectors = np.linalg.eigh(gram)
        # The preamble has no energy outside the used band: some directions are hardly excited. The residual needs all
        # of them, the initial estimate of the taps only those well above the noise.
        kept = values > 1e-6 * values[-1]
        self._basis_h = np.ascontiguousarray(vectors[:, kept].conj().T)
        self._basis_values = values[kept]
        self._strong = values[kept] > 1e-3 * values[-1]
        carriers = np.array(waveform.used_carriers)
        self._to_carriers = np.exp(-2j * np.pi * np.outer(carriers, delays) / waveform.fft_size).astype(np.complex64)
        self._carriers_gram = (self._to_carriers.conj().T @ self._to_carriers).astype(np.complex64)
        self._carriers = carriers

    def from_preamble(self, samples: np.ndarray) -> ChannelEstimate:
        """Estimate from the preamble alone.

        Parameters
        ----------
        samples : complex64 [at least preamble_length]
            From the start of the burst, carrier offset removed.
        """
        used = samples[self._rows]
        projected = self._design_h @ used
        coordinates = self._basis_h @ projected
        strong = self._strong
        rough = (coordinates[strong] / self._basis_values[strong]) @ self._basis_h[strong].conj()
        explained = float(np.sum(np.abs(coordinates) ** 2 / self._basis_values))
        spectrum = scipy.fft.fft(used, self._fft_size)[self._band].astype(np.complex128)
        energy = float(np.vdot(spectrum, spectrum).real) / self._fft_size
        degrees = len(used) * len(self._band) / self._fft_size
        noise_var = (energy - explained) / (degrees - len(coordinates))
        noise_var = max(noise_var, 1e-6 * energy / degrees, 1e-20)
        tap_error = noise_var / float(self._gram.diagonal().real.mean())
        prior = np.maximum(np.abs(rough) ** 2 - _FIRST_CUT * tap_error, 0).astype(np.float64)
        return self._learn(self._gram, projected, noise_var, prior, _FIRST_ROUNDS, None)

    def refine(
        self, estimate: ChannelEstimate, samples: np.ndarray, carriers: np.ndarray, known: np.ndarray
    ) -> ChannelEstimate:
        """Add OFDM symbols whose contents are known.

        Parameters
        ----------
        estimate : ChannelEstimate
            From the preamble; its noise variance and FFT window are kept.
        samples : complex64 [at least preamble_length]
            As for `from_preamble`, with the latest carrier offset removed.
        carriers : complex64 [num_symbols, num_used]
            Received carriers, in phase with the preamble.
        known : complex64 [num_symbols, num_used]
            What was sent on them.
        """
        gain = self._waveform.carrier_gain
        matched = gain * np.einsum("mk,mk->k", known.conj(), carriers) / self._window_phase(estimate.window_start)
        projected = self._design_h @ samples[self._rows] + self._to_carriers.conj().T @ matched.astype(np.complex64)
        gram = self._gram + np.float32(gain**2 * len(known)) * self._carriers_gram
        window = estimate.window_start
        return self._learn(gram, projected, estimate.noise_var, estimate.prior, _LATER_ROUNDS, window)

    def _learn(self, gram, projected, noise_var, prior, rounds, window) -> ChannelEstimate:
        """Posterior of the taps; their prior powers are learnt in rounds of expectation maximisation."""
        taps, prior, covariance = _sparse_posterior(gram, projected, noise_var, prior, rounds)
        if window is None:
            window = self._choose_window(np.abs(taps) ** 2)
        carriers = (self._to_carriers @ taps) * self._window_phase(window)
        active = np.flatnonzero(covariance.diagonal())
        to_carriers = self._to_carriers[:, active]
        error = np.einsum("km,km->k", to_carriers @ covariance[active[:, None], active], to_carriers.conj()).real
        return ChannelEstimate(
            taps=taps,
            prior=prior,
            noise_var=noise_var,
            window_start=window,
            carriers=carriers.astype(np.complex64),
            carriers_var=np.maximum(error, 0).astype(np.float32),
        )

    def _window_phase(self, window_start: int) -> np.ndarray:
        shift = window_start - self._waveform.cp_length
        return np.exp(2j * np.pi * self._carriers * shift / self._waveform.fft_size).astype(np.complex64)

    def _choose_window(self, power: np.ndarray) -> int:
        """FFT window with the least intersymbol interference, centred between its limits."""
        cp, ramp = self._waveform.cp_length, self._waveform.window_length
        starts = np.arange(0, cp + 1)
        earliest = starts[:, None] - cp + ramp
        late = np.maximum(self._delays - starts[:, None], 0)
        early = np.maximum(earliest - self._delays, 0)
        off_centre = (self._delays - (starts[:, None] + earliest) / 2) / cp
        cost = (late + early + 0.02 * off_centre**2) @ power
        return int(starts[np.argmin(cost)])


@njit(
    "Tuple((complex64[::1], float64[::1], complex64[:,::1]))"
    "(complex64[:,::1], complex64[::1], float64, float64[::1], int64)",
    cache=True,
    nogil=True,
)
def _sparse_posterior(gram, projected, noise_var, prior, rounds):
    """Taps, learnt priors and covariance; rows and columns of pruned taps are zero."""
    size = prior.shape[0]
    tap_error = 0.0
    for i in range(size):
        tap_error += gram[i, i].real
    ridge = 1e-6 * tap_error / size  # keeps the system regular where there is hardly any noise
    tap_error = noise_var * size / tap_error
    prior = prior.copy()
    taps = np.zeros(size, np.complex64)
    covariance = np.zeros((size, size), np.complex64)
    for round_number in range(rounds):
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
        if round_number == rounds - 1:
            for i in range(count):
                for j in range(count):
                    covariance[active[i], active[j]] = np.float32(noise_var) * inverse[i, j]
    return taps, prior, covariance
