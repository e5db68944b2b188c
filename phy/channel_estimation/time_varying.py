"""Channel estimation for a channel that moves during the burst.

The response is written as few delays times few functions of time (channel_posterior.py). The delays are those the
preamble showed. Preamble, signal field, pilots and, in later rounds, soft decisions on data symbols all enter the same
normal equations, each at its own time and with its own weight. Long bursts are done in windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from semcom.phy.channel_estimation.blas_threads import single_threaded_blas
from semcom.phy.channel_estimation.impulse_response import EARLIEST_TAP, ChannelEstimate
from semcom.phy.channel_estimation.posterior import Observations, Posterior, most_probable_doppler
from semcom.phy.sync.preamble import preamble
from semcom.phy.waveform import Waveform

_MOVING = 0.005
_PREAMBLE_PIECE = 64  # samples of the preamble that share a point in time
_WINDOW = 80  # symbols estimated together
_OVERLAP = 20  # symbols that a window sees beyond those it answers for
_PRIOR_FLOOR = 2e-3  # of the total power, for taps that may have been in a fade during the preamble
_MAX_SPAN = 20  # taps up to which all between the first and the last are in play
_MAX_TAPS = 32  # what an estimate costs grows with their cube; real channels with more hardly gain from the others
_ROUNDS = 2


@dataclass(frozen=True)
class KnownSymbols:
    """What is known or believed of the carriers of each OFDM symbol.

    Attributes
    ----------
    mean : complex64 [num_symbols, num_used]
        Expected values; zero where nothing is known.
    variance : float32 [num_symbols, num_used]
        Around the mean; zero where it is certain, one where nothing is known.
    """

    mean: np.ndarray
    variance: np.ndarray


@dataclass(frozen=True)
class MovingEstimate:
    """A channel that changes from symbol to symbol.

    Attributes
    ----------
    response : complex64 [num_symbols, num_used]
        Of a unit-energy value on each carrier.
    error_var : float32 [num_symbols, num_used]
        Variance of its error.
    prior : float64 [num_taps]
        Power of each tap in play, as learnt.
    noise_var : float
        Variance of a received carrier's noise.
    doppler : float
        Candidate chosen, cycles per symbol.
    log_evidence : float
        Of the received values in the first window, up to a constant.
    """

    response: np.ndarray
    error_var: np.ndarray
    prior: np.ndarray
    noise_var: float
    doppler: float
    log_evidence: float

    @property
    def moves(self) -> bool:
        """Whether the channel changes within a burst so that it matters."""
        return self.doppler >= _MOVING


class MovingChannelEstimator:
    """Estimates channels that move, one burst after another.

    Parameters
    ----------
    waveform : Waveform
    """

    def __init__(self, waveform: Waveform) -> None:
        self._waveform = waveform
        self._known_preamble = preamble(waveform)[: waveform.preamble_length]
        self._carriers = np.array(waveform.used_carriers)

    @single_threaded_blas()
    def estimate(
        self,
        samples: np.ndarray,
        carriers: np.ndarray,
        known: KnownSymbols,
        static: ChannelEstimate,
        before: MovingEstimate | None = None,
    ) -> MovingEstimate:
        """Response at every symbol.

        Parameters
        ----------
        samples : complex64 [at least preamble_length]
            From the first sample of the preamble, carrier offset removed.
        carriers : complex64 [num_symbols, num_used]
            Received carriers from the first symbol after the preamble on, carrier offset and timing drift removed.
        known : KnownSymbols
        static : ChannelEstimate
            From the preamble: where the taps are, how strong, the FFT window.
        before : MovingEstimate, optional
            From the round before on the same burst: its Doppler, noise and powers of the taps are built on. Without it
            the candidates are weighed, and the preamble's powers are where the taps begin.
        """
        taps, prior = _taps_in_play(static)
        delays = taps + EARLIEST_TAP
        to_carriers = self._to_carriers(delays, static.window_start)
        doppler, noise_var = None, static.noise_var
        if before is not None:
            prior, doppler, noise_var = before.prior, before.doppler, before.noise_var
        count = len(carriers)
        response = np.empty(carriers.shape, np.complex64)
        error_var = np.empty(carriers.shape, np.float32)
        log_evidence = None
        for start, stop in _windows(count):
            seen = slice(max(0, start - _OVERLAP), min(count, stop + _OVERLAP))
            points = self._symbol_points(carriers, known, seen, to_carriers, static.power / noise_var)
            if start == 0:
                points = self._preamble_points(samples, delays).joined(points)
            if doppler is None:
                doppler = most_probable_doppler(points, prior, noise_var)
            for _ in range(_ROUNDS):
                fit = Posterior.of(points, doppler, prior, noise_var)
                log_evidence = fit.log_evidence if log_evidence is None else log_evidence
                prior, noise_var = fit.learn()
            keep = slice(start - seen.start, stop - seen.start)
            response[start:stop], error_var[start:stop] = fit.response(to_carriers, keep, seen.stop - seen.start)
        return MovingEstimate(response, error_var, prior, noise_var, doppler, log_evidence)

    def _to_carriers(self, delays: np.ndarray, window_start: int) -> np.ndarray:
        late = delays[None, :] - (window_start - self._waveform.cp_length)
        turn = np.exp(-2j * np.pi * self._carriers[:, None] * late / self._waveform.fft_size)
        return (self._waveform.carrier_gain * turn).astype(np.complex64)

    def _preamble_points(self, samples: np.ndarray, delays: np.ndarray) -> Observations:
        """Pieces of the preamble that no tap mixes with anything else."""
        length = self._waveform.preamble_length
        first, last = max(int(delays[-1]), 0), length + min(int(delays[0]), 0)
        starts = np.arange(first, last - _PREAMBLE_PIECE + 1, _PREAMBLE_PIECE)
        rows = starts[:, None] + np.arange(_PREAMBLE_PIECE)
        design = self._known_preamble[rows[:, :, None] - delays]
        adjoint = design.conj().transpose(0, 2, 1)
        return Observations(
            times=(starts + _PREAMBLE_PIECE / 2 - length) / self._waveform.symbol_length,
            gram=adjoint @ design,
            match=(adjoint @ samples[rows][:, :, None])[:, :, 0],
            energy=np.sum(np.abs(samples[rows]) ** 2, axis=1),
            count=np.full(len(starts), float(_PREAMBLE_PIECE)),
        )

    def _symbol_points(self, carriers, known: KnownSymbols, seen: slice, to_carriers, snr: float) -> Observations:
        received, mean, variance = carriers[seen], known.mean[seen], known.variance[seen]
        # A value known up to a variance is a known one in more noise: what the channel makes of the doubt.
        doubt = np.float32(self._waveform.carrier_gain**2 * snr) * variance
        weight = np.where(variance < 1, 1 / (1 + doubt), 0).astype(np.float32)
        taps = to_carriers.shape[1]
        outer = (to_carriers.conj()[:, :, None] * to_carriers[:, None, :]).reshape(-1, taps * taps)
        fft, cp = self._waveform.fft_size, self._waveform.cp_length
        return Observations(
            times=np.arange(seen.start, seen.stop) + (cp + fft / 2) / self._waveform.symbol_length,
            gram=((weight * np.abs(mean) ** 2) @ outer).reshape(-1, taps, taps),
            match=(weight * mean.conj() * received) @ to_carriers.conj(),
            energy=np.sum(weight * np.abs(received) ** 2, axis=1),
            count=weight.sum(axis=1),
        )


def _windows(count: int) -> list[tuple[int, int]]:
    """Ranges of at most about `_WINDOW` symbols that cover `count` symbols evenly."""
    number = max(1, round(count / _WINDOW))
    edges = np.linspace(0, count, number + 1).round().astype(int)
    return list(pairwise(edges.tolist()))


def _taps_in_play(static: ChannelEstimate) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the taps that may hold something, and the prior power of each."""
    power = static.prior
    if not power.any():  # nothing stood out of the noise: the strongest tap it is
        power = np.abs(static.taps) ** 2
        power = np.where(power == power.max(), power, 0.0)
    active = np.flatnonzero(power) if power.any() else np.array([-EARLIEST_TAP])
    wide = np.unique(np.clip(np.concatenate([active - 1, active, active + 1]), 0, len(power) - 1))
    span = np.arange(wide[0], wide[-1] + 1)
    taps = span if len(span) <= _MAX_SPAN else wide
    if len(taps) > _MAX_TAPS:
        taps = np.sort(taps[np.argsort(power[taps], kind="stable")[-_MAX_TAPS:]])
    total = max(float(power.sum()), 1e-20)
    return taps, np.maximum(power[taps], _PRIOR_FLOOR * total)
