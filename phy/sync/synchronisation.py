"""Coherent synchronisation: exact start and carrier offset of a detected burst, or its rejection.

A detection may also be the shadow of a preamble that cannot be received: one with its spectrum inverted (I and Q
swapped somewhere), or from beyond the range of carrier offsets. It is recognised by the template that fits it far
better.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.fft

from semcom.phy.frontend.dc_removal import dc_line
from semcom.phy.frontend.derotation import derotate
from semcom.phy.frontend.sample_buffer import SampleBuffer
from semcom.phy.sync.burst_detector import Detection
from semcom.phy.sync.coherent_search import cycle_powers, energy, half_powers, preamble_powers, strongest_pair
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
CERTAIN_SHARE = 0.3
"""Of the energy, explained by the preamble: no other carrier offset or template can do better."""

_CLEARLY = 1.2  # how much more power another whole cycle must have: also ends the search, as powers only rise
_FAR_CLEARLY = 2.0  # and what cannot be received: the sequence and its shifted or inverted copies share 22 % at most
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
        Carrier offset, cycles per sample; of the signal with I and Q swapped where the spectrum is inverted.
    share : float
        Energy that the preamble explains, over all energy in its place.
    spectrum_inverted : bool
        It is the mirror image of a preamble.
    in_range : bool
        The carrier offset is one that can be received.
    """

    start_sample: int
    cfo: float
    share: float = 1.0
    spectrum_inverted: bool = False
    in_range: bool = True


