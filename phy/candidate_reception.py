"""What becomes of a candidate in its turn: nothing, a burst, or the report of one that failed.

Candidates come in order of position. What is done for one, and whether, depends on those before it: where they ended,
what is left of the budgets, and the soft values that failed blocks left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

import numpy as np

from semcom.phy import burst_layout
from semcom.phy.block_decoding import BlockDecoder
from semcom.phy.burst import Burst, ReceivedBlock
from semcom.phy.burst_decoder import BurstDecoder, Header
from semcom.phy.burst_report import announced_burst, failed_burst, received_burst, unreadable_burst
from semcom.phy.candidate import Candidate, FirstLook
from semcom.phy.coding.soft_buffers import SoftBuffers
from semcom.phy.frontend.sample_buffer import SampleBuffer
from semcom.phy.iterative_reception import IterativeReception
from semcom.phy.payload_reading import read_payload, with_uncoded_part
from semcom.phy.sync.burst_detector import BurstDetector
from semcom.phy.sync.synchronisation import CERTAIN_SHARE, Synchronisation, Synchroniser
from semcom.phy.waveform import Waveform
from semcom.phy.work_budget import WorkBudgets

SYNCHRONISE_US = 40.0  # counted work, see `work_budget`
_ESTIMATE_US = 100.0
READ_HEADER_US = 200.0
_JUDGE_LENGTH_US = 100.0
_READ_PAYLOAD_US = 300.0
_READ_PAYLOAD_PER_SAMPLE_US = 0.03
_DEMAP_PER_BIT_US = 0.015
_CLEAR_PART = 0.25  # of the detector's statistic, which a preamble has at least: half-way between carrier hypotheses
_DEEP_DEBT_US = 40e3
"""Beyond it not even a burst that is clearly there is demodulated: bursts within bursts announced, on and on."""


class CandidateReception:
    """Receives one candidate after another. Parameters are those of `receive_chain.ReceiveChain`, and:

    Parameters
    ----------
    buffer : SampleBuffer
    detector : BurstDetector

    Attributes
    ----------
    counts : Counter
        As of `ReceiveChain`.
    free_from : int
        End of what is known to be burst; what is detected before it lies inside, unless it is clearly a preamble.
    first_look : FirstLook
    budgets : WorkBudgets
    samples_before : int
        Samples before a detection that may belong to its burst.
    """

    def __init__(
        self,
        waveform: Waveform,
        full_scale: float | None,
        soft_buffers: SoftBuffers,
        cfo_range: tuple[float, float] | None,
        work_share: float,
        dc_cycles: float,
        buffer: SampleBuffer,
        detector: BurstDetector,
    ) -> None:
        self.waveform, self._full_scale, self._cfo_range = waveform, full_scale, cfo_range
        self._buffer, self._detector, self._dc_cycles = buffer, detector, dc_cycles
        self._decoder = BurstDecoder(waveform)
        synchroniser = Synchroniser(waveform, dc_cycles)
        self.samples_before = synchroniser.samples_before
        largest_statistic = (len(waveform.preamble_cover) - 1) * waveform.preamble_period**2
        self._clear_statistic = _CLEAR_PART * CERTAIN_SHARE**2 * largest_statistic
        self.first_look = FirstLook(synchroniser, self._decoder, buffer, dc_cycles)
        self.budgets = WorkBudgets.for_rate(waveform.nominal_rate_hz, work_share)
        self._iterative = IterativeReception(waveform, self._decoder)
        self._blocks = BlockDecoder(self._decoder, self._iterative, soft_buffers, self.budgets)
        self.counts: Counter[str] = Counter()
        self.reset()

    def keep_soft_values_in(self, soft_buffers: SoftBuffers) -> None:
        """Where soft values for repeats are kept from now on."""
        self._blocks.keep_soft_values_in(soft_buffers)

    def reset(self) -> None:
        """A new stream begins at position 0."""
        self.free_from = self._preamble_end = 0
        self.budgets.reset()

    def receive(self, waiting: Sequence[Candidate]) -> tuple[bool, Burst | None]:
        """Process the first candidate as far as the samples go: (finished, burst)."""
        candidate = waiting[0]
        if not candidate.is_open:
            start = candidate.detection.start_sample
            if start < self.free_from and not self._may_be_another(candidate):
                return True, None
            if not self.first_look.is_possible(candidate):
                return False, None
            self.budgets.open(start)
            if self.budgets.looks.left_us <= 0:
                self.counts["unexamined"] += 1
                return True, None
            self.budgets.looks.count(SYNCHRONISE_US)
            sync = self.first_look.sync(candidate)
            if sync is None or not self._in_range(sync) or self._is_inside(sync):
                return self._finish(useful=0)
            if sync.spectrum_inverted or not sync.in_range:
                self._take_for_burst(sync.start_sample)
                return self._finish(useful=0, burst=unreadable_burst(self.waveform, sync))
            candidate.header = self._read_header(candidate)
            candidate.is_open = True
        header = candidate.header
        if header.field is None:
            return self._give_up(waiting)
        start = candidate.sync.start_sample
        stop = start + header.layout.num_samples
        if self._buffer.end < stop:
            return False, None
        samples = self._buffer.read(start, stop)
        if not self._worth_demodulating(samples, header):
            self.counts["unexamined"] += 1
            self._take_for_burst(start)
            return self._finish(useful=0, burst=announced_burst(self.waveform, start, header))
        num_bits = header.field.num_blocks * header.layout.coded_bits_per_block
        self.budgets.decoding.count(
            _READ_PAYLOAD_US + _READ_PAYLOAD_PER_SAMPLE_US * len(samples) + _DEMAP_PER_BIT_US * num_bits
        )
        burst = self._decoded(candidate, samples)
        self._take_for_burst(start, self._proven_length(header, burst.blocks))
        return self._finish(useful=sum(block.crc_ok for block in burst.blocks) / len(burst.blocks), burst=burst)

    def _may_be_another(self, candidate: Candidate) -> bool:
        """Whether a detection inside a burst may be a burst that follows it, as a block is decoded of which the end was
        cut off. There is none where the burst's own preamble is."""
        detection = candidate.detection
        return detection.start_sample >= self._preamble_end and detection.statistic > self._clear_statistic

    def _is_inside(self, sync: Synchronisation) -> bool:
        """Whether it belongs to a burst before it: no preamble makes up so much of the energy of a burst's data."""
        is_clear = sync.share > CERTAIN_SHARE and sync.in_range and not sync.spectrum_inverted
        return sync.start_sample < (self._preamble_end if is_clear else self.free_from)

    def _take_for_burst(self, start: int, length: int = 0) -> None:
        """From `start` on so many samples are burst, its preamble at least."""
        self._preamble_end = start + self.waveform.preamble_length
        self.free_from = max(self.free_from, self._preamble_end, start + length)

    def _decoded(self, candidate: Candidate, samples: np.ndarray) -> Burst:
        """Its burst from a worker, where one has decoded every block at the first attempt; else from here."""
        header = candidate.header
        if candidate.task is not None and candidate.task.burst is not None:
            self._blocks.forget(header.field)
            return candidate.task.burst
        payload = read_payload(self.waveform, self._decoder, samples, header, self._dc_cycles)
        payload, blocks = self._blocks.decode(payload, header)
        blocks = with_uncoded_part(self._decoder, blocks, payload, header)
        start = candidate.sync.start_sample
        return received_burst(self.waveform, start, header, samples, payload, blocks, self._full_scale)

    def _read_header(self, candidate: Candidate) -> Header:
        header = self.first_look.header(candidate, only_with_pilots=self.budgets.looks.is_scarce)
        self.budgets.looks.count(READ_HEADER_US if header.was_tried else _ESTIMATE_US)
        if not header.was_tried:
            return header
        if header.field is None and not header.refused_kind and self.budgets.closer_looks.left_us > 0:
            samples = self.first_look.header_samples(candidate)
            header = self._iterative.header(samples, candidate.sync.cfo, header, self.budgets.closer_looks)
        return header

    def _worth_demodulating(self, samples: np.ndarray, header: Header) -> bool:
        """While announced bursts that hold nothing have used up the budget, only what clearly fills its length is."""
        budget = self.budgets.decoding
        if budget.left_us > 0:
            return True
        budget.count(_JUDGE_LENGTH_US)
        return budget.left_us > -_DEEP_DEBT_US and self._decoder.fills_its_length(samples, header)

    def _proven_length(self, header: Header, blocks: tuple[ReceivedBlock, ...]) -> int:
        """Samples of a burst that are certainly its own.

        Only what was decoded hides what was detected inside it: a false field, or a burst cut off, must not blind the
        receiver. Of a burst without a good block the preamble is skipped, and with it its own correlation sidelobes.
        """
        good = [index for index, block in enumerate(blocks) if block.crc_ok]
        if not good:
            return 0
        symbols = None
        if good[-1] + 1 < len(blocks):
            bits_per_symbol = self.waveform.num_data * header.field.mcs.bits_per_symbol
            symbols = -(-(good[-1] + 1) * header.layout.coded_bits_per_block // bits_per_symbol)
        return burst_layout.last_symbol_start(self.waveform, header.layout, symbols)

    def _finish(self, useful: float, burst: Burst | None = None) -> tuple[bool, Burst | None]:
        self.budgets.close(useful)
        if burst is not None:
            self._count(burst)
        return True, burst

    def _count(self, burst: Burst) -> None:
        self.counts["bursts"] += 1
        self.counts["good"] += any(block.crc_ok for block in burst.blocks)
        self.counts["inverted"] += burst.spectrum_inverted
        self.counts["out_of_range"] += not burst.cfo_in_range

    def _in_range(self, sync: Synchronisation) -> bool:
        if self._cfo_range is None or sync.spectrum_inverted:
            return True
        lowest, highest = self._cfo_range
        return lowest <= sync.cfo * self.waveform.fft_size <= highest

    def _give_up(self, waiting: Sequence[Candidate]) -> tuple[bool, Burst | None]:
        """Report a burst whose signal field failed, unless it was a sidelobe of the preamble that follows."""
        candidate = waiting[0]
        reach = candidate.detection.start_sample + self.waveform.preamble_length
        if self._detector.settled_until < reach:
            return False, None
        sidelobe = any(
            other.detection.start_sample < reach and other.detection.statistic > candidate.detection.statistic
            for other in islice(waiting, 1, 4)
        )
        burst = None if sidelobe else failed_burst(self.waveform, candidate.sync.start_sample, candidate.header)
        return self._finish(useful=0, burst=burst)
