"""Complex baseband in, frames and statistics out."""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pmt
from gnuradio import gr

from semcom.blocks.burst_time import TimeAnchor
from semcom.blocks.live.live_settings import obey_command, real_number, setting
from semcom.blocks.live.message_outlet import MessageOutlet
from semcom.blocks.live.stream_marks import Mark, StreamMarks
from semcom.blocks.pdu import make_pdu
from semcom.phy import analog
from semcom.phy.any_rate_receiver import AnyRateReceiver
from semcom.phy.burst import Burst, ReceivedBlock
from semcom.phy.coding.soft_buffers import SoftBuffers
from semcom.phy.errors import ConfigurationError
from semcom.phy.waveform import Waveform

MAX_SYMBOLS_SHOWN = 1024
"""Constellation points in a statistics message: enough to look at."""

BATCH_SAMPLES = 1 << 17
"""Chunks that wait are received together up to this many samples of the waveform: few long ones cost less than many
short ones."""

END_OF_STREAM = object()


log = logging.getLogger("semcom.blocks")


class burst_receiver(gr.sync_block):  # noqa: N801 (GNU Radio names its blocks so)
    """Finds bursts in the stream and demodulates them.

    ``work`` only copies samples; a thread of its own receives. The queue between them is bounded: when it is full the
    stream waits. When the stream ends or the flowgraph stops, everything queued is received first; then whoever listens
    learns of the end, see `message_outlet`.

    Parameters
    ----------
    waveform : str or path
        A name in sdr_configs/waveforms/ or a YAML file.
    sample_rate_hz : float
        Of the stream: any that holds the waveform's band; 0 = the waveform's nominal rate.
    max_cfo_subcarriers : float
        Carrier offset searched on either side; 0 = the waveform's own range.
    max_queued_chunks : int
        Chunks of samples that may wait, each as long as the scheduler's buffer.
    num_workers : int
        Processes that decode bursts beside this one, on other cores, for the most throughput; a burst may come later
        then. 0: bursts come as soon as they can.

    Ports
    -----
    in : stream in
        complex64. Where a tag `rx_time` (UHD) says that samples are missing, or `rx_freq` another frequency, the
        receiver gives out what it has and starts anew; `counts["gaps"]` counts it. Positions go on counting samples
        of the stream.
    command : in
        A dictionary, or a pair of name and value: max_cfo_subcarriers.
    frames : out
        PDUs: one link frame each, good ones only; metadata crc_ok (true), snr_db, cfo_hz, evm_db, mcs, burst (counted
        from 0), block, start_sample, and source, process, redundancy_version, new_data, num_transmissions (combined).
        Of soft text also llr: LLRs of the bits at the frame's end, a u8vector with one signed byte each, in steps of
        1/8, positive for zero; the frame's last len(llr) / 8 bytes are decided by them, crc_ok speaks of the others. Of
        complex symbols, the frame's last 4 len(llr) bytes, it holds the noise variance of each (`phy.analog`).
    failed : out
        PDUs without data: a frame whose CRC failed; the same metadata, crc_ok false.
    statistics : out
        PDUs: constellation of a burst, complex64; metadata burst, start_sample, channel_uses, header_ok, mcs, snr_db,
        cfo_hz, evm_db, clock_offset_ppm, num_clipped, num_blocks, num_blocks_ok, channel (complex64, the response on
        each used carrier), note (why nothing of it can be received, and what to do; mostly empty).
    both : metadata
        start_sample counts samples of the stream that enters, sample_rate_hz says how many make a second; the time of
        that sample is rx_time_full_s + rx_time_frac_s (where tags say it) and utc, see `burst_time`; center_freq_hz
        (where a tag says it).
    """

    def __init__(
        self,
        waveform: str | Path = "ofdm64",
        sample_rate_hz: float = 0.0,
        max_cfo_subcarriers: float = 0.0,
        max_queued_chunks: int = 16,
        num_workers: int = 0,
    ):
        gr.sync_block.__init__(self, name="semcom burst receiver", in_sig=[np.complex64], out_sig=None)
        if max_queued_chunks < 1:
            raise ConfigurationError(f"max_queued_chunks must be 1 or more, got {max_queued_chunks}")
        self.waveform = waveform if isinstance(waveform, Waveform) else Waveform.load(waveform)
        self.counts: Counter[str] = Counter()
        self.sample_rate_hz = sample_rate_hz or self.waveform.nominal_rate_hz
        self._num_workers = num_workers
        self._receiver = self._make_receiver(max_cfo_subcarriers)
        self._soft_buffers: SoftBuffers | None = None
        self._next_receiver: AnyRateReceiver | None = None
        self._batch_samples = max(BATCH_SAMPLES, round(BATCH_SAMPLES * sample_rate_hz / self.waveform.nominal_rate_hz))
        self.own_source: int | None = None
        self._marks = StreamMarks(self.sample_rate_hz)
        self._start = 0  # stream position at which the receiver counts from zero
        self._anchor: TimeAnchor | None = None  # these two of the samples that the receiver has
        self._center_freq_hz: float | None = None
        self._outlet = MessageOutlet(self, ("frames", "failed", "statistics"))
        self.message_port_register_in(pmt.intern("command"))
        self.set_msg_handler(pmt.intern("command"), self.on_command)
        self._waiting: queue.Queue[Any] = queue.Queue(max_queued_chunks)
        self._worker: threading.Thread | None = None

    def ignore_source(self, source: int) -> None:
        """Bursts of this source are our own, heard back: they are counted and not given out."""
        self.own_source = source

    @property
    def is_behind(self) -> bool:
        """Whether as many chunks wait as may: the stream stands still because of us, not of the radio."""
        return self._waiting.full()

    def keep_soft_values_in(self, soft_buffers: SoftBuffers) -> None:
        """Combine repeats with what an earlier flowgraph's receiver kept. Before the flowgraph starts."""
        self._soft_buffers = soft_buffers
        self._receiver.keep_soft_values_in(soft_buffers)

    @setting
    def set_max_cfo_subcarriers(self, max_cfo_subcarriers: float) -> None:
        """Carrier offset searched from the next samples on, 0: the waveform's own; one that cannot be is logged and
        changes nothing. What is on its way is received first; soft values for repeats start anew."""
        self._next_receiver = self._make_receiver(max_cfo_subcarriers)

    def _make_receiver(self, max_cfo_subcarriers: float) -> AnyRateReceiver:
        reach = real_number("max_cfo_subcarriers", max_cfo_subcarriers) or None
        return AnyRateReceiver(self.waveform, self.sample_rate_hz, reach, self._num_workers)

    def close(self) -> None:
        """End the worker processes, once the flowgraph will not run again; else they end with the program."""
        self._receiver.close()

    def on_command(self, message: Any) -> None:
        """Handler of ``command``."""
        obey_command(self, {"max_cfo_subcarriers": self.set_max_cfo_subcarriers}, message)

    def start(self) -> bool:
        self._marks.reset()
        self._anchor = self._center_freq_hz = None
        self._start = 0
        self._outlet.open()
        self._worker = threading.Thread(target=self._receive, name="semcom burst receiver", daemon=True)
        self._worker.start()
        return True

    def stop(self) -> bool:
        """Receive what is queued, then end the thread."""
        if self._worker is not None:
            self._waiting.put(END_OF_STREAM)
            self._worker.join()
            self._worker = None
            detail = self.gateway.detail()
            if detail is not None and detail.done():  # not where the flowgraph was stopped from outside
                self._outlet.done()
        return True

    def work(self, input_items: list, output_items: list) -> int:
        samples, first = input_items[0].copy(), self.nitems_read(0)
        begin = 0
        for mark in self._marks.of(first, len(samples), self.get_tags_in_range(0, first, first + len(samples))):
            end = mark.position - first
            if end > begin:
                self._waiting.put(samples[begin:end])
            self._waiting.put(mark)
            begin = end
        if begin < len(samples):
            self._waiting.put(samples[begin:])
        return len(samples)

    def _receive(self) -> None:
        """The thread: receives until the stream has ended, then says so."""
        going_on, position = True, 0
        while going_on:
            chunks, then = self._take_waiting()
            self._change_receiver(position)
            if chunks:
                samples = np.concatenate(chunks)
                position += len(samples)
                if not self._guarded(self._receiver.push, samples):
                    self._start = position
            if isinstance(then, Mark):
                self._heed(then)
            going_on = then is not END_OF_STREAM
        self._guarded(self._receiver.flush)
        self._outlet.end()

    def _change_receiver(self, position: int) -> None:
        """Go on with another receiver where one has been asked for."""
        receiver, self._next_receiver = self._next_receiver, None
        if receiver is not None:
            self._guarded(self._receiver.flush)
            self._receiver.close()
            if self._soft_buffers is not None:
                receiver.keep_soft_values_in(self._soft_buffers)
            self._receiver, self._start = receiver, position

    def _heed(self, mark: Mark) -> None:
        if mark.anew and mark.position > self._start:  # two tags of one sample are one gap
            self._guarded(self._receiver.flush)
            self._start = mark.position
            self.counts["gaps"] += 1
        self._anchor = mark.anchor or self._anchor
        if mark.center_freq_hz is not None:
            self._center_freq_hz = mark.center_freq_hz

    def _take_waiting(self) -> tuple[list[np.ndarray], Any]:
        """Chunks of samples that wait, and what came after them: a mark, the end, or nothing yet."""
        chunks: list[np.ndarray] = []
        while not chunks or (sum(map(len, chunks)) < self._batch_samples and not self._waiting.empty()):
            item = self._waiting.get()
            if not isinstance(item, np.ndarray):
                return chunks, item
            chunks.append(item)
        return chunks, None

    def _guarded(self, receive: Callable[..., Any], *samples: np.ndarray) -> bool:
        """Publish what was received. A failure costs the bursts of this chunk, never the thread: False, and the
        receiver counts from zero again."""
        try:
            for burst in receive(*samples):
                self._publish(replace(burst, start_sample=burst.start_sample + self._start))
        except Exception:
            self.counts["failed_chunks"] += 1
            log.exception("%s: chunk of samples lost", self.name())
            self._receiver.reset()
            return False
        return True

    def _publish(self, burst: Burst) -> None:
        if burst.blocks and burst.blocks[0].source == self.own_source:
            self.counts["own_bursts"] += 1
            return
        number = self.counts["bursts"]
        quality = {"snr_db": float(burst.snr_db), "cfo_hz": float(burst.cfo_hz), "evm_db": float(burst.evm_db)}
        about = {"burst": number, "start_sample": int(burst.start_sample), "mcs": burst.mcs.name if burst.mcs else None}
        about |= {"sample_rate_hz": self.sample_rate_hz, "center_freq_hz": self._center_freq_hz}
        about |= self._anchor.time_of(burst.start_sample, self.sample_rate_hz) if self._anchor else {}
        self.counts["bursts"] += 1
        self.counts["failed_headers"] += not burst.header_ok
        self.counts["inverted_spectra"] += burst.spectrum_inverted
        for index, block in enumerate(burst.blocks):
            crc_ok = block.payload is not None
            self.counts["frames" if crc_ok else "failed_frames"] += 1
            meta = {"crc_ok": crc_ok, **quality, **about, "block": index, "source": block.source}
            meta |= {"process": block.process, "redundancy_version": block.redundancy_version}
            meta |= {"new_data": block.new_data, "num_transmissions": block.num_transmissions}
            meta |= {"llr": _soft_values(block)}
            self._outlet.publish("frames" if crc_ok else "failed", make_pdu(meta, block.payload or b""))
        num_ok = sum(block.payload is not None for block in burst.blocks)
        meta = {**about, **quality, "header_ok": bool(burst.header_ok), "num_blocks": len(burst.blocks)}
        symbols = np.asarray(burst.constellation, np.complex64).ravel()[:MAX_SYMBOLS_SHOWN]
        meta |= {"num_blocks_ok": num_ok, "clock_offset_ppm": burst.clock_offset_ppm, "num_clipped": burst.num_clipped}
        meta |= {"note": burst.note}
        meta |= {"channel_uses": burst.num_samples, "channel": np.asarray(burst.channel, np.complex64)}
        self._outlet.publish("statistics", make_pdu(meta, symbols))


def _soft_values(block: ReceivedBlock) -> bytes | None:
    """What is known of the end of a block that is not coded: LLRs of bits, noise variance of symbols."""
    if block.noise_var is not None:
        return analog.noise_to_bytes(block.noise_var)
    return None if block.llr is None else block.llr.tobytes()
