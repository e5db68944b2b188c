"""Samples at the pace of a radio into a burst receiver: how long until a frame's message arrives."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from gnuradio import gr

from semcom.blocks import burst_receiver
from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import read_pdu
from semcom.flowgraphs.loopback.watchdog import run_to_end

_STEP_S = 0.001
_END_OF_STREAM = -1


class paced_source(gr.sync_block):  # noqa: N801 (GNU Radio names its blocks so)
    """Hands out samples when their time has come, a millisecond at a time, and notes when it did."""

    def __init__(self, samples: np.ndarray, ends: Sequence[int], rate_hz: float):
        gr.sync_block.__init__(self, name="paced source", in_sig=None, out_sig=[np.complex64])
        self._samples, self._ends, self._rate_hz = samples, ends, rate_hz
        self._position, self._began = 0, 0.0
        self.handed_out: dict[int, float] = {}

    def work(self, input_items: list, output_items: list) -> int:
        if self._position >= len(self._samples):
            return _END_OF_STREAM
        self._began = self._began or time.perf_counter()
        step = int(self._rate_hz * _STEP_S)
        count = min(len(output_items[0]), step, len(self._samples) - self._position)
        stop = self._position + count
        time.sleep(max(0.0, self._began + stop / self._rate_hz - time.perf_counter()))
        output_items[0][:count] = self._samples[self._position : stop]
        now = time.perf_counter()
        self.handed_out |= {end: now for end in self._ends if self._position < end <= stop}
        self._position = stop
        return count


class stopwatch(MessageBlock):  # noqa: N801
    """Notes where each good frame began and when it arrived."""

    def __init__(self):
        MessageBlock.__init__(self, "stopwatch", "in")
        self.arrived: list[tuple[int, float]] = []

    def handle(self, message: Any) -> None:
        now = time.perf_counter()
        meta, _ = read_pdu(message)
        if meta["crc_ok"]:
            self.arrived.append((meta["start_sample"], now))


def run_paced(waveform: str, samples: np.ndarray, ends: Sequence[int], rate_hz: float) -> np.ndarray:
    """Seconds from the last sample of each burst handed out until its frame's message, float64 [bursts received].

    Parameters
    ----------
    waveform : str
    samples : complex64 [n]
        Bursts of one frame each.
    ends : sequence of int
        Position after each burst.
    rate_hz : float
    """
    top_block = gr.top_block()
    source, receiver, watch = paced_source(samples, ends, rate_hz), burst_receiver(waveform), stopwatch()
    top_block.connect(source, receiver)
    top_block.msg_connect(receiver, "frames", watch, "in")
    run_to_end(top_block, 60.0 + 4 * len(samples) / rate_hz)
    ordered = np.array(sorted(ends))
    ends_of = [int(ordered[np.searchsorted(ordered, start)]) for start, _ in watch.arrived]
    return np.array([now - source.handed_out[end] for end, (_, now) in zip(ends_of, watch.arrived, strict=True)])
