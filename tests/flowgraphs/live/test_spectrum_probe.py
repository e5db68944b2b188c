"""Physics of the probe: white noise of variance 1 is 0 dB at any rate, also where most samples are left out."""

import numpy as np
import pytest
from gnuradio import analog, blocks, gr

from semcom.flowgraphs.live.spectrum_probe import BINS, SpectrumProbe
from semcom.flowgraphs.loopback.watchdog import run_to_end

RATE_HZ = 1e6
NUM_SAMPLES = 400_000


@pytest.mark.parametrize("vectors_per_s", [np.inf, 500.0])
def test_white_noise_is_flat_and_unit_variance_is_0_db(vectors_per_s):
    top_block = gr.top_block()
    noise = analog.noise_source_c(analog.GR_GAUSSIAN, 1.0, 1)
    limit, sink = blocks.head(gr.sizeof_gr_complex, NUM_SAMPLES), blocks.null_sink(gr.sizeof_gr_complex)
    top_block.connect(noise, limit, sink)
    probe = SpectrumProbe(top_block, limit, RATE_HZ, vectors_per_s)
    assert probe.num_vectors == 0 and probe.density_db().tolist() == [-100.0] * BINS
    run_to_end(top_block, 60.0)
    density_db = probe.density_db()
    assert density_db.shape == (BINS,) and np.abs(density_db).max() < 4
    assert 10 * np.log10(np.mean(10 ** (density_db / 10))) == pytest.approx(0, abs=0.3)
    # 256 samples a vector: 1562 in all, and of 7 the last one
    assert probe.num_vectors == (NUM_SAMPLES // BINS if vectors_per_s == np.inf else NUM_SAMPLES // BINS // 7)
    spectrum = probe.spectrum()
    assert spectrum.sample_rate_hz == RATE_HZ
    np.testing.assert_allclose(spectrum.levels_db, density_db, atol=0.5)
