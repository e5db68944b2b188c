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

from semcom.phy.channel_estimation.blas_threads import single_threaded_blas
from semcom.phy.channel_estimation.tap_posterior import carrier_response, first_guess, project, sparse_posterior
from semcom.phy.sync.preamble import preamble
from semcom.phy.waveform import Waveform

EARLIEST_TAP = -8
_SPARE_TAPS = 6  # beyond the cyclic prefix, for late echoes and the tails of fractional delays
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


def num_taps(waveform: Waveform) -> int:
    """Taps of a channel estimate."""
    return waveform.cp_length + _SPARE_TAPS + 1 - EARLIEST_TAP


class ChannelEstimator:
    """Estimates the static channel of one burst after another.

    Parameters
    ----------
    waveform : Waveform
    """

    @single_threaded_blas()  # sums round alike in every process
    def __init__(self, waveform: Waveform) -> None:
        self._waveform = waveform
        delays = EARLIEST_TAP + np.arange(num_taps(waveform))
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
        self._design_h = _parts(in_band_design.conj().T)
        gram = design.conj().T @ in_band_design
        self._gram = gram.astype(np.complex64)
        values, vectors = np.linalg.eigh(gram)
        # The preamble has no energy outside the used band: some directions are hardly excited. The residual needs all
        # of them, the initial estimate of the taps only those well above the noise.
        kept = values > 1e-6 * values[-1]
        self._basis_h = np.ascontiguousarray(vectors[:, kept].conj().T)
        self._basis_values = values[kept]
        self._strong = values[kept] > 1e-3 * values[-1]
        self._degrees = len(positions) * len(self._band) / self._fft_size
        self._mean_gram = float(self._gram.diagonal().real.mean())
        carriers = np.array(waveform.used_carriers)
        self._to_carriers = np.exp(-2j * np.pi * np.outer(carriers, delays) / waveform.fft_size).astype(np.complex64)
        self._carriers_gram = (self._to_carriers.conj().T @ self._to_carriers).astype(np.complex64)
        self._carriers = carriers
        self._to_taps = _parts(self._to_carriers.conj().T)
        starts = np.arange(waveform.cp_length + 1)
        self._window_phases = [self._window_phase(start) for start in starts]
        self._window_cost = self._window_costs(starts)

    def from_preamble(self, samples: np.ndarray) -> ChannelEstimate:
        """Estimate from the preamble alone.

        Parameters
        ----------
        samples : complex64 [at least preamble_length]
            From the start of the burst, carrier offset removed.
        """
        used = samples[self._rows]
        projected = project(*self._design_h, used)
        spectrum = scipy.fft.fft(used, self._fft_size)[self._band].astype(np.complex128)
        energy = float(np.vdot(spectrum, spectrum).real) / self._fft_size
        noise_var, prior = first_guess(
            projected, self._basis_h, self._basis_values, self._strong, energy, self._degrees, self._mean_gram
        )
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
        gain, window = self._waveform.carrier_gain, estimate.window_start
        matched = np.float32(gain) * np.sum(known.conj() * carriers, axis=0) * self._window_phases[window].conj()
        projected = project(*self._design_h, samples[self._rows]) + project(
            *self._to_taps, matched.astype(np.complex64)
        )
        gram = self._gram + np.float32(gain**2 * len(known)) * self._carriers_gram
        return self._learn(gram, projected, estimate.noise_var, estimate.prior, _LATER_ROUNDS, window)

    def _learn(self, gram, projected, noise_var, prior, rounds, window) -> ChannelEstimate:
        """Posterior of the taps; their prior powers are learnt in rounds of expectation maximisation."""
        taps, prior, covariance, active = sparse_posterior(gram, projected, noise_var, prior, rounds)
        if window is None:
            window = int(np.argmin(self._window_cost @ np.abs(taps) ** 2))
        phase = self._window_phases[window]
        carriers, error = carrier_response(taps, covariance, active, self._to_carriers, phase)
        return ChannelEstimate(
            taps=taps,
            prior=prior,
            noise_var=noise_var,
            window_start=window,
            carriers=carriers,
            carriers_var=error,
        )

    def _window_phase(self, window_start: int) -> np.ndarray:
        shift = window_start - self._waveform.cp_length
        return np.exp(2j * np.pi * self._carriers * shift / self._waveform.fft_size).astype(np.complex64)

    def _window_costs(self, starts: np.ndarray) -> np.ndarray:
        """Intersymbol interference by each tap in FFT windows that begin at `starts`, float64 [num_starts, num_taps].

        The window with the least is taken, centred between its limits.
        """
        cp, ramp = self._waveform.cp_length, self._waveform.window_length
        earliest = starts[:, None] - cp + ramp
        late = np.maximum(self._delays - starts[:, None], 0)
        early = np.maximum(earliest - self._delays, 0)
        off_centre = (self._delays - (starts[:, None] + earliest) / 2) / cp
        return late + early + 0.02 * off_centre**2


def _parts(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Real and imaginary part, float32."""
    return np.ascontiguousarray(matrix.real, np.float32), np.ascontiguousarray(matrix.imag, np.float32)
