"""Complex baseband in, frames and statistics out."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pmt
from gnuradio import gr

from semcom.blocks.orderly_end import promise_end
from semcom.blocks.pdu import END, make_pdu
from semcom.blocks.stream_clock import StreamClock
from semcom.phy.burst import Burst
from semcom.phy.coding.soft_buffers import SoftBuffers
from semcom.phy.errors import ConfigurationError
from semcom.phy.receiver import Receiver
from semcom.phy.waveform import Waveform

MAX_SYMBOLS_SHOWN = 1024
"""Constellation points in a statistics message: enough to look at."""

BATCH_SAMPLES = 1 << 17
"""Chunks that wait are received together up to this many samples: few long ones cost less than many short ones."""

END_OF_STREAM = object()


@dataclass(frozen=True)
class _Gap:
    """Samples are missing in front of this position of the stream."""

    position: int


log = logging.getLogger("semcom.blocks")


class burst_receiver(gr.sync_block):  # noqa: N801 (GNU Radio names its blocks so)
    """Finds bursts in the stream and demodulates them.

    ``work`` only copies samples; a thread of its own receives. The queue between them is bounded: when it is full the
    stream waits. When the stream ends or the flowgraph stops, everything queued is received first; then the end message
    goes out on both ports.

    Parameters
    ----------
    waveform : str or path
        A name in sdr_configs/waveforms/ or a YAML file.
    sample_rate_hz : float
        Of the stream: the waveform's nominal rate or twice it; 0 = the nominal rate.
    max_cfo_subcarriers : float
        Carrier offset searched on either side; 0 = the waveform's own range.
    max_queued_chunks : int
        Chunks of samples that may wait, each as long as the scheduler's buffer.

    Ports
    -----
    in : stream in
        complex64. Where a tag `rx_time` (UHD) says that samples are missing, the receiver gives out what it has and
        starts anew; `counts["gaps"]` counts them. Positions go on counting samples of the stream.
    frames : out
        PDUs: one link frame, empty where its CRC failed; metadata crc_ok, snr_db, cfo_hz, evm_db, mcs, burst (counted
        from 0), block, start_sample, and source, process, redundancy_version, new_data, num_transmissions (combined).
    statistics : out
        PDUs: constellation of a burst, complex64; metadata burst, start_sample, channel_uses, header_ok, mcs, snr_db,
        cfo_hz, evm_db, clock_offset_ppm, num_clipped, num_blocks, num_blocks_ok, channel (complex64, the response on
        each used carrier), note (why nothing of it can be received, and what to do; mostly empty).
    """

    def __init__(
        self,
        waveform: str | Path = "ofdm64",
        sample_rate_hz: float = 0.0,
        max_cfo_subcarriers: float = 0.0,
        max_queued_chunks: int = 16,
    ):
        gr.sync_block.__init__(self, name="semcom burst receiver", in_sig=[np.complex64], out_sig=None)
        if max_queued_chunks < 1:
            raise ConfigurationError(f"max_queued_chunks must be 1 or more, got {max_queued_chunks}")
        self.waveform = waveform if isinstance(waveform, Waveform) else Waveform.load(waveform)
        self.counts: Counter[str] = Counter()
        self._receiver = Receiver(
            self.waveform,
            sample_rate_hz=sample_rate_hz or self.waveform.nominal_rate_hz,
            max_cfo_subcarriers=max_cfo_subcarriers or None,
        )
        self.own_source: int | None = None
        self._clock = StreamClock(self._receiver.sample_rate_hz)
        self._start = 0  # stream position at which the receiver counts from zero
        self._frames, self._statistics = pmt.intern("frames"), pmt.intern("statistics")
        self._rx_time = pmt.intern("rx_time")
        self._ports = self._frames, self._statistics
        for port in self._ports:
            self.message_port_register_out(port)
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
        self._receiver.keep_soft_values_in(soft_buffers)

    def start(self) -> bool:
        self._clock.reset()
        self._start = 0
        promise_end(self, self._ports)
        self._worker = threading.Thread(target=self._receive, name="semcom burst receiver", daemon=True)
        self._worker.start()
        return True

    def stop(self) -> bool:
        """Receive what is queued, then end the thread."""
        if self._worker is not None:
            self._waiting.put(END_OF_STREAM)
            self._worker.join()
            self._worker = None
        return True

    def work(self, input_items: list, output_items: list) -> int:
        samples, begin = input_items[0].copy(), 0
        for gap in self._gaps(len(samples)):
            self._waiting.put(samples[begin:gap])
            self._waiting.put(_Gap(self.nitems_read(0) + gap))
            begin = gap
        self._waiting.put(samples[begin:])
        return len(samples)

    def _gaps(self, count: int) -> list[int]:
        """Where samples are missing in front of one of the next `count`, counted from the first of them."""
        first = self.nitems_read(0)
        tags = self.get_tags_in_range(0, first, first + count, self._rx_time)
        return [tag.offset - first for tag in tags if self._clock.jumps(tag.offset, tag.value)]

    def _receive(self) -> None:
        """The thread: receives until the stream has ended, then says so."""
        going_on, position = True, 0
        while going_on:
            chunks, then = self._take_waiting()
            if chunks:
                samples = np.concatenate(chunks)
                position += len(samples)
                if not self._guarded(self._receiver.push, samples):
                    self._start = position
            if isinstance(then, _Gap):
                self._guarded(self._receiver.flush)
                self._start = then.position
                self.counts["gaps"] += 1
            going_on = then is not END_OF_STREAM
        self._guarded(self._receiver.flush)
        for port in self._ports:
            with contextlib.suppress(RuntimeError):  # a listener that no longer exists must not keep it from the others
                self.message_port_pub(port, END)

    def _take_waiting(self) -> tuple[list[np.ndarray], Any]:
        """Chunks of samples that wait, and what came after them: a gap, the end, or nothing yet."""
        chunks: list[np.ndarray] = []
        while not chunks or (sum(map(len, chunks)) < BATCH_SAMPLES and not self._waiting.empty()):
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
        self.counts["bursts"] += 1
        self.counts["failed_headers"] += not burst.header_ok
        self.counts["inverted_spectra"] += burst.spectrum_inverted
        for index, block in enumerate(burst.blocks):
            crc_ok = block.payload is not None
            self.counts["frames" if crc_ok else "failed_frames"] += 1
            meta = {"crc_ok": crc_ok, **quality, **about, "block": index, "source": block.source}
            meta |= {"process": block.process, "redundancy_version": block.redundancy_version}
            meta |= {"new_data": block.new_data, "num_transmissions": block.num_transmissions}
            self.message_port_pub(self._frames, make_pdu(meta, block.payload or b""))
        num_ok = sum(block.payload is not None for block in burst.blocks)
        meta = {**about, **quality, "header_ok": bool(burst.header_ok), "num_blocks": len(burst.blocks)}
        symbols = np.asarray(burst.constellation, np.complex64).ravel()[:MAX_SYMBOLS_SHOWN]
        meta |= {"num_blocks_ok": num_ok, "clock_offset_ppm": burst.clock_offset_ppm, "num_clipped": burst.num_clipped}
        meta |= {"note": burst.note}
        meta |= {"channel_uses": burst.num_samples, "channel": np.asarray(burst.channel, np.complex64)}
        self.message_port_pub(self._statistics, make_pdu(meta, symbols))
