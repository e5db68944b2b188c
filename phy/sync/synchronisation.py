"""Coherent synchronisation: exact start and carrier offset of a detected burst, or its rejection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft

from semcom.phy.frontend.derotation import derotate
from semcom.phy.frontend.sample_buffer import SampleBuffer
from semcom.phy.sync.burst_detector import Detection
from semcom.phy.sync.parabola import peak_shift
from semcom.phy.sync.preamble import basic_sequence
from semcom.phy.waveform import Waveform

COHERENT_THRESHOLD = 28.0
"""Coherent correlation power of two neighbouring delays, over the mean of one on noise. A preamble between two samples
shares its power between them; on noise the pair exceeds 28 once in 5e10 trials, of which a detection makes some 500."""

_CALIBRATED_CFO = 0.5  # periods of the basic sequence: the range for which the threshold was set
_SEARCH = 24  # samples on either side of the detection
_GRID_STEP = 1 / 8  # of the frequency resolution of the whole preamble
_GRID_REACH = 0.35  # subcarriers on either side of the detector's estimate
_CERTAIN_SHARE = 0.3  # of the energy, explained by the preamble: no other carrier offset can do better
_CLEARLY = 1.2  # how much more power another whole cycle must have: also ends the search, as powers only rise
_HALF_SHARE = 0.09  # each half of a true preamble carries about a quarter of the coherent power of the whole
_HALF_CLEAR = 12.0  # its coherent power over the mean of one on noise; sidelobes of 453 bursts stayed below 10


@dataclass(frozen=True)
class Synchronisation:
    """Start and carrier offset of a burst.

    Attributes
    ----------
    start_sample : int
        Position of the preamble's first sample along the strongest path.
    cfo : float
        Carrier offset, cycles per sample.
    """

    start_sample: int
    cfo: float


class Synchroniser:
    """Coherent correlation with the whole preamble over delays and carrier offsets around a detection.

    Parameters
    ----------
    waveform : Waveform
    """

    def __init__(self, waveform: Waveform) -> None:
        # A wider search makes more trials: the threshold rises so that as few of them pass on noise.
        trials = max(1.0, waveform.max_cfo_subcarriers / _CALIBRATED_CFO * waveform.preamble_period / waveform.fft_size)
        self._threshold = COHERENT_THRESHOLD + np.log(trials)
        self._sequence = np.ascontiguousarray(basic_sequence(waveform))
        self._cover = np.array(waveform.preamble_cover, np.float32)
        self._period = waveform.preamble_period
        self._length = waveform.preamble_length
        self._echo = waveform.cp_length
        repeats = len(self._cover)
        lags = np.arange(2 * _SEARCH + 1)
        self._positions = lags[:, None] + self._period * np.arange(repeats)
        # Other signals fill the band unevenly: what counts as noise is the power where the preamble has its own.
        frequency = np.fft.fftfreq(self._length) * waveform.fft_size
        used = waveform.used_carriers
        self._in_band = (frequency > used[0] - 0.5) & (frequency < used[-1] + 0.5)
        self._grid_step = _GRID_STEP / self._length
        reach = int(np.ceil(_GRID_REACH / waveform.fft_size / self._grid_step))
        self._grid = np.arange(-reach, reach + 1) * self._grid_step
        offsets = np.outer(self._period * np.arange(repeats), self._grid)
        self._derotation = np.exp(-2j * np.pi * offsets).astype(np.complex64)
        cycle = np.exp(2j * np.pi * np.arange(self._period) / self._period)
        farthest = 2 + int(waveform.max_cfo_subcarriers * self._period / waveform.fft_size)
        offsets = [offset for offset in range(-farthest, farthest + 1) if offset]
        self._off_by_cycles = {offset: (self._sequence * cycle**offset).astype(np.complex64) for offset in offsets}

    @property
    def samples_before(self) -> int:
        """Samples needed before the detected start: the true one may lie there."""
        return _SEARCH

    @property
    def samples_after(self) -> int:
        """Samples needed after the detected start."""
        return self._length + _SEARCH

    def synchronise(self, buffer: SampleBuffer, detection: Detection) -> Synchronisation | None:
        """Exact start and carrier offset; None where coherent correlation does not confirm the preamble."""
        first = detection.start_sample - _SEARCH
        raw = buffer.read(first, first + self._length + 2 * _SEARCH)
        samples = derotate(raw, detection.cfo)
        correlation = np.correlate(samples, self._sequence, "valid")
        segments = correlation[self._positions] * self._cover  # [lag, repeat]
        power = np.abs(segments @ self._derotation) ** 2  # [lag, frequency]
        pairs = power[:-1] + power[1:]
        lag, frequency = np.unravel_index(np.argmax(pairs), pairs.shape)
        both = float(pairs[lag, frequency])
        lag += int(power[lag + 1, frequency] > power[lag, frequency])
        best = float(power[lag, frequency])

        inside = samples[lag : lag + self._length]
        energy = float(np.vdot(inside, inside).real)
        if best < _CERTAIN_SHARE * self._length * energy:
            offset = self._better_cycle(samples, int(frequency), both)
            if offset:
                cfo = detection.cfo + offset / self._period
                return self.synchronise(buffer, Detection(detection.start_sample, cfo, detection.statistic))
        if both <= self._threshold * max(energy, self._spread(inside)) or energy <= 0.0:
            return None
        # A burst seen half in the window correlates too, but with one half of the preamble only. So may one that fades
        # within its preamble: there the weaker half still stands out of its own noise.
        half = len(self._cover) // 2
        for part in (slice(0, half), slice(half, None)):
            powers = np.abs(segments[lag, part] @ self._derotation[part]) ** 2
            if powers[frequency] < _HALF_SHARE * best:
                piece = inside[part.start * self._period : (part.start + half) * self._period]
                if powers.max() < _HALF_CLEAR * float(np.vdot(piece, piece).real):
                    return None

        near = slice(max(0, lag - self._echo), lag + self._echo + 1)
        paths = power[near][power[near, frequency] > best / 8]
        offset = self._grid[frequency] + self._grid_step * peak_shift(paths.sum(axis=0), int(frequency))
        return Synchronisation(first + int(lag), detection.cfo + offset)

    def _spread(self, samples: np.ndarray) -> float:
        """Energy that noise as dense as these samples are within the used band would have over the whole band."""
        density = np.abs(scipy.fft.fft(samples)) ** 2
        return float(density[self._in_band].mean())

    def _better_cycle(self, samples: np.ndarray, frequency: int, power: float) -> int:
        """Whole cycles per period to add to the carrier offset, 0 where it is right.

        The detector knows it up to whole cycles, and took those of its nearest hypothesis; a burst from beyond its
        range may show there as a faint image of itself.
        """
        derotation = self._derotation[:, frequency]
        best, power = 0, _CLEARLY * power
        for offset, sequence in self._off_by_cycles.items():
            shifted = np.correlate(samples, sequence, "valid")[self._positions] * self._cover
            largest = float(np.max(np.abs(shifted @ derotation))) ** 2
            if largest > power:
                best, power = offset, largest
        return best
