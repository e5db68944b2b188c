"""Estimation of a channel that varies during the burst.

The response is written as few delays times few functions of time (posterior.py). The delays are those found in the
preamble. Preamble, signal field, pilots and, in later iterations, soft data symbols enter the same normal equations,
each at its own time and with its own weight. Long bursts are estimated in windows.
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

_TIME_VARYING = 0.005  # Doppler shift in cycles per symbol from which a channel counts as time-varying
_PREAMBLE_PIECE = 64  # samples of the preamble that share one point in time
_WINDOW = 80  # symbols estimated together
_OVERLAP = 20  # symbols on either side that a window uses beyond those it estimates
_PRIOR_FLOOR = 2e-3  # of the total power, for taps that may have faded during the preamble
_MAX_SPAN = 20  # taps up to which all between the first and the last are used
_MAX_TAPS = 32  # the cost grows with their cube, and more hardly help on real channels
_ROUNDS = 2
_LEAST_NOISE = 1e-4  # of the preamble's: where a burst was cut off and silence follows, ever less would be learnt


@dataclass(frozen=True)
class KnownSymbols:
    """Mean and variance of the sent values on the carriers of each OFDM symbol, known or soft.

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
class TimeVaryingEstimate:
    """Estimate of a time-varying channel at every symbol.

    Attributes
    ----------
    response : complex64 [num_symbols, num_used]
        Of a unit-energy value on each carrier.
    error_var : float32 [num_symbols, num_used]
        Variance of its error.
    prior : float64 [num_taps]
        Learnt power of each tap used.
    noise_var : float
        Variance of a received carrier's noise.
    doppler : float
        Candidate chosen, cycles per symbol.
    log_evidence : float
        Of the received values in the first window, up to a constant.
    work_us : float
        What it took, counted, see `work_budget`.
    """

    response: np.ndarray
    error_var: np.ndarray
    prior: np.ndarray
    noise_var: float
    doppler: float
    log_evidence: float
    work_us: float = 0.0

    @property
    def time_varying(self) -> bool:
        """Whether the channel varies noticeably within a burst."""
        return self.doppler >= _TIME_VARYING


class TimeVaryingChannelEstimator:
    """Estimates the time-varying channel of one burst after another.

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
        before: TimeVaryingEstimate | None = None,
    ) -> TimeVaryingEstimate:
        """Estimate the response at every symbol.

        Parameters
        ----------
        samples : complex64 [at least preamble_length]
            From the first sample of the preamble, carrier offset removed.
        carriers : complex64 [num_symbols, num_used]
            Received carriers from the first symbol after the preamble on, carrier offset and timing drift removed.
        known : KnownSymbols
        static : ChannelEstimate
            From preamble and signal field: delays and powers of the taps, FFT window.
        before : TimeVaryingEstimate, optional
            From the previous iteration on the same burst: its Doppler, noise variance and tap powers are the starting
            point. Without it the Doppler is chosen among the candidates, and tap powers start from the preamble's.
        """
        taps, prior = _used_taps(static)
        delays = taps + EARLIEST_TAP
        to_carriers = self._to_carriers(delays, static.window_start)
        doppler, noise_var = None, static.noise_var
        if before is not None:
            prior, doppler, noise_var = before.prior, before.doppler, before.noise_var
        count = len(carriers)
        response = np.empty(carriers.shape, np.complex64)
        error_var = np.empty(carriers.shape, np.float32)
        log_evidence, work_us = None, 0.0
        for start, stop in _windows(count):
            seen = slice(max(0, start - _OVERLAP), min(count, stop + _OVERLAP))
            points = self._symbol_points(carriers, known, seen, to_carriers, static.power / noise_var)
            if start == 0:
                points = self._preamble_points(samples, delays).joined(points)
            searched = doppler is None
            if searched:
                doppler = most_probable_doppler(points, prior, noise_var)
            for _ in range(_ROUNDS):
                fit = Posterior.of(points, doppler, prior, noise_var)
                log_evidence = fit.log_evidence if log_evidence is None else log_evidence
                prior, noise_var = fit.learn()
                noise_var = max(noise_var, _LEAST_NOISE * static.noise_var)
            work_us += _work_us(len(points.times), *fit.coefficients.shape, searched)
            keep = slice(start - seen.start, stop - seen.start)
            response[start:stop], error_var[start:stop] = fit.response(to_carriers, keep, seen.stop - seen.start)
        return TimeVaryingEstimate(response, error_var, prior, noise_var, doppler, log_evidence, work_us)

    def _to_carriers(self, delays: np.ndarray, window_start: int) -> np.ndarray:
        late = delays[None, :] - (window_start - self._waveform.cp_length)
        rotation = np.exp(-2j * np.pi * self._carriers[:, None] * late / self._waveform.fft_size)
        return (self._waveform.carrier_gain * rotation).astype(np.complex64)

    def _preamble_points(self, samples: np.ndarray, delays: np.ndarray) -> Observations:
        """Normal equations of pieces of the preamble free of other symbols at every tap."""
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
        # A value known up to a variance is a known one in more noise: the variance times the channel's gain.
        excess = np.float32(self._waveform.carrier_gain**2 * snr) * variance
        weight = np.where(variance < 1, 1 / (1 + excess), 0).astype(np.float32)
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


def _work_us(num_points: int, num_taps: int, num_functions: int, searched: bool) -> float:
    """Microseconds of a common processor for one window: systems are built, factored and inverted, and a search for the
    Doppler shift builds and factors about four."""
    size = num_taps * num_functions
    built = 300 + 0.02e-3 * num_points * size**2
    factored, inverted, responses = 0.2e-3 * size**3, 0.8e-3 * size**3, 0.4e-3 * num_points * size**2
    return _ROUNDS * (built + factored + inverted) + 500 + responses + (4 * (built + factored) if searched else 0)


def _windows(count: int) -> list[tuple[int, int]]:
    """Ranges of at most about `_WINDOW` symbols that cover `count` symbols evenly."""
    number = max(1, round(count / _WINDOW))
    edges = np.linspace(0, count, number + 1).round().astype(int)
    return list(pairwise(edges.tolist()))


def _used_taps(static: ChannelEstimate) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the taps that may hold energy, and the prior power of each."""
    power = static.prior
    if not power.any():  # no tap stood out of the noise: take the strongest
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
