"""A modulator at the pace of a radio: never ahead of the clock, zeros between bursts, every burst whole."""

import time

import numpy as np
import pytest
from gnuradio import blocks, gr

from semcom.blocks.pdu import END, make_pdu
from semcom.flowgraphs.live.paced_modulator import paced_modulator
from semcom.flowgraphs.loopback.frame_feed import post, post_frame
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.phy.receiver import Receiver
from semcom.phy.waveform import Waveform

pytestmark = pytest.mark.timeout(300)


def test_bursts_lie_in_zeros_and_the_stream_is_not_ahead_of_the_clock(rng):
    modulator, sink = paced_modulator("ofdm64", tail_samples=4000), blocks.vector_sink_c()
    modulator.set_log_level("warn")
    top_block = gr.top_block()
    top_block.connect(modulator, sink)
    frames, posted, began_s = [rng.bytes(60) for _ in range(3)], 0, time.monotonic()
    ahead_s = []

    def meanwhile() -> None:
        nonlocal posted
        ahead_s.append(modulator.nitems_written(0) / 1e6 - (time.monotonic() - began_s))
        if posted < 3 and modulator.nitems_written(0) > 50_000 * (posted + 1):
            post_frame(modulator, frames[posted], "qpsk-1/2")
            posted += 1
        elif posted == 3:
            posted += 1
            post(modulator, make_pdu({}, b""))  # refused: an empty frame
            post(modulator, END)

    run_to_end(top_block, 60.0, meanwhile)
    assert max(ahead_s) <= 0.0
    samples = np.array(sink.data(), np.complex64)
    receiver = Receiver(Waveform.load("ofdm64"))
    bursts = [*receiver.push(samples), *receiver.flush()]
    assert [burst.blocks[0].payload for burst in bursts] == frames
    assert np.count_nonzero(samples) < 0.2 * len(samples) and len(samples) > 150_000
    assert modulator.counts["refused"] == 1
