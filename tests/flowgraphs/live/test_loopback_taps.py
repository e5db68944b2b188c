"""Physics of the taps: a tone stands where it was put, and the receiver hears it."""

import numpy as np
import pytest
from gnuradio import analog, blocks, gr

from semcom.flowgraphs.live.loopback_taps import LoopbackTaps
from semcom.flowgraphs.live.spectrum_probe import BINS
from semcom.flowgraphs.loopback.watchdog import run_to_end

RATE_HZ = 1e6
NUM_SAMPLES = 400_000


def run_with_taps(tone: tuple[float | None, float] | None = None):
    """(spectrum in dB, samples behind the taps) of white noise."""
    top_block = gr.top_block()
    noise = analog.noise_source_c(analog.GR_GAUSSIAN, 1.0, 1)
    limit, sink = blocks.head(gr.sizeof_gr_complex, NUM_SAMPLES), blocks.vector_sink_c()
    top_block.connect(noise, limit, sink)
    taps = LoopbackTaps(top_block, limit, sink, RATE_HZ)
    if tone is not None:
        taps.set_interference(*tone)
    run_to_end(top_block, 60.0)
    return taps.spectrum.density_db(), np.array(sink.data(), np.complex64)


@pytest.mark.parametrize("freq_hz", [-250e3, 125e3])
def test_a_tone_stands_where_it_was_put_with_the_power_it_was_given(freq_hz):
    spectrum, samples = run_with_taps((10.0, freq_hz))
    assert np.argmax(spectrum) == BINS // 2 + round(freq_hz / RATE_HZ * BINS)
    assert np.mean(np.abs(samples) ** 2) == pytest.approx(11, rel=0.02)  # 10 dB over the noise, and the noise


def test_no_interference_adds_nothing():
    _, without = run_with_taps()
    _, none = run_with_taps((None, 1e5))
    np.testing.assert_array_equal(none, without)


def test_what_is_recorded_is_what_the_receiver_hears(tmp_path):
    """The tone too."""
    top_block = gr.top_block()
    noise, limit = analog.noise_source_c(analog.GR_GAUSSIAN, 1.0, 1), blocks.head(gr.sizeof_gr_complex, NUM_SAMPLES)
    sink = blocks.vector_sink_c()
    top_block.connect(noise, limit, sink)
    taps = LoopbackTaps(top_block, limit, sink, RATE_HZ)
    taps.set_interference(10.0, 125e3)
    taps.samples.record(tmp_path / "samples")
    run_to_end(top_block, 60.0)
    taps.samples.stop_recording()
    np.testing.assert_array_equal(np.fromfile(tmp_path / "samples", np.complex64), np.array(sink.data(), np.complex64))
