"""Complex baseband in, a recording out."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pmt
from gnuradio import gr

from semcom.blocks.burst_time import FIRST_TIME_OF_DAY_S, LAST_TIME_OF_DAY_S
from semcom.blocks.stream_clock import StreamClock, read_time
from semcom.phy.recording.writer import RecordingWriter


class recording_sink(gr.sync_block):  # noqa: N801 (GNU Radio names its blocks so)
    """Writes a stream into a recording, with a new capture where samples are missing or the radio is tuned elsewhere.

    A disk that takes no more does not end the flowgraph: `writer.trouble` says so, and the rest is not kept.

    Parameters
    ----------
    writer : RecordingWriter
        Closed by whoever made it, after the flowgraph has stopped.
    sample_rate_hz : float

    Attributes
    ----------
    tells_time : bool
        Whether the radio tags times, so that gaps are known from them.

    Ports
    -----
    in : stream in
        complex64, with the tags `rx_time` and `rx_freq` of UHD, or without.
    """

    def __init__(self, writer: RecordingWriter, sample_rate_hz: float):
        gr.sync_block.__init__(self, name="semcom recording sink", in_sig=[np.complex64], out_sig=None)
        self.writer = writer
        self.tells_time = False
        self._clock = StreamClock(sample_rate_hz)
        self._tuned_to: float | None = None
        self._rx_time, self._rx_freq = pmt.intern("rx_time"), pmt.intern("rx_freq")

    def work(self, input_items: list, output_items: list) -> int:
        samples, first, begin = input_items[0], self.nitems_read(0), 0
        for tag in sorted(self.get_tags_in_range(0, first, first + len(samples)), key=lambda tag: tag.offset):
            if not (pmt.eqv(tag.key, self._rx_time) or pmt.eqv(tag.key, self._rx_freq)):
                continue
            if tag.offset - first > begin:
                self.writer.write(samples[begin : tag.offset - first])
                begin = tag.offset - first
            if pmt.eqv(tag.key, self._rx_time):
                self._take_time(tag)
            elif pmt.is_number(tag.value) and not pmt.is_complex(tag.value):
                self._take_frequency(float(pmt.to_python(tag.value)))
        self.writer.write(samples[begin:])
        return len(samples)

    def _take_time(self, tag: gr.tag_t) -> None:
        jumps, told = self._clock.jumps(tag.offset, tag.value), read_time(tag.value)
        seconds = None if told is None else told[0] + Fraction(told[1])
        of_day = seconds if seconds is not None and FIRST_TIME_OF_DAY_S <= seconds < LAST_TIME_OF_DAY_S else None
        if jumps:
            self.writer.begin_capture(of_day, seconds, self._tuned_to)
        elif seconds is not None and not self.tells_time:
            self.writer.set_time(of_day, seconds)
        self.tells_time = self.tells_time or seconds is not None

    def _take_frequency(self, freq_hz: float) -> None:
        before_hz, self._tuned_to = self._tuned_to, freq_hz
        if before_hz is not None and freq_hz != before_hz:
            self.writer.begin_capture(center_freq_hz=freq_hz)
