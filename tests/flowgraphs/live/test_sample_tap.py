"""What is written is what passes, from one moment to another."""

import numpy as np
import pytest
from gnuradio import analog, blocks, gr

from semcom.flowgraphs.live.sample_tap import SampleTap
from semcom.flowgraphs.loopback.watchdog import run_to_end

NUM_SAMPLES = 100_000


def test_samples_are_written_until_it_is_stopped(tmp_path):
    top_block = gr.top_block()
    noise, limit = analog.noise_source_c(analog.GR_GAUSSIAN, 1.0, 1), blocks.head(gr.sizeof_gr_complex, NUM_SAMPLES)
    sink = blocks.vector_sink_c()
    top_block.connect(noise, limit, sink)
    tap = SampleTap(top_block, limit)
    with pytest.raises(OSError, match="cannot be opened"):
        tap.record(tmp_path / "none" / "samples")
    assert tap.recording == ""
    tap.record(tmp_path / "samples")
    assert tap.recording == str(tmp_path / "samples")
    run_to_end(top_block, 60.0)
    tap.stop_recording()
    assert tap.recording == ""
    np.testing.assert_array_equal(np.fromfile(tmp_path / "samples", np.complex64), np.array(sink.data(), np.complex64))
