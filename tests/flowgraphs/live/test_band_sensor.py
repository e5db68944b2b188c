"""Listening before talking: what counts as a signal, and that a stream's power is read."""

import numpy as np
import pytest
from gnuradio import blocks, gr

from semcom.flowgraphs.live.band_sensor import FLOOR_WINDOW_S, BandSensor, NoiseFloor
from semcom.flowgraphs.loopback.watchdog import run_to_end


def test_six_decibels_above_the_quietest_are_a_signal():
    floor = NoiseFloor()
    assert not floor.is_busy(1e-3, 0.0)
    assert not floor.is_busy(3.9e-3, 0.1) and floor.is_busy(4.1e-3, 0.2)
    assert not floor.is_busy(1e-3, 0.3)


def test_a_carrier_that_never_ends_is_the_floor_after_a_while():
    floor = NoiseFloor()
    floor.is_busy(1e-3, 0.0)
    times = np.arange(0.1, 2 * FLOOR_WINDOW_S, 0.1)
    busy = [floor.is_busy(1.0, float(now_s)) for now_s in times]
    assert all(busy[: int(FLOOR_WINDOW_S / 0.1) - 12]) and not busy[-1]


def test_without_any_noise_silence_is_no_signal():
    floor = NoiseFloor()
    assert not floor.is_busy(0.0, 0.0) and not floor.is_busy(1e-12, 0.1) and floor.is_busy(1e-6, 0.2)


@pytest.mark.parametrize(("tail", "busy"), [(0.01, False), (1.0, True)])
def test_the_power_of_a_stream_is_read(tail: float, busy: bool):
    samples = np.concatenate([np.full(20_000, 0.01, np.complex64), np.full(20_000, tail, np.complex64)])
    for length, expected in ((20_000, False), (40_000, busy)):
        top_block, sensor = gr.top_block(), BandSensor(1e6, clock=lambda: 0.0)
        source = blocks.vector_source_c(samples[:length].tolist())
        sensor.connect(top_block, source)
        if length == 40_000:
            sensor._floor.is_busy(1e-4, 0.0)
        run_to_end(top_block, 30.0)
        assert sensor.is_busy is expected
