"""A radio that goes on, with doubles: what crosses, what is ours, and a device that comes and goes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest

from semcom.flowgraphs.errors import RadioLostError, RadioNotFoundError
from semcom.flowgraphs.live.air import ON_AIR, Settled
from semcom.flowgraphs.live.radio import LiveRadio, LiveSettings
from semcom.flowgraphs.live.transmit import LOST_AFTER_S as TX_LOST_AFTER_S
from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame
from semcom.phy.errors import ConfigurationError
from semcom.sdr_configs.radio import parse_radio

pytestmark = pytest.mark.timeout(400)
LIMIT_S = 150.0


class Bench:
    """Live radios, asked by hand for what happened."""

    def __init__(self) -> None:
        self.radios: list[LiveRadio] = []
        self.received: dict[LiveRadio, list[ReceivedFrame]] = {}
        self.settled: dict[LiveRadio, list[tuple[int, str]]] = {}
        self.bursts: dict[LiveRadio, list[BurstStatistics]] = {}

    def open(self, radio, **settings) -> LiveRadio:
        live = LiveRadio(radio, LiveSettings(**settings))
        self.radios.append(live)
        self.received[live], self.settled[live], self.bursts[live] = [], [], []
        return live

    def look(self) -> None:
        for live in self.radios:
            for event in live.events():
                if isinstance(event, Settled):
                    self.settled[live] += event.outcomes
                elif isinstance(event, ReceivedFrame):
                    self.received[live].append(event)
                else:
                    self.bursts[live].append(event)

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < deadline, [(live.status(), len(self.received[live])) for live in self.radios]
            self.look()
            time.sleep(0.005)

    def look_for(self, silence_s: float) -> None:
        """What is tested is the length of a silence."""
        until_s = time.monotonic() + silence_s
        self.until(lambda: time.monotonic() >= until_s)

    def data(self, live: LiveRadio) -> list[bytes]:
        return [frame.data for frame in self.received[live] if frame.crc_ok]


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    for live in bench.radios:
        live.close()


def send(live: LiveRadio, frames: list[bytes], first: int = 1) -> list[tuple[int, str]]:
    """Send; how they are to be settled."""
    for number, frame in enumerate(frames, start=first):
        live.send(number, frame, "qpsk-1/2")
    return [(first + at, ON_AIR) for at in range(len(frames))]


def test_one_radio_hears_itself_over_a_cable(rng, bench, soapy_radio):
    live = bench.open(soapy_radio(), source=9, hears_itself=True)
    frames = [rng.bytes(200) for _ in range(40)]
    expected = send(live, frames)
    bench.until(lambda: len(bench.data(live)) == len(frames) and len(bench.settled[live]) == len(frames))
    assert bench.data(live) == frames and bench.settled[live] == expected
    assert {frame.source for frame in bench.received[live]} == {9}
    assert min(burst.snr_db for burst in bench.bursts[live]) > 30
    status = live.status()
    assert status["state"] == "running" and status["frames_waiting"] == 0 and not live.has_feedback_channel
    bench.until(lambda: live.status()["bursts_sent"] == len(bench.bursts[live]))


def test_own_bursts_are_not_given_out_and_those_of_others_are(rng, bench, soapy_radio, tmp_path):
    ours = bench.open(soapy_radio(), source=9)
    send(ours, [rng.bytes(200) for _ in range(5)])
    bench.until(lambda: len(bench.settled[ours]) == 5)  # before that, none of no bursts has come back
    bench.until(lambda: ours.status().get("own_bursts") == ours.status()["bursts_sent"] > 0)
    assert bench.received[ours] == [] and len(bench.settled[ours]) == 5


def test_one_transmits_and_another_receives(rng, bench, soapy_radio):
    far = bench.open(soapy_radio(), transmits=False)
    near = bench.open(soapy_radio(), receives=False, source=3)
    frames = [rng.bytes(size) for size in (30, 30, 400, 90, 1000)]
    expected = send(near, frames)
    bench.until(lambda: len(bench.data(far)) == len(frames) and len(bench.settled[near]) == len(frames))
    assert bench.data(far) == frames and bench.settled[near] == expected
    with pytest.raises(ConfigurationError, match="mcs"):
        near.send(9, b"x", "fast")


@pytest.mark.parametrize("settings", [{}, {"bursty": False}, {"sample_rate_hz": 1e6}], ids=str)
def test_a_usrp_that_falls_silent_between_bursts_is_not_lost(rng, bench, usrp_radio, settings):
    live = bench.open(usrp_radio(**settings), hears_itself=True)
    for first, silence_s in ((1, TX_LOST_AFTER_S + 1), (21, 0.0)):
        frames = [rng.bytes(100) for _ in range(20)]
        expected = send(live, frames, first)
        bench.until(lambda first=first: len(bench.data(live)) == first + 19 and len(bench.settled[live]) == first + 19)
        assert bench.data(live)[-20:] == frames and bench.settled[live][-20:] == expected
        bench.look_for(silence_s)
    assert live.status()["state"] == "running" and "times_lost" not in live.status()


def test_frames_cross_a_socket(rng, bench, tmp_path):
    radio = parse_radio({"driver": "zmq", "address": f"ipc://{tmp_path / 'air'}"})
    near = bench.open(radio, receives=False)
    frames = [rng.bytes(100) for _ in range(20)]
    expected = send(near, frames)
    far = bench.open(radio, transmits=False)
    bench.until(lambda: len(bench.data(far)) == len(frames) and len(bench.settled[near]) == len(frames))
    assert bench.data(far) == frames and bench.settled[near] == expected


def test_a_socket_that_nobody_reads_is_named_and_what_waits_goes_out_later(rng, bench, tmp_path, caplog):
    radio = parse_radio({"driver": "zmq", "address": f"ipc://{tmp_path / 'air'}"})
    near = bench.open(radio, receives=False)
    frames = [rng.bytes(1000) for _ in range(40)]
    send(near, frames)
    bench.until(lambda: near.status()["trouble"])
    assert near.status()["trouble"] == (
        f"it takes no samples for 5 s: a receiver must run at {radio.address}, start one with this radio"
    )
    far = bench.open(radio, transmits=False)
    bench.until(lambda: len(bench.data(far)) == len(frames) and len(bench.settled[near]) == len(frames))
    bench.until(lambda: near.status()["trouble"] == "")
    assert bench.data(far) == frames and caplog.text.count("it takes no samples") == 1


def test_a_recording_is_written_and_played_once(rng, bench, tmp_path):
    radio = parse_radio({"driver": "sigmf", "recording": str(tmp_path / "air")})
    near = bench.open(radio, receives=False)
    frames = [rng.bytes(100) for _ in range(20)]
    send(near, frames)
    bench.until(lambda: len(bench.settled[near]) == len(frames))
    near.close()
    bench.radios.remove(near)
    annotations = json.loads((tmp_path / "air.sigmf-meta").read_text())["annotations"]
    assert len(annotations) == near.status()["bursts_sent"]
    far = bench.open(radio, transmits=False)
    bench.until(lambda: far.status()["state"] == "ended")
    bench.look()
    assert bench.data(far) == frames and far.is_up


def test_a_transmitter_that_is_lost_sends_what_it_has_when_it_is_back(rng, bench, soapy_radio, tmp_path):
    unplugged = tmp_path / "unplugged"
    far = bench.open(soapy_radio(), transmits=False)
    near = bench.open(soapy_radio(device=f",unplugged={unplugged}"), receives=False)
    unplugged.touch()
    bench.until(lambda: near.status()["state"] == "lost")
    frames = [rng.bytes(200) for _ in range(20)]
    expected = send(near, frames)
    unplugged.unlink()
    bench.until(lambda: bench.settled[near] == expected and len(bench.data(far)) == len(frames))
    assert bench.data(far) == frames and near.status()["times_lost"] == 1 and far.status()["state"] == "running"


@pytest.mark.parametrize("library", ["pyadi-iio", "gr-iio"])
def test_a_pluto_that_hears_itself(rng, pluto_radio, bench, library):
    """`bench` stands last, so it closes the radio before its double ends: gr-iio aborts when the device goes first."""
    live = bench.open(pluto_radio(library=library, loopback="digital"), hears_itself=True)
    frames = [rng.bytes(200) for _ in range(40)]
    expected = send(live, frames)
    bench.until(lambda: len(bench.data(live)) == len(frames) and len(bench.settled[live]) == len(frames))
    assert bench.data(live) == frames and bench.settled[live] == expected


def test_a_pluto_that_is_lost_and_comes_back(rng, pluto_radio, iio_daemon, bench):
    live = bench.open(pluto_radio(library="pyadi-iio", loopback="digital"), hears_itself=True)
    first, second = ([rng.bytes(200) for _ in range(20)] for _ in range(2))
    expected = send(live, first)
    bench.until(lambda: bench.data(live) == first)
    iio_daemon.unplug()
    bench.until(lambda: live.status()["state"] == "lost")
    expected += send(live, second, first=21)
    iio_daemon.plug_in()
    bench.until(lambda: bench.data(live) == first + second and bench.settled[live] == expected)
    assert live.status()["times_lost"] == 1


def test_more_frames_than_may_wait_are_refused(rng, bench, soapy_radio, tmp_path, monkeypatch):
    monkeypatch.setattr("semcom.flowgraphs.live.frames_out.MAX_WAITING", 3)
    unplugged = tmp_path / "unplugged"
    near = bench.open(soapy_radio(device=f",unplugged={unplugged}"), receives=False)
    unplugged.touch()
    bench.until(lambda: near.status()["state"] == "lost")
    send(near, [b"frame"] * 3)
    with pytest.raises(ConfigurationError, match="frames that wait for the radio must be at most 3, got one more"):
        near.send(4, b"frame", "qpsk-1/2")


def test_the_amplifier_is_keyed_while_there_is_something_to_send(rng, bench, soapy_radio, tmp_path):
    key = tmp_path / "key"
    key.write_text(f"#!/bin/sh\necho $1 >> {tmp_path / 'said'}\n")
    key.chmod(0o700)
    live = bench.open(soapy_radio(ptt_command=[str(key)]), hears_itself=True)
    assert not (tmp_path / "said").exists()
    frames = [rng.bytes(100) for _ in range(20)]
    for at, frame in enumerate(frames):
        send(live, [frame], at + 1)
    bench.until(lambda: bench.data(live) == frames and (tmp_path / "said").read_text() == "on\noff\n")
    send(live, frames[:1], 21)
    bench.until(lambda: (tmp_path / "said").read_text() == "on\noff\non\noff\n")


def test_nothing_attached_at_the_start_is_an_error(bench, soapy_radio, tmp_path):
    unplugged = tmp_path / "unplugged"
    unplugged.touch()
    with pytest.raises(RadioNotFoundError, match="SoapySDR finds no device"):
        bench.open(soapy_radio(device=f",unplugged={unplugged}"))


def test_a_radio_lost_in_mid_stream_keeps_its_frames_and_goes_on_when_it_is_back(rng, bench, soapy_radio, tmp_path):
    unplugged = tmp_path / "unplugged"
    live = bench.open(soapy_radio(device=f",unplugged={unplugged}"), hears_itself=True)
    first, second = ([rng.bytes(200) for _ in range(20)] for _ in range(2))
    expected = send(live, first)
    bench.until(lambda: len(bench.data(live)) == len(first))
    unplugged.touch()
    expected += send(live, second, first=21)
    bench.until(lambda: live.status()["state"] == "lost" and live.status().get("attempts"))
    assert not live.is_up and "finds no device" in live.status()["trouble"]
    unplugged.unlink()
    bench.until(lambda: len(bench.settled[live]) == 40 and set(bench.data(live)) >= set(second[-10:]))
    status = live.status()
    assert status["state"] == "running" and status["times_lost"] == 1 and live.is_up
    assert bench.settled[live] == expected
    # What the driver had taken when it went away may be gone; all else has come, in order.
    came = [frame for frame in bench.data(live) if frame in set(second)]
    assert came == second[-len(came) :] and bench.data(live)[:20] == first


def test_a_radio_that_does_not_return_is_given_up(rng, bench, soapy_radio, tmp_path):
    unplugged = tmp_path / "unplugged"
    bench.open(soapy_radio(device=f",unplugged={unplugged}"), give_up_s=0.5)
    unplugged.touch()
    with pytest.raises(RadioLostError, match=r"must return within 0\.5 s, it did not: SoapySDR finds no device"):
        bench.until(lambda: False)
