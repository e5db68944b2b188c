"""Burst detection by differential correlation: candidate starts of the preamble with coarse carrier offsets.

The basic sequence is correlated at every sample, once per carrier hypothesis; each correlation value is multiplied by
the conjugate of the one a period earlier, which removes phase and carrier offset, and the products are summed over
the preamble with the signs that neighbouring repeats have. The sum, over its standard deviation on noise of the power
received, is compared with a threshold: input level does not matter.

The stream is cut into blocks at fixed positions, so that any chunks of input give the same detections.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from semcom.phy.frontend.dc_removal import dc_line, steady_dc_offset
from semcom.phy.frontend.derotation import derotate
from semcom.phy.frontend.sample_buffer import SampleBuffer
from semcom.phy.sync.preamble import basic_sequence
from semcom.phy.waveform import Waveform

DETECTION_THRESHOLD = 15.0
"""Power of the differential sum over its mean on noise. On noise alone about one sample in ten thousand exceeds it;
the coherent check of `synchronisation` refuses those."""

_MIN_BLOCK_SPAN = 4096
_SILENCE = 1e-8  # of the loudest window of the same block: 80 dB below it nothing is detected


@dataclass(frozen=True)
class Detection:
    """A position where a burst may start.

    Attributes
    ----------
    start_sample : int
        Approximate position of the preamble's first sample.
    cfo : float
        Approximate carrier offset, cycles per sample.
    statistic : float
        Power of the differential sum over its mean on noise.
    dc : complex
        DC offset of the samples around it as `dc_line` takes it, zero where none is significant.
    """

    start_sample: int
    cfo: float
    statistic: float
    dc: complex = 0j


class BurstDetector:
    """Streaming differential detector of the preamble.

    Parameters
    ----------
    waveform : Waveform
    threshold : float
        See `DETECTION_THRESHOLD`.
    dc_cycles : float
        Frequency at which a DC offset lies, cycles per sample.
    """

    def __init__(self, waveform: Waveform, threshold: float = DETECTION_THRESHOLD, dc_cycles: float = 0.0) -> None:
        self._dc_cycles = dc_cycles
        self._period = waveform.preamble_period
        self._length = waveform.preamble_length
        cover = np.array(waveform.preamble_cover, np.float32)
        self._signs = cover[1:] * cover[:-1]
        self._block_span = max(_MIN_BLOCK_SPAN, 4 * self._length)
        self.block_length = self._block_span - self._length
        self._cfo_centres = _cfo_centres(waveform)
        turns = np.outer(self._cfo_centres, np.arange(self._period))
        self._templates = (basic_sequence(waveform) * np.exp(2j * np.pi * turns)).astype(np.complex64)
        # On noise of power s, the sum has mean power (repeats - 1) (period s)^2; s is the energy over the length.
        self._scale = np.float32(threshold * len(self._signs) * (self._period / self._length) ** 2)
        self._threshold = threshold
        self.reset()

    def reset(self) -> None:
        """Start a new stream at position 0."""
        self.position = 0  # first sample not yet examined
        self._best: Detection | None = None

    @property
    def settled_until(self) -> int:
        """Detections before this position have all been given out."""
        return self.position - self._length // 2 if self._best is None else self._best.start_sample

    def process(self, buffer: SampleBuffer) -> list[Detection]:
        """Examine all whole blocks in the buffer; detections in order of position."""
        found: list[Detection] = []
        while buffer.end >= self.position + self._block_span:
            found += self._process_block(buffer.read(self.position, self.position + self._block_span))
        return found

    def _process_block(self, samples: np.ndarray) -> list[Detection]:
        # It would raise the power that the sum is compared with.
        cycles, first = self._dc_cycles, self.position
        dc = steady_dc_offset(derotate(samples, cycles, first) if cycles else samples)
        samples = samples - dc_line(dc, len(samples), cycles, first) if dc else samples
        positions, statistics, templates, angles = _differential_peaks(
            samples, self._templates, self._signs, self.block_length, self._scale
        )
        found = []
        for offset, statistic, template, angle in zip(positions, statistics, templates, angles, strict=True):
            start = self.position + int(offset)
            # A true preamble is the largest of its neighbourhood; its own shifted copies are not.
            if self._best is None or start - self._best.start_sample > self._length // 2:
                if self._best is not None:
                    found.append(self._best)
            elif statistic * self._threshold <= self._best.statistic:
                continue
            cfo = self._cfo(float(self._cfo_centres[template]), float(angle))
            self._best = Detection(start, cfo, float(statistic) * self._threshold, dc)
        self.position += self.block_length
        if self._best is not None and self.position - self._best.start_sample > self._length // 2:
            found.append(self._best)
            self._best = None
        return found

    def _cfo(self, centre: float, angle: float) -> float:
        """Carrier offset nearest to the hypothesis with a phase rotation of `angle` per period."""
        turns = angle / (2 * np.pi)
        whole = round(centre * self._period - turns)
        return (whole + turns) / self._period


def _cfo_centres(waveform: Waveform) -> np.ndarray:
    """Carrier hypotheses in cycles per sample: at most a quarter cycle per period apart on either side."""
    reach = waveform.max_cfo_subcarriers / waveform.fft_size
    spacing = 0.5 / waveform.preamble_period
    count = max(1, int(np.ceil(2 * reach / spacing - 1e-9)))
    return (np.arange(count) - (count - 1) / 2) * (2 * reach / count)


@njit(cache=True, nogil=True, fastmath=True)
def _window_energies(re, im, num_positions, length):
    """Energy of the window of `length` samples that begins at each position, float32 [num_positions]."""
    floor = np.empty(num_positions, np.float32)
    energy = 0.0
    for n in range(length):
        energy += re[n] * re[n] + im[n] * im[n]
    largest = 0.0
    for n in range(num_positions):
        largest = max(largest, energy)
        floor[n] = np.float32(energy)
        head = re[n + length] * re[n + length] + im[n + length] * im[n + length]
        energy = max(energy + (head - (re[n] * re[n] + im[n] * im[n])), 0.0)
    # Where a window is next to silent, rounding in sums over its loud neighbours must not count.
    least = np.float32(largest * _SILENCE + 1e-15)
    for n in range(num_positions):
        floor[n] = max(floor[n], least)
    return floor


@njit(cache=True, nogil=True, fastmath=True)
def _correlate(re, im, template, out_re, out_im):
    """out[n] = sum over i of samples[n + i] conj(template[i])."""
    count = out_re.shape[0]
    out_re[:] = np.float32(0)
    out_im[:] = np.float32(0)
    for i in range(0, template.shape[0], 2):  # two at a time: half as many loads and stores of the sums
        a, b = template[i].real, template[i].imag
        c, d = template[i + 1].real, template[i + 1].imag
        first_re, first_im = re[i : i + count], im[i : i + count]
        second_re, second_im = re[i + 1 : i + 1 + count], im[i + 1 : i + 1 + count]
        for n in range(count):
            out_re[n] += first_re[n] * a + first_im[n] * b + second_re[n] * c + second_im[n] * d
            out_im[n] += first_im[n] * a - first_re[n] * b + second_im[n] * c - second_re[n] * d


@njit(
    "Tuple((int64[::1], float32[::1], int64[::1], float32[::1]))"
    "(complex64[::1], complex64[:,::1], float32[::1], int64, float32)",
    cache=True,
    nogil=True,
    fastmath=True,
)
def _differential_peaks(samples, templates, signs, num_positions, scale):
    """Positions whose statistic exceeds the threshold, with the statistic relative to the threshold.

    All in tiles of positions whose values stay in the innermost cache, and by real and imaginary part: the inner loops
    are plain vector instructions.
    """
    num_products, period = signs.shape[0], templates.shape[1]
    length = (num_products + 1) * period
    re, im = np.empty(samples.shape[0], np.float32), np.empty(samples.shape[0], np.float32)
    for n in range(samples.shape[0]):
        re[n], im[n] = samples[n].real, samples[n].imag
    floor = _window_energies(re, im, num_positions, length)
    for n in range(num_positions):
        floor[n] *= floor[n] * scale
    least_floor = floor.min()
    best = np.zeros(num_positions, np.float32)
    which = np.zeros(num_positions, np.int64)
    rotation = np.zeros(num_positions, np.float32)
    tile = 512
    span = tile + length
    match_re, match_im = np.empty(span, np.float32), np.empty(span, np.float32)
    product_re, product_im = np.empty(span, np.float32), np.empty(span, np.float32)
    sum_re, sum_im = np.empty(tile, np.float32), np.empty(tile, np.float32)
    for h in range(templates.shape[0]):
        held = 0  # correlations that the tile before leaves
        for begin in range(0, num_positions, tile):
            width = min(tile, num_positions - begin)
            count = width + length - period
            match_re[:held] = match_re[tile : tile + held]
            match_im[:held] = match_im[tile : tile + held]
            new = begin + held
            _correlate(re[new:], im[new:], templates[h], match_re[held:count], match_im[held:count])
            held = length - period
            later_re, later_im = match_re[period:], match_im[period:]
            for n in range(count - period):
                a, b, c, d = match_re[n], match_im[n], later_re[n], later_im[n]
                product_re[n] = a * c + b * d
                product_im[n] = a * d - b * c
            sum_re[:] = np.float32(0)
            sum_im[:] = np.float32(0)
            for k in range(num_products):
                sign = signs[k]
                part_re, part_im = product_re[k * period :], product_im[k * period :]
                for n in range(width):
                    sum_re[n] += sign * part_re[n]
                    sum_im[n] += sign * part_im[n]
            largest = np.float32(0)
            for n in range(width):
                largest = max(largest, sum_re[n] * sum_re[n] + sum_im[n] * sum_im[n])
            if largest <= least_floor:
                continue
            for n in range(width):
                power = sum_re[n] * sum_re[n] + sum_im[n] * sum_im[n]
                if power > best[begin + n]:
                    best[begin + n] = power
                    if power > floor[begin + n]:
                        which[begin + n] = h
                        rotation[begin + n] = np.arctan2(sum_im[n], sum_re[n])
    count = 0
    positions = np.empty(num_positions, np.int64)
    for n in range(num_positions):
        if best[n] > floor[n]:
            positions[count] = n
            count += 1
    positions = positions[:count].copy()
    statistics = np.empty(count, np.float32)
    hypotheses = np.empty(count, np.int64)
    angles = np.empty(count, np.float32)
    for i in range(count):
        n = positions[i]
        statistics[i] = best[n] / floor[n]
        hypotheses[i] = which[n]
        angles[i] = rotation[n]
    return positions, statistics, hypotheses, angles
