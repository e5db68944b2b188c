"""A recording in, complex baseband out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pmt
from gnuradio import gr

from semcom.phy.recording.captures import Capture
from semcom.phy.recording.metadata import Recording, read_recording
from semcom.phy.recording.reader import RecordingReader

BUFFER_SAMPLES = 1 << 16
_LAST_TIME_S = 2**63


class recording_source(gr.sync_block):  # noqa: N801 (GNU Radio names its blocks so)
    """The samples of a SigMF recording, as fast as they are taken; ends with it.

    Parameters
    ----------
    recording : path or Recording
        Either file of it, an archive, the name before the ending; or samples alone, with rate and datatype. Empty:
        nothing comes out.
    sample_rate_hz : float
        Counts instead of the recorded one; 0 = as recorded.
    datatype : str
        The same: cf32_le, ci16_le, cu8, ...; empty = as recorded.
    center_offset_hz : float
        Where the signal lies, above the middle of the recorded band: it is shifted to zero.

    Attributes
    ----------
    sample_rate_hz : float
        Of what comes out.
    first_sample : int
        Number in the recording of the first sample that comes out.

    Ports
    -----
    out : stream out
        complex64, full scale 1. Each capture that does not follow on the one before begins with tags as UHD makes them:
        `rx_time`, in UTC where the recording says its time, else from its start; and `rx_freq` where it says one.
    """

    def __init__(
        self,
        recording: str | Path | Recording = "",
        sample_rate_hz: float = 0.0,
        datatype: str = "",
        center_offset_hz: float = 0.0,
    ):
        gr.sync_block.__init__(self, name="semcom recording source", in_sig=None, out_sig=[np.complex64])
        if not isinstance(recording, Recording):
            recording = read_recording(recording, False, sample_rate_hz, datatype) if str(recording) else None
        self.recording, self._center_offset_hz = recording, center_offset_hz
        self.sample_rate_hz = recording.sample_rate_hz if recording else sample_rate_hz
        self.first_sample = recording.captures[0].start_sample if recording else 0
        self._reader: RecordingReader | None = None
        self.set_log_level("warn")  # else it announces its buffer size on standard output
        self.set_min_output_buffer(BUFFER_SAMPLES)
        self._rx_time, self._rx_freq = pmt.intern("rx_time"), pmt.intern("rx_freq")

    def start(self) -> bool:
        if self.recording is not None:
            self._reader = RecordingReader(self.recording, self._center_offset_hz)
        return True

    def stop(self) -> bool:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        return True

    def work(self, input_items: list, output_items: list) -> int:
        if self._reader is None:
            return -1
        out = output_items[0]
        samples, begins = self._reader.read(len(out))
        if not len(samples):
            return -1  # the end
        if begins is not None and not begins.continues:
            self._tell(begins)
        out[: len(samples)] = samples
        return len(samples)

    def _tell(self, capture: Capture) -> None:
        position = self.nitems_written(0)
        seconds = capture.time_s
        if seconds is None:
            seconds = Fraction(capture.stream_sample) / Fraction(self.sample_rate_hz)
        if 0 <= seconds < _LAST_TIME_S:
            whole = int(seconds)
            stamp = pmt.make_tuple(pmt.from_uint64(whole), pmt.from_double(float(seconds - whole)))
            self.add_item_tag(0, position, self._rx_time, stamp)
        if capture.center_freq_hz is not None:
            self.add_item_tag(0, position, self._rx_freq, pmt.from_double(capture.center_freq_hz))
