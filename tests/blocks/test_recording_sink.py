"""Streams written into recordings."""

from fractions import Fraction

import numpy as np
import pmt
import pytest
from gnuradio import blocks as gr_blocks
from gnuradio import gr

from semcom.blocks.recording_sink import recording_sink
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.phy.recording.metadata import read_recording
from semcom.phy.recording.writer import RecordingWriter
from semcom.phy.recording.written_metadata import About

EPOCH_S = 1_760_000_000


def tag_of(position, key, value):
    tag = gr.tag_t()
    tag.offset, tag.key, tag.value = position, pmt.intern(key), value
    return tag


def stamp(seconds):
    return pmt.make_tuple(pmt.from_uint64(int(seconds)), pmt.from_double(float(seconds - int(seconds))))


@pytest.fixture
def numbers():
    return np.arange(1, 200_001).astype(np.complex64)


@pytest.fixture
def written(numbers, tmp_path):
    """A stream with an overflow and a change of frequency, written by the sink."""
    top_block, writer = gr.top_block(), RecordingWriter(tmp_path / "it", About(1e6, 100e6))
    later = Fraction(EPOCH_S) + Fraction(70_000 + 5000, 10**6)
    tags = [
        tag_of(0, "rx_time", stamp(Fraction(EPOCH_S))),
        tag_of(0, "rx_freq", pmt.from_double(100e6)),
        tag_of(1000, "rx_time", stamp(Fraction(EPOCH_S) + Fraction(1, 1000))),  # says nothing new
        tag_of(70_000, "rx_time", stamp(later)),
        tag_of(150_000, "rx_freq", pmt.from_double(101e6)),
        tag_of(150_000, "other", pmt.PMT_T),
    ]
    source, sink = gr_blocks.vector_source_c(numbers.tolist(), False, 1, tags), recording_sink(writer, 1e6)
    top_block.connect(source, sink)
    run_to_end(top_block, 60.0)
    writer.close()
    assert sink.tells_time
    return tmp_path / "it"


def test_an_overflow_begins_a_capture_and_so_does_another_frequency(written, numbers):
    recording = read_recording(written)
    assert recording.num_samples == len(numbers)
    assert [capture.start_sample for capture in recording.captures] == [0, 70_000, 150_000]
    assert [capture.center_freq_hz for capture in recording.captures] == [100e6, 100e6, 101e6]
    assert [capture.stream_sample for capture in recording.captures][:2] == [0, 75_000]
    assert recording.captures[0].time_s == EPOCH_S
    assert abs(recording.captures[1].time_s - EPOCH_S - Fraction(75, 1000)) < Fraction(1, 10**8)


def test_a_clock_that_counts_from_its_own_start_tells_gaps_but_no_time_of_day(numbers, tmp_path):
    top_block, writer = gr.top_block(), RecordingWriter(tmp_path / "it", About(1e6))
    tags = [tag_of(0, "rx_time", stamp(Fraction(7))), tag_of(500, "rx_time", stamp(Fraction(8)))]
    source, sink = gr_blocks.vector_source_c(numbers[:1000].tolist(), False, 1, tags), recording_sink(writer, 1e6)
    top_block.connect(source, sink)
    run_to_end(top_block, 60.0)
    writer.close()
    first, second = read_recording(tmp_path / "it").captures
    assert second.stream_sample == 1_000_000 and first.time_s > EPOCH_S  # the computer's clock
