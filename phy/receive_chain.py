"""The receive chain: samples at the nominal rate to received bursts.

```
samples → SampleBuffer → BurstDetector → Synchroniser → remove_dc → BurstDecoder.read_header
        → (wait for the end of the burst) → remove_dc → remove_image
        → BurstDecoder.read_payload
        → BlockDecoder, with SoftBuffers, and IterativeReception where blocks fail
        → soft text or analog symbols, if any → Burst
```

With worker processes the second half is done by them where it succeeds at once, see `parallel`.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from semcom.phy import burst_layout
from semcom.phy.burst import Burst
from semcom.phy.candidate import Candidate
from semcom.phy.candidate_reception import CandidateReception
from semcom.phy.coding.soft_buffers import SoftBuffers
from semcom.phy.frontend.sample_buffer import SampleBuffer
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.parallel.look_ahead import look_ahead
from semcom.phy.parallel.workers import BurstWorkers
from semcom.phy.sync.burst_detector import BurstDetector
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

MAX_CHUNK = 65_536
"""Samples taken in at a time; longer input is processed in pieces of this length."""

MAX_WAITING_DETECTIONS = 4096

_SAMPLES_AHEAD = 8 * MAX_CHUNK
"""By so many more the samples may be ahead of the bursts given out, where workers decode these."""


class ReceiveChain:
    """Finds and decodes the bursts of a sample stream at the nominal rate. One instance per stream and thread.

    Everything is compiled when it is constructed.

    Parameters
    ----------
    waveform : Waveform
        Its `max_cfo_subcarriers` is the range that is searched.
    full_scale : float, optional
        Amplitude of the converter's limits on either axis; samples that reach it are counted as clipped.
    soft_buffers : SoftBuffers, optional
        Where soft values of failed blocks are kept, when several chains share them.
    cfo_range : (float, float), optional
        Bursts whose carrier offset (subcarriers) lies outside belong to another chain.
    work_share : float
        Of the work that may be spent on what cannot be read, where several chains receive one stream.
    num_workers : int
        Processes that decode bursts beside this one; with them a burst may be given out some calls of `push` later.
    dc_cycles : float
        Frequency at which the receiver's DC offset lies in these samples, cycles per sample.

    Attributes
    ----------
    counts : Counter
        Since construction: `bursts` given out; of them `good` (a block at least), `inverted` (spectrum), `out_of_range`
        (carrier offset). `unexamined`: detections and announced bursts left alone as the budget for what cannot be read
        was used up.
    """

    def __init__(
        self,
        waveform: Waveform,
        full_scale: float | None = None,
        soft_buffers: SoftBuffers | None = None,
        cfo_range: tuple[float, float] | None = None,
        work_share: float = 1.0,
        num_workers: int = 0,
        dc_cycles: float = 0.0,
    ) -> None:
        self.waveform = waveform
        self._detector = BurstDetector(waveform, dc_cycles=dc_cycles)
        capacity = burst_layout.longest_burst(waveform) + 4 * self._detector.block_length + 2 * MAX_CHUNK
        self._workers: BurstWorkers | None = None
        if num_workers:
            capacity += _SAMPLES_AHEAD
            self._workers = BurstWorkers(waveform, num_workers, capacity, full_scale, dc_cycles)
        self._buffer = SampleBuffer(capacity, self._workers.samples if self._workers else None)
        soft_buffers = SoftBuffers() if soft_buffers is None else soft_buffers
        self._reception = CandidateReception(
            waveform, full_scale, soft_buffers, cfo_range, work_share, dc_cycles, self._buffer, self._detector
        )
        self.counts = self._reception.counts
        self.reset()
        self._warm_up()
        self.counts.clear()
        if self._workers is not None:
            self._workers.get_ready()  # they got so far at the same time

    def _warm_up(self) -> None:
        """Receive one generated burst, so that no kernel is compiled and no table built once samples flow."""
        burst = Transmitter(self.waveform).modulate([TransportBlock(bytes(64))], MCS_TABLE["16qam-1/2"])
        self.push(burst)
        self.flush()

    def keep_soft_values_in(self, soft_buffers: SoftBuffers) -> None:
        """Where soft values for repeats are kept from now on."""
        self._reception.keep_soft_values_in(soft_buffers)

    def close(self) -> None:
        """End the worker processes; what is received from here on is received in this process."""
        if self._workers is not None:
            self._workers.close()

    def reset(self) -> None:
        """Start a new stream at position 0, after a gap or an overflow. Soft values for repeats are kept."""
        self._buffer.clear()
        self._detector.reset()
        self._waiting: deque[Candidate] = deque()
        self._reception.reset()

    @property
    def unreadable_work_us(self) -> float:
        """Work on what could not be read, counted, since construction; see `work_budget`."""
        return self._reception.budgets.charged_us

    @property
    def settled_until(self) -> int:
        """Bursts before this position have all been given out."""
        settled = self._detector.settled_until
        if self._waiting:
            settled = min(settled, self._waiting[0].detection.start_sample)
        return settled - self._reception.samples_before

    def push(self, samples: np.ndarray) -> list[Burst]:
        """Take in samples; give out the bursts that are complete, in order.

        Parameters
        ----------
        samples : complex64 [n]
            Any n; how the stream is cut into chunks does not change the bursts. Not-finite samples count as zero.
        """
        bursts: list[Burst] = []
        for start in range(0, len(samples), MAX_CHUNK):
            self.take_in(samples[start : start + MAX_CHUNK])
            bursts += self.give_out()
        return bursts

    def flush(self) -> list[Burst]:
        """End of the stream: give out what is still pending, as if silence followed, and start a new stream."""
        bursts = self.give_out(waiting_for_workers=True)
        silence = np.zeros(MAX_CHUNK, np.complex64)
        end = self._buffer.end
        longest = burst_layout.longest_burst(self.waveform) + 4 * self._detector.block_length
        while (self._waiting or self._detector.position < end + 1) and self._buffer.end < end + 2 * longest:
            self.take_in(silence)
            bursts += self.give_out(waiting_for_workers=True)
        self.reset()
        return bursts

    def take_in(self, samples: np.ndarray) -> None:
        """Detect bursts in the next samples, complex64 [up to MAX_CHUNK], and hand them to the workers. Between two
        calls comes one of `give_out`."""
        self._buffer.append(samples)
        for detection in self._detector.process(self._buffer):
            if len(self._waiting) < MAX_WAITING_DETECTIONS:
                self._waiting.append(Candidate(detection))
        if self._workers is not None:
            self._workers.collect()
            look_ahead(self._waiting, self._reception, self._buffer, self._workers)

    def give_out(self, waiting_for_workers: bool = False) -> list[Burst]:
        """Bursts in order, up to one that lacks samples, or is with a worker and can wait."""
        bursts = []
        while self._waiting:
            task = self._waiting[0].task
            if task is not None and not task.is_done:
                if not (waiting_for_workers or self._is_far_ahead):
                    break
                self._workers.wait_for(task)
            done, burst = self._reception.receive(self._waiting)
            if not done:
                break
            self._waiting.popleft()
            if burst is not None:
                bursts.append(burst)
        self._buffer.discard_before(self._needed_from)
        return bursts

    @property
    def _needed_from(self) -> int:
        """Position of the first sample that is still needed."""
        needed = self._detector.position
        if self._waiting:
            needed = min(needed, self._waiting[0].detection.start_sample)
        return needed - self.waveform.preamble_length

    @property
    def _is_far_ahead(self) -> bool:
        """Whether bursts must be given out before more samples come: for their room, and for the room of detections."""
        needed = self._buffer.end + MAX_CHUNK - self._needed_from
        return needed > self._buffer.capacity or len(self._waiting) > MAX_WAITING_DETECTIONS // 2
