"""The receiver: samples at the nominal rate or twice it to received bursts.

```
nominal rate                                        → ReceiveChain → Burst
twice the rate → Decimator (by two), one per part of → ReceiveChain → Burst, each burst once
                 the range of carrier offsets
```

`receive_chain` shows what happens to the samples.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import ceil, inf

import numpy as np

from semcom.phy import burst_layout
from semcom.phy.burst import Burst
from semcom.phy.coding.soft_buffers import SoftBuffers
from semcom.phy.errors import ConfigurationError
from semcom.phy.frontend.decimation import PASSBAND, Decimator
from semcom.phy.parallel.workers import MAX_WORKERS
from semcom.phy.receive_chain import MAX_CHUNK, ReceiveChain
from semcom.phy.waveform import Waveform

__all__ = ["MAX_CHUNK", "Receiver"]

_PART = 2 * MAX_CHUNK - 2  # samples at twice the rate: at most MAX_CHUNK at the nominal one
_SHARED = 0.05  # subcarriers by which neighbouring parts overlap: more than the error of a carrier offset


class Receiver:
    """Finds and decodes the bursts of a sample stream. One instance per stream; not for several threads at once.

    Everything is compiled when it is constructed.

    Parameters
    ----------
    waveform : Waveform
    sample_rate_hz : float, optional
        Rate of the samples: the waveform's nominal rate, which is the default, or twice it. Twice it leaves room for
        large carrier offsets beside the used band.
    full_scale : float, optional
        Amplitude of the converter's limits on either axis; samples that reach it are counted as clipped.
    max_cfo_subcarriers : float, optional
        Carrier offset searched on either side; the waveform's by default. A wider search takes more time.
    num_workers : int
        Processes that decode bursts beside this one, on other cores: as many as there are cores, for the most
        throughput. The bursts are the same; with workers one may be given out some calls of `push` later. Parts of the
        range of carrier offsets share them out. Only on Linux. `close` ends them, as does the end of this process.
    """

    def __init__(
        self,
        waveform: Waveform,
        sample_rate_hz: float | None = None,
        full_scale: float | None = None,
        max_cfo_subcarriers: float | None = None,
        num_workers: int = 0,
    ) -> None:
        rate = waveform.nominal_rate_hz if sample_rate_hz is None else float(sample_rate_hz)
        self._ratio = round(rate / waveform.nominal_rate_hz) if np.isfinite(rate) else 0
        if self._ratio not in (1, 2) or abs(rate / self._ratio / waveform.nominal_rate_hz - 1) > 1e-6:
            raise ConfigurationError(
                f"sample_rate_hz must be the nominal rate of {waveform.name} ({waveform.nominal_rate_hz:g}) "
                f"or twice it, got {rate:g}"
            )
        if full_scale is not None and not full_scale > 0:
            raise ConfigurationError(f"full_scale must be positive, got {full_scale}")
        reach = waveform.max_cfo_subcarriers if max_cfo_subcarriers is None else float(max_cfo_subcarriers)
        if not 0 < reach <= waveform.fft_size / 4:
            raise ConfigurationError(
                f"max_cfo_subcarriers must be above 0 and at most fft_size/4 ({waveform.fft_size / 4:g}), got {reach}"
            )
        if not 0 <= num_workers <= MAX_WORKERS:
            raise ConfigurationError(f"num_workers must be 0 to {MAX_WORKERS}, got {num_workers}")
        self.waveform = waveform
        self.sample_rate_hz = rate
        self.max_cfo_subcarriers = reach
        if self._ratio == 1:
            searched = replace(waveform, max_cfo_subcarriers=reach)
            self._branches = [(0.0, None, ReceiveChain(searched, full_scale, num_workers=num_workers))]
        else:
            self._branches = _branches(waveform, reach, num_workers)
        self._clips = _ClipCounter(full_scale, 2 * burst_layout.longest_burst(waveform) + 8 * MAX_CHUNK)
        self.reset()

    @property
    def counts(self) -> Counter[str]:
        """Bursts since construction, by what became of them, see `ReceiveChain`. Where parts of the range of carrier
        offsets are received side by side, a burst that several see counts for each."""
        return sum((chain.counts for _, _, chain in self._branches), Counter())

    @property
    def unreadable_work_us(self) -> float:
        """Work on what could not be read since construction, counted in microseconds; see `work_budget`."""
        return sum(chain.unreadable_work_us for _, _, chain in self._branches)

    def keep_soft_values_in(self, soft_buffers: SoftBuffers) -> None:
        """Combine repeats with what another receiver kept, and keep what fails in the same place."""
        for _, _, chain in self._branches:
            chain.keep_soft_values_in(soft_buffers)

    def close(self) -> None:
        """End the worker processes, if any; what comes after it is received in this process alone."""
        for _, _, chain in self._branches:
            chain.close()

    def reset(self) -> None:
        """Start a new stream at position 0, after a gap or an overflow. Soft values for repeats are kept."""
        for _, decimator, chain in self._branches:
            chain.reset()
            if decimator is not None:
                decimator.reset()
        self._clips.reset()
        self._found: list[Burst] = []  # of all branches, until all branches have passed them

    def push(self, samples: np.ndarray) -> list[Burst]:
        """Take in samples; give out the bursts that are complete, in order.

        Parameters
        ----------
        samples : complex64 [n]
            Any n; how the stream is cut into chunks does not change the bursts. (At twice the rate, which of two bursts
            is combined with a repeat may depend on it, if both have its source and process, lie closer together than a
            chunk, and differ in carrier offset by subcarriers.) Not-finite samples count as zero.
        """
        samples = np.asarray(samples)
        if samples.ndim != 1:
            raise ConfigurationError(f"samples must have one dimension, got {samples.ndim}")
        if self._ratio == 1:
            return self._branches[0][2].push(samples)
        bursts: list[Burst] = []
        for start in range(0, len(samples), _PART):
            part = samples[start : start + _PART]
            self._clips.push(part)
            for _, decimator, chain in self._branches:
                chain.take_in(decimator.push(part))
            for shift, _, chain in self._branches:  # one after the other: they share soft values of failed blocks
                self._collect(chain.give_out(waiting_for_workers=True), shift)
            bursts += self._merged(2 * min(chain.settled_until for _, _, chain in self._branches))
        return bursts

    def flush(self) -> list[Burst]:
        """End of the stream: give out what is still pending, as if silence followed, and start a new stream."""
        if self._ratio == 1:
            return self._branches[0][2].flush()
        for shift, decimator, chain in self._branches:
            self._collect(chain.push(decimator.flush()) + chain.flush(), shift)
        bursts = self._merged(inf)
        self.reset()
        return bursts

    def _collect(self, bursts: list[Burst], shift: float) -> None:
        """Convert bursts of one branch to the receiver's own rate and tuning."""
        for burst in bursts:
            start, stop = 2 * burst.start_sample, 2 * (burst.start_sample + burst.num_samples)
            cfo_hz = burst.cfo_hz + shift * self.waveform.subcarrier_spacing_hz
            clipped = self._clips.between(start, stop)
            self._found.append(replace(burst, start_sample=start, cfo_hz=cfo_hz, num_clipped=clipped))

    def _merged(self, settled_until: float) -> list[Burst]:
        """Each burst once, in order, from the branch that decoded most of its blocks.

        A burst is held back until no branch can report another one at its position: a branch that cannot decode its
        signal field says so long before the branch that decodes it has all of it.
        """
        self._found.sort(key=lambda burst: burst.start_sample)
        merged = []
        while self._found and self._found[0].start_sample + self.waveform.fft_size < settled_until:
            reach = self._found[0].start_sample + self.waveform.fft_size
            count = sum(burst.start_sample <= reach for burst in self._found)
            merged.append(max(self._found[:count], key=_success))
            del self._found[:count]
        return merged