class Synchroniser:
    """Coherent correlation with the whole preamble over delays and carrier offsets around a detection.

    Parameters
    ----------
    waveform : Waveform
    dc_cycles : float
        As of `BurstDetector`.
    """

    def __init__(self, waveform: Waveform, dc_cycles: float = 0.0) -> None:
        self._dc_cycles = dc_cycles
        # A wider search makes more trials: the threshold rises so that as few of them pass on noise.
        trials = max(1.0, waveform.max_cfo_subcarriers / _CALIBRATED_CFO * waveform.preamble_period / waveform.fft_size)
        self._threshold = COHERENT_THRESHOLD + np.log(trials)
        self._sequence = np.ascontiguousarray(basic_sequence(waveform))
        self._cover = np.array(waveform.preamble_cover, np.float32)
        self._period = waveform.preamble_period
        self._length = waveform.preamble_length
        self._echo = waveform.cp_length
        # Other signals fill the band unevenly: what counts as noise is the power where the preamble has its own.
        frequency = np.fft.fftfreq(self._length) * waveform.fft_size
        used = waveform.used_carriers
        self._in_band = (frequency > used[0] - 0.5) & (frequency < used[-1] + 0.5)
        self._largest_spread = self._length / np.count_nonzero(self._in_band)  # all energy within the band
        self._grid_step = _GRID_STEP / self._length
        reach = int(np.ceil(_GRID_REACH / waveform.fft_size / self._grid_step))
        self._grid = np.arange(-reach, reach + 1) * self._grid_step
        offsets = np.outer(self._period * np.arange(len(self._cover)), self._grid)
        self._derotation = np.exp(-2j * np.pi * offsets).astype(np.complex64)
        self._turn_re = np.ascontiguousarray(self._derotation.real)
        self._turn_im = np.ascontiguousarray(self._derotation.imag)
        # Templates one whole cycle per period apart, right way round and then inverted.
        self._cycles = np.arange(self._period) - self._period // 2
        cycle = np.exp(2j * np.pi * np.outer(self._cycles, np.arange(self._period)) / self._period)
        self._templates = np.concatenate([self._sequence * cycle, self._sequence.conj() * cycle]).astype(np.complex64)
        farthest = 2 + int(waveform.max_cfo_subcarriers * self._period / waveform.fft_size)
        self._receivable = np.abs(self._cycles) <= farthest
        self._never_received = np.concatenate([~self._receivable, np.ones(len(self._cycles), bool)])
        self._far_threshold = COHERENT_THRESHOLD + np.log(trials * len(self._templates))

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
        if detection.dc:
            raw = raw - dc_line(detection.dc, len(raw), self._dc_cycles, first)
        samples = derotate(raw, detection.cfo)
        segments, power = preamble_powers(samples, self._sequence, self._cover, self._turn_re, self._turn_im)
        lag, frequency, both = strongest_pair(power)
        best = float(power[lag, frequency])

        inside = samples[lag : lag + self._length]
        received = energy(inside)
        if best < CERTAIN_SHARE * self._length * received:
            other = self._better_template(samples, frequency, both, first, detection)
            if other is not None and other.in_range and not other.spectrum_inverted:
                return self.synchronise(buffer, replace(detection, cfo=other.cfo))
            if other is not None:
                return other
        if received <= 0.0 or both <= self._threshold * received:
            return None
        if both <= self._threshold * received * self._largest_spread and both <= self._threshold * self._spread(inside):
            return None
        if not self._both_halves(segments[lag], frequency, best, inside):
            return None
        near = slice(max(0, lag - self._echo), lag + self._echo + 1)
        paths = power[near][power[near, frequency] > best / 8]
        offset = self._grid[frequency] + self._grid_step * peak_shift(paths.sum(axis=0), frequency)
        share = best / (self._length * received)
        return Synchronisation(first + lag, detection.cfo + offset, share)

    def _both_halves(self, segments: np.ndarray, frequency: int, power: float, samples: np.ndarray) -> bool:
        """Whether each half of the preamble carries its share of the power.

        A burst seen half in the window correlates too, but with one half of the preamble only. So may one that fades
        within its preamble: there the weaker half still stands out of its own noise.
        """
        halves = half_powers(segments, self._turn_re, self._turn_im)
        middle = len(self._cover) // 2 * self._period
        for powers, piece in zip(halves, (samples[:middle], samples[middle : 2 * middle]), strict=True):
            if powers[frequency] < _HALF_SHARE * power and powers.max() < _HALF_CLEAR * energy(piece):
                return False
        return True

    def _spread(self, samples: np.ndarray) -> float:
        """Energy that noise as dense as these samples are within the used band would have over the whole band."""
        density = np.abs(scipy.fft.fft(samples)) ** 2
        return float(density[self._in_band].mean())

    def _better_template(
        self, samples: np.ndarray, frequency: int, power: float, first: int, detection: Detection
    ) -> Synchronisation | None:
        """What the samples hold rather than a preamble at the detected offset; None where that fits best.

        The detector knows the carrier offset up to whole cycles per period, and took those of its nearest hypothesis; a
        burst from beyond its range may show there as a faint image of itself, and so may an inverted one.
        """
        turn_re, turn_im = self._turn_re[:, frequency].copy(), self._turn_im[:, frequency].copy()
        powers = cycle_powers(samples, self._cover, turn_re, turn_im, self._templates)
        largest = powers.max(axis=1)
        upright = np.where(self._receivable, largest[: len(self._cycles)], 0)
        cycle = int(np.argmax(upright))
        template = int(np.argmax(np.where(self._never_received, largest, 0)))
        kind, far = divmod(template, len(self._cycles))
        lag, _, pair = strongest_pair(powers[template][:, None])
        inside = samples[lag : lag + self._length]
        received = energy(inside)
        if pair > _FAR_CLEARLY * max(power, float(upright[cycle])) and pair > self._far_threshold * received:
            segments = (inside.reshape(-1, self._period) @ self._templates[template].conj()) * self._cover
            if not self._both_halves(segments, frequency, float(powers[template, lag]), inside):
                return None
            cfo = detection.cfo + float(self._grid[frequency]) + float(self._cycles[far]) / self._period
            share = float(powers[template, lag]) / (self._length * received)
            return Synchronisation(first + lag, -cfo if kind else cfo, share, bool(kind), bool(kind))
        if self._cycles[cycle] and upright[cycle] > _CLEARLY * power:
            return Synchronisation(detection.start_sample, detection.cfo + float(self._cycles[cycle]) / self._period)
        return None
