"""Two stations in one process: each hears the other, on two frequencies or on one."""

import select
import time

import pytest

from semcom.flowgraphs.live.air import ON_AIR, Settled
from semcom.flowgraphs.live.two_way import TwoWayLoopback
from semcom.flowgraphs.loopback.result import ReceivedFrame
from semcom.phy.errors import ConfigurationError
from semcom.sdr_configs.radio import load_radio

pytestmark = pytest.mark.timeout(300)
LIMIT_S = 150.0


@pytest.mark.parametrize("one_frequency", [False, True])
def test_each_hears_the_other_and_every_frame_is_settled(one_frequency: bool, rng):
    whole = TwoWayLoopback(load_radio("loopback-awgn"), (11, 22), one_frequency)
    sent = [[rng.bytes(120) for _ in range(5)] for _ in whole.ends]
    settled: list[list] = [[], []]
    heard: list[list[tuple[int, bytes]]] = [[], []]
    busy = False
    try:
        for speaker, end in enumerate(whole.ends):  # in turn: on one frequency they would collide
            for number, frame in enumerate(sent[speaker]):
                end.send(number, frame, "qpsk-1/2")
            deadline = time.monotonic() + LIMIT_S
            while len(settled[speaker]) < 5 or len(heard[1 - speaker]) < 5:
                assert time.monotonic() < deadline, (settled, heard)
                select.select([each.waits_on()[0] for each in whole.ends], [], [], 0.005)
                busy = busy or end.band_is_busy
                for number, each in enumerate(whole.ends):
                    for event in each.events():
                        if isinstance(event, Settled):
                            settled[number] += event.outcomes
                        elif isinstance(event, ReceivedFrame) and event.source == whole.ends[1 - number].source:
                            heard[number].append((event.source, event.data))
    finally:
        whole.close()
    for number, end in enumerate(whole.ends):
        assert settled[number] == [(each, ON_AIR) for each in range(5)]
        assert heard[1 - number] == [(end.source, frame) for frame in sent[number]]
    assert busy or not one_frequency


def test_a_frame_that_fits_no_burst_is_refused():
    whole = TwoWayLoopback(load_radio("loopback-clean"), (1, 2))
    try:
        with pytest.raises(ConfigurationError):
            whole.ends[0].send(1, b"x", "no such mode")
    finally:
        whole.close()