def _success(burst: Burst) -> tuple[bool, int]:
    return burst.header_ok, sum(block.crc_ok for block in burst.blocks)


def _branches(waveform: Waveform, reach: float, num_workers: int) -> list[tuple[float, Decimator, ReceiveChain]]:
    """Shift in subcarriers, filter and chain of each part of the range of carrier offsets."""
    highest = max(-waveform.used_carriers[0], waveform.used_carriers[-1])
    room = PASSBAND * waveform.fft_size - highest  # offset at which the used band still passes whole
    if room <= 0:
        raise ConfigurationError(f"{waveform.name} fills too much of its band to be received at twice its rate")
    number = max(1, ceil(reach / room - 1e-9))
    half = reach / number
    searched = replace(waveform, max_cfo_subcarriers=half + _SHARED)
    shared = SoftBuffers()
    return [
        (
            shift,
            Decimator(shift / (2 * waveform.fft_size)),
            ReceiveChain(
                searched,
                soft_buffers=shared,
                cfo_range=(-inf if part == 0 else -half - _SHARED, inf if part == number - 1 else half + _SHARED),
                work_share=1 / number,
                num_workers=(num_workers + part) // number,
                dc_cycles=-shift / waveform.fft_size,
            ),
        )
        for part, shift in enumerate(half * (2 * part + 1 - number) for part in range(number))
    ]


class _ClipCounter:
    """Positions of the samples that reached the converter's limits, within the last `memory` samples."""

    def __init__(self, full_scale: float | None, memory: int) -> None:
        self._full_scale, self._memory = full_scale, memory
        self.reset()

    def reset(self) -> None:
        self._position = 0
        self._places = np.zeros(0, np.int64)

    def push(self, samples: np.ndarray) -> None:
        if self._full_scale is None:
            return
        hit = np.maximum(np.abs(samples.real), np.abs(samples.imag)) >= self._full_scale
        old = self._places[np.searchsorted(self._places, self._position - self._memory) :]
        self._places = np.concatenate([old, np.flatnonzero(hit) + self._position])
        self._position += len(samples)

    def between(self, start: int, stop: int) -> int:
        return int(np.searchsorted(self._places, stop) - np.searchsorted(self._places, start))
