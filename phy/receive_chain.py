"""The receive chain: samples at the nominal rate to received bursts.

```
samples → SampleBuffer → BurstDetector → Synchroniser → remove_dc → BurstDecoder.read_header
        → (wait for the end of the burst) → remove_dc → remove_image
        → BurstDecoder.read_payload
        → BlockDecoder, with SoftBuffers, and IterativeReception where blocks fail
        → soft text or analog symbols, if any → Burst
```
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from semcom.phy import analog, burst_layout, soft_text
from semcom.phy.block_decoding import BlockDecoder
from semcom.phy.burst import Burst, ReceivedBlock
from semcom.phy.burst_decoder import BurstDecoder, Header, Payload
from semcom.phy.burst_report import announced_burst, failed_burst, received_burst, unreadable_burst
from semcom.phy.coding.signal_field import KIND_ANALOG, KIND_SOFT_TEXT
from semcom.phy.coding.soft_buffers import SoftBuffers
from semcom.phy.frontend.dc_removal import remove_dc
from semcom.phy.frontend.image_removal import remove_image
from semcom.phy.frontend.sample_buffer import SampleBuffer
from semcom.phy.iterative_reception import IterativeReception
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.sync.burst_detector import BurstDetector, Detection
from semcom.phy.sync.synchronisation import Synchronisation, Synchroniser
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform
from semcom.phy.work_budget import WorkBudgets

MAX_CHUNK = 65_536
"""Samples taken in at a time; longer input is processed in pieces of this length."""

MAX_WAITING_DETECTIONS = 4096

_SYNCHRONISE_US = 40.0  # counted work, see `work_budget`
_ESTIMATE_US = 100.0
_READ_HEADER_US = 200.0
_JUDGE_LENGTH_US = 100.0
_READ_PAYLOAD_US = 300.0
_READ_PAYLOAD_PER_SAMPLE_US = 0.03
_DEMAP_PER_BIT_US = 0.015
_DEEP_DEBT_US = 40e3
"""Beyond it not even a burst that is clearly there is demodulated: bursts within bursts announced, on and on."""


@dataclass
class _Candidate:
    """A detection and what is known of its burst so far."""

    detection: Detection
    sync: Synchronisation | None = None
    header: Header | None = None


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
    ) -> None:
        self.waveform = waveform
        self._full_scale = full_scale
        self._cfo_range = cfo_range
        self._detector = BurstDetector(waveform)
        self._synchroniser = Synchroniser(waveform)
        self._decoder = BurstDecoder(waveform)
        self._iterative = IterativeReception(waveform, self._decoder)
        soft_buffers = SoftBuffers() if soft_buffers is None else soft_buffers
        self._budgets = WorkBudgets.for_rate(waveform.nominal_rate_hz, work_share)
        longest = burst_layout.longest_burst(waveform)
        self._blocks = BlockDecoder(self._decoder, self._iterative, soft_buffers, self._budgets)
        self._buffer = SampleBuffer(longest + 4 * self._detector.block_length + 2 * MAX_CHUNK)
        self.counts: Counter[str] = Counter()
        self.reset()
        self._warm_up()
        self.counts.clear()

    def _warm_up(self) -> None:
        """Receive one generated burst, so that no kernel is compiled and no table built once samples flow."""
        burst = Transmitter(self.waveform).modulate([TransportBlock(bytes(64))], MCS_TABLE["16qam-1/2"])
        self.push(burst)
        self.flush()

    def keep_soft_values_in(self, soft_buffers: SoftBuffers) -> None:
        """Where soft values for repeats are kept from now on."""
        self._blocks.keep_soft_values_in(soft_buffers)

    def reset(self) -> None:
        """Start a new stream at position 0, after a gap or an overflow. Soft values for repeats are kept."""
        self._buffer.clear()
        self._detector.reset()
        self._waiting: deque[_Candidate] = deque()
        self._free_from = 0  # end of the last burst that held data
        self._budgets.reset()

    @property
    def unreadable_work_us(self) -> float:
        """Work on what could not be read, counted, since construction; see `work_budget`."""
        return self._budgets.charged_us

    @property
    def settled_until(self) -> int:
        """Bursts before this position have all been given out."""
        settled = self._detector.settled_until
        if self._waiting:
            settled = min(settled, self._waiting[0].detection.start_sample)
        return settled - self._synchroniser.samples_before

    def push(self, samples: np.ndarray) -> list[Burst]:
        """Take in samples; give out the bursts that are complete, in order.

        Parameters
        ----------
        samples : complex64 [n]
            Any n; how the stream is cut into chunks does not change the bursts. Not-finite samples count as zero.
        """
        bursts: list[Burst] = []
        for start in range(0, len(samples), MAX_CHUNK):
            self._buffer.append(samples[start : start + MAX_CHUNK])
            bursts += self._advance()
        return bursts

    def flush(self) -> list[Burst]:
        """End of the stream: give out what is still pending, as if silence followed, and start a new stream."""
        bursts: list[Burst] = []
        silence = np.zeros(MAX_CHUNK, np.complex64)
        end = self._buffer.end
        longest = burst_layout.longest_burst(self.waveform) + 4 * self._detector.block_length
        while (self._waiting or self._detector.position < end + 1) and self._buffer.end < end + 2 * longest:
            self._buffer.append(silence)
            bursts += self._advance()
        self.reset()
        return bursts

    def _advance(self) -> list[Burst]:
        """Process every candidate for which there are samples enough."""
        for detection in self._detector.process(self._buffer):
            if len(self._waiting) < MAX_WAITING_DETECTIONS:
                self._waiting.append(_Candidate(detection))
        bursts = []
        while self._waiting:
            done, burst = self._try(self._waiting[0])
            if not done:
                break
            self._waiting.popleft()
            if burst is not None:
                bursts.append(burst)
                self._count(burst)
        needed = self._detector.position
        if self._waiting:
            needed = min(needed, self._waiting[0].detection.start_sample)
        self._buffer.discard_before(needed - self.waveform.preamble_length)
        return bursts

    def _try(self, candidate: _Candidate) -> tuple[bool, Burst | None]:
        """Process a candidate as far as the samples go: (finished, burst)."""
        buffer = self._buffer
        if candidate.header is None:
            start = candidate.detection.start_sample
            if start < self._free_from:
                return True, None
            if buffer.end < start + self._decoder.header_samples + self._synchroniser.samples_after:
                return False, None
            self._budgets.open(start)
            if self._budgets.looks.left_us <= 0:
                self.counts["unexamined"] += 1
                return True, None
            self._budgets.looks.count(_SYNCHRONISE_US)
            candidate.sync = self._synchroniser.synchronise(buffer, candidate.detection)
            if candidate.sync is None or candidate.sync.start_sample < self._free_from or not self._in_range(candidate):
                return self._finish(useful=0)
            if candidate.sync.spectrum_inverted or not candidate.sync.in_range:
                self._free_from = candidate.sync.start_sample + self.waveform.preamble_length
                return self._finish(useful=0, burst=unreadable_burst(self.waveform, candidate.sync))
            candidate.header = self._read_header(candidate.sync)
        if candidate.header.field is None:
            return self._give_up(candidate)
        start = candidate.sync.start_sample
        stop = start + candidate.header.layout.num_samples
        if buffer.end < stop:
            return False, None
        samples = buffer.read(start, stop)
        if not self._worth_demodulating(samples, candidate.header):
            self.counts["unexamined"] += 1
            self._free_from = start + self.waveform.preamble_length
            burst = announced_burst(self.waveform, start, candidate.header)
            return self._finish(useful=0, burst=burst)
        clean = remove_image(remove_dc(samples), self.waveform.preamble_length)
        num_bits = candidate.header.field.num_blocks * candidate.header.layout.coded_bits_per_block
        self._budgets.decoding.count(
            _READ_PAYLOAD_US + _READ_PAYLOAD_PER_SAMPLE_US * len(clean) + _DEMAP_PER_BIT_US * num_bits
        )
        payload = self._decoder.read_payload(clean, candidate.header)
        payload, blocks = self._blocks.decode(payload, candidate.header)
        if candidate.header.field.kind == KIND_SOFT_TEXT and blocks[0].crc_ok:
            blocks = (self._with_soft_text(blocks[0], payload, candidate.header),)
        if candidate.header.field.kind == KIND_ANALOG and blocks[0].crc_ok:
            blocks = (self._with_analog_symbols(blocks[0], payload, candidate.header),)
        self._free_from = start + self._proven_length(candidate.header, blocks)
        good = sum(block.crc_ok for block in blocks) / len(blocks)
        burst = received_burst(self.waveform, start, candidate.header, samples, payload, blocks, self._full_scale)
        return self._finish(useful=good, burst=burst)

    def _read_header(self, sync: Synchronisation) -> Header:
        samples = self._buffer.read(sync.start_sample, sync.start_sample + self._decoder.header_samples)
        samples = remove_dc(samples)
        is_scarce = self._budgets.looks.is_scarce
        header = self._decoder.read_header(samples, sync.cfo, only_with_pilots=is_scarce)
        self._budgets.looks.count(_READ_HEADER_US if header.was_tried else _ESTIMATE_US)
        if not header.was_tried:
            return header
        if header.field is None and not header.refused_kind and self._budgets.closer_looks.left_us > 0:
            header = self._iterative.header(samples, sync.cfo, header, self._budgets.closer_looks)
        return header

    def _with_soft_text(self, block: ReceivedBlock, payload: Payload, header: Header) -> ReceivedBlock:
        llr = soft_text.combine(self._decoder.soft_text(payload, header), header.field.soft_bytes)
        return replace(block, payload=block.payload + soft_text.decided(llr), llr=llr)

    def _with_analog_symbols(self, block: ReceivedBlock, payload: Payload, header: Header) -> ReceivedBlock:
        places = self._decoder.analog_symbols(payload, header)
        symbols, noise_var = analog.combine(*places, header.field.analog_symbols)
        coded = block.payload + analog.to_bytes(symbols)
        return replace(block, payload=coded, symbols=symbols, noise_var=noise_var)

    def _worth_demodulating(self, samples: np.ndarray, header: Header) -> bool:
        """While announced bursts that hold nothing have used up the budget, only what clearly fills its length is."""
        budget = self._budgets.decoding
        if budget.left_us > 0:
            return True
        budget.count(_JUDGE_LENGTH_US)
        return budget.left_us > -_DEEP_DEBT_US and self._decoder.fills_its_length(samples, header)

    def _proven_length(self, header: Header, blocks: tuple[ReceivedBlock, ...]) -> int:
        """Samples of a burst that are certainly its own.

        Only what was decoded hides what was detected inside it: a false field, or a burst cut off, must not blind the
        receiver. Of a burst without a good block the preamble is skipped, and with it its own correlation sidelobes.
        """
        waveform, layout = self.waveform, header.layout
        good = [index for index, block in enumerate(blocks) if block.crc_ok]
        if not good:
            return waveform.preamble_length
        bits_per_symbol = waveform.num_data * header.field.mcs.bits_per_symbol
        symbols = layout.num_data_symbols
        if good[-1] + 1 < len(blocks):
            symbols = -(-(good[-1] + 1) * layout.coded_bits_per_block // bits_per_symbol)
        return waveform.preamble_length + (layout.num_header_symbols + symbols - 1) * waveform.symbol_length

    def _finish(self, useful: float, burst: Burst | None = None) -> tuple[bool, Burst | None]:
        self._budgets.close(useful)
        return True, burst

    def _count(self, burst: Burst) -> None:
        self.counts["bursts"] += 1
        self.counts["good"] += any(block.crc_ok for block in burst.blocks)
        self.counts["inverted"] += burst.spectrum_inverted
        self.counts["out_of_range"] += not burst.cfo_in_range

    def _in_range(self, candidate: _Candidate) -> bool:
        if self._cfo_range is None:
            return True
        if candidate.sync.spectrum_inverted:
            return True
        return (
            candidate.sync.in_range
            and self._cfo_range[0] <= candidate.sync.cfo * self.waveform.fft_size <= self._cfo_range[1]
        )

    def _give_up(self, candidate: _Candidate) -> tuple[bool, Burst | None]:
        """Report a burst whose signal field failed, unless it was a sidelobe of the preamble that follows."""
        reach = candidate.detection.start_sample + self.waveform.preamble_length
        if self._detector.settled_until < reach:
            return False, None
        sidelobe = any(
            other.detection.start_sample < reach and other.detection.statistic > candidate.detection.statistic
            for other in islice(self._waiting, 1, 4)
        )
        burst = None if sidelobe else failed_burst(self.waveform, candidate.sync.start_sample, candidate.header)
        return self._finish(useful=0, burst=burst)
