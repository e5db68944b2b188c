"""Physics of the fading: mean power, distribution and pace are those of Rayleigh fading; without it nothing changes."""

import numpy as np
import pytest
from gnuradio import analog, blocks, gr
from scipy.special import j0

from semcom.flowgraphs.live.loopback_fading import LoopbackFading
from semcom.flowgraphs.loopback.watchdog import run_to_end

RATE_HZ = 1e5


def gains(doppler_hz: float, num_samples: int, seed: int = 1) -> np.ndarray:
    """What becomes of a constant 1: complex64 [num_samples]."""
    top_block = gr.top_block()
    one = analog.sig_source_c(RATE_HZ, analog.GR_CONST_WAVE, 0, 1.0)
    limit, sink = blocks.head(gr.sizeof_gr_complex, num_samples), blocks.vector_sink_c()
    top_block.connect(one, limit, sink)
    fading = LoopbackFading(top_block, limit, sink, RATE_HZ, seed)
    fading.set_doppler(doppler_hz)
    run_to_end(top_block, 60.0)
    return np.array(sink.data(), np.complex64)


def test_without_doppler_every_sample_is_as_it_was() -> None:
    np.testing.assert_array_equal(gains(0.0, 20_000), np.ones(20_000, np.complex64))


def test_power_depth_and_pace_are_those_of_rayleigh_fading() -> None:
    doppler_hz = 200.0
    found = np.concatenate([gains(doppler_hz, 400_000, seed) for seed in (1, 2, 3)])
    power = np.abs(found) ** 2
    assert np.mean(power) == pytest.approx(1.0, abs=0.15)
    assert np.mean(power < 0.1) == pytest.approx(1 - np.exp(-0.1), abs=0.05)  # a tenth of the time 10 dB down
    lag = round(0.2 / doppler_hz * RATE_HZ)
    correlation = np.real(np.mean(found[:-lag] * np.conj(found[lag:]))) / np.mean(power)
    assert correlation == pytest.approx(j0(2 * np.pi * 0.2), abs=0.12)  # Clarke's autocorrelation
