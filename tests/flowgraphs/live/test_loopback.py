"""A loopback that goes on: every frame is settled, in pauses and under load."""

import select
import time

import pytest

from semcom.flowgraphs.live.air import Settled
from semcom.flowgraphs.live.loopback import LiveLoopback
from semcom.flowgraphs.loopback.result import DELIVERED, ReceivedFrame
from semcom.phy.errors import ConfigurationError
from semcom.sdr_configs.radio import load_radio

LIMIT_S = 150.0


def run(air: LiveLoopback, frames: list[bytes], first: int = 1) -> tuple[dict[int, str], list[bytes]]:
    """Outcome of each number, and the frames that came."""
    for number, frame in enumerate(frames, start=first):
        air.send(number, frame, "qpsk-1/2")
    outcomes, came, deadline = {}, [], time.monotonic() + LIMIT_S
    while len(outcomes) < len(frames):
        assert time.monotonic() < deadline, outcomes
        select.select(air.waits_on(), [], [], 0.1)
        for event in air.events():
            if isinstance(event, Settled):
                outcomes.update(event.outcomes)
            elif isinstance(event, ReceivedFrame) and event.crc_ok:
                came.append(event.data)
    return outcomes, came


def test_frames_come_back_after_each_pause_and_in_order(rng):
    air = LiveLoopback(load_radio("loopback-awgn"))
    try:
        for first, count in ((1, 1), (2, 3), (100, 200)):
            frames = [rng.bytes(120) for _ in range(count)]
            outcomes, came = run(air, frames, first)
            assert outcomes == dict.fromkeys(range(first, first + count), DELIVERED)
            assert came == frames
        with pytest.raises(ConfigurationError):
            air.send(999, b"x", "no such mode")
    finally:
        air.close()


def test_what_is_lost_on_the_air_is_settled_too(rng):
    air = LiveLoopback(load_radio("loopback-awgn").with_channel(snr_db=-15.0))
    try:
        outcomes, came = run(air, [rng.bytes(120) for _ in range(20)])
        assert not came and len(outcomes) == 20 and DELIVERED not in outcomes.values()
    finally:
        air.close()


def test_frames_are_lost_while_the_channel_fades_and_all_come_when_it_stands_still_again(rng):
    """At 6 dB a fade of 6 dB, in which the channel is for a quarter of the time, is one too many."""
    air = LiveLoopback(load_radio("loopback-awgn").with_channel(snr_db=6.0), with_taps=True)
    try:
        shares = []
        for turn, doppler_hz in enumerate((0.0, 300.0, 0.0)):
            air.fading.set_doppler(doppler_hz)
            outcomes, came = run(air, [rng.bytes(120) for _ in range(200)], 1 + 200 * turn)
            assert len(came) == list(outcomes.values()).count(DELIVERED)
            shares.append(len(came) / 200)
        assert shares[0] == shares[2] == 1.0 and 0.2 < shares[1] < 0.99
    finally:
        air.close()
