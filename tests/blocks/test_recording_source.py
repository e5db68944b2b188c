"""Recordings played into a flowgraph."""

import json
from fractions import Fraction

import numpy as np
import pmt
import pytest
from gnuradio import blocks as gr_blocks
from gnuradio import gr

from semcom.blocks import recording_source
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.phy.errors import RecordingError
from semcom.phy.recording.writer import RecordingWriter
from semcom.phy.recording.written_metadata import About

EPOCH_S = 1_760_000_000


def play(source):
    """Samples and tags of a source, played to its end."""
    top_block, sink = gr.top_block(), gr_blocks.vector_sink_c()
    top_block.connect(source, sink)
    run_to_end(top_block, 60.0)
    tags = [(tag.offset, str(tag.key), pmt.to_python(tag.value)) for tag in sink.tags()]
    return np.array(sink.data(), np.complex64), sorted(tags)


@pytest.fixture
def numbers():
    return np.arange(1, 200_001).astype(np.complex64)


@pytest.fixture
def written(numbers, tmp_path):
    """A recording with an overflow and a change of frequency."""
    writer = RecordingWriter(tmp_path / "it", About(1e6, 100e6))
    writer.set_time(Fraction(EPOCH_S), Fraction(EPOCH_S))
    writer.write(numbers[:70_000])
    later_s = Fraction(EPOCH_S) + Fraction(75, 1000)
    writer.begin_capture(later_s, later_s)
    writer.write(numbers[70_000:150_000])
    writer.begin_capture(center_freq_hz=101e6)
    writer.write(numbers[150_000:])
    writer.close()
    return tmp_path / "it"


def test_a_recording_is_played_with_the_times_and_frequencies_of_its_captures(written, numbers):
    source = recording_source(written)
    for _ in range(2):  # a flowgraph may run again
        samples, tags = play(source)
        assert np.array_equal(samples, numbers)
        assert [tag[:2] for tag in tags] == [
            *[(at, key) for at in (0, 70_000, 150_000) for key in ("rx_freq", "rx_time")],
        ]
        whole, fraction = tags[3][2]
        assert whole == EPOCH_S and fraction == pytest.approx(0.075, abs=1e-8)
        assert [value for _, key, value in tags if key == "rx_freq"] == [100e6, 100e6, 101e6]
        source = recording_source(written)


def test_captures_that_follow_on_are_one_stream(written, numbers):
    meta = json.loads(written.with_suffix(".sigmf-meta").read_text())
    meta["captures"] = [{"core:sample_start": at} for at in (50, 70, 5000)]
    written.with_suffix(".sigmf-meta").write_text(json.dumps(meta))
    source = recording_source(str(written))
    samples, tags = play(source)
    assert source.first_sample == 50 and np.array_equal(samples, numbers[50:])
    assert [(tag[0], tag[1], tag[2][0]) for tag in tags] == [(0, "rx_time", 0)]  # from its own start: no time is known


def test_rate_and_offset_are_told_and_missing_files_refused(tmp_path):
    n = np.arange(1000)
    (tmp_path / "a.cf32").write_bytes(np.exp(2j * np.pi * 0.2 * n).astype(np.complex64).tobytes())
    source = recording_source(tmp_path / "a.cf32", 2e6, center_offset_hz=400e3)
    assert source.sample_rate_hz == 2e6 and np.allclose(play(source)[0], 1, atol=1e-4)
    with pytest.raises(RecordingError, match="cannot be read: No such file"):
        recording_source(tmp_path / "b")
    assert len(play(recording_source())[0]) == 0
