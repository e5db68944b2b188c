"""The virtual air in one process: frames of one radio reach the other, through the channel."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from semcom.apps.services.radio_process.air import AirService, _Way
from semcom.flowgraphs.live.air import ON_AIR, Settled, Told
from semcom.flowgraphs.live.virtual_air import MAX_AIR_MESSAGE_BYTES, MAX_QUEUED, VirtualAir
from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame
from semcom.link.messages import Kind, Role
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import KeyRing, make_acquainted
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.radio import Channel

LIMIT_S = 150.0


class Bench:
    def __init__(self, folder: Path, channel: Channel) -> None:
        make_acquainted(folder, ["air", "one", "two"])
        self.service = AirService(channel, "tcp://127.0.0.1:*", KeyRing.load(folder / "air"))
        self.clients = [
            Client(
                self.service.server.address,
                KeyRing.load(folder / name),
                "air",
                Role.RADIO,
                max_message_bytes=MAX_AIR_MESSAGE_BYTES,
                max_queued=MAX_QUEUED,
            )
            for name in ("one", "two")
        ]
        self.radios = [VirtualAir(Waveform.load("ofdm64"), client) for client in self.clients]
        self.events: list[list] = [[], []]
        self.until(lambda: all(client.connected for client in self.clients))

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < deadline, (self.service.status(), self.events)
            self.service.step()
            for radio, events in zip(self.radios, self.events, strict=True):
                events += radio.events()

    def of(self, at: int, kind: type) -> list:
        return [event for event in self.events[at] if isinstance(event, kind)]

    def close(self) -> None:
        for radio in self.radios:
            radio.close()
        self.service.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path, Channel(snr_db=12.0, cfo_hz=3000.0, delay_samples=0.4))
    yield bench
    bench.close()


def test_frames_of_one_reach_the_other_and_not_itself(bench: Bench, rng: np.random.Generator) -> None:
    frames = [rng.bytes(200) for _ in range(20)]
    for number, frame in enumerate(frames, start=1):
        bench.radios[0].send(number, frame, "qpsk-1/2")
    bench.until(lambda: len(bench.of(1, ReceivedFrame)) == 20)
    assert [event.data for event in bench.of(1, ReceivedFrame)] == frames and not bench.of(0, ReceivedFrame)
    settled = [pair for event in bench.of(0, Settled) for pair in event.outcomes]
    assert settled == [(number, ON_AIR) for number in range(1, 21)]
    statistics = bench.of(1, BurstStatistics)
    assert abs(np.mean([event.snr_db for event in statistics]) - 12) < 1.5
    assert all(abs(event.cfo_hz - 3000) < 150 for event in statistics)
    assert bench.radios[1].counts["gaps"] == 0


def test_the_feedback_channel_carries_feedback_and_frames(bench: Bench, rng: np.random.Generator) -> None:
    assert bench.radios[1].tell(Kind.FEEDBACK, {"feedback": b"more please"})
    bench.until(lambda: bench.of(0, Told))
    assert bench.of(0, Told) == [Told(Kind.FEEDBACK, {"feedback": b"more please"})] and not bench.of(1, Told)
    frame = rng.bytes(60)
    bench.radios[1].send(1, frame, "bpsk-1/2")
    bench.until(lambda: bench.of(0, ReceivedFrame))
    assert bench.of(0, ReceivedFrame)[0].data == frame


def test_samples_that_are_none_are_refused_and_counted(bench: Bench) -> None:
    nan = np.full(64, np.nan, np.complex64).tobytes()
    for body in (
        {"position": 0, "rate_hz": 1e6, "samples": nan},
        {"position": 0, "rate_hz": float("nan"), "samples": bytes(64)},
        {"position": 0, "rate_hz": -1.0, "samples": bytes(64)},
        {"position": 0, "rate_hz": 1e6, "samples": bytes(7)},
        {"position": 0, "rate_hz": 1e6, "samples": np.full(8, 1e30, np.complex64).tobytes()},
    ):
        bench.clients[0].send(Kind.SAMPLES, **body)
    bench.clients[0].send(Kind.SAMPLES, position=0, rate_hz=5e5, samples=bytes(64))
    bench.until(lambda: bench.service.counts["refused_samples"] == 5)
    bench.until(lambda: bench.radios[1].counts["refused_rate"] >= 1)
    bench.radios[0].send(1, b"still works: 40 bytes, more or less ......", "qpsk-1/2")
    bench.until(lambda: bench.of(1, ReceivedFrame))


def test_a_gap_in_the_samples_is_noticed_and_reception_goes_on(bench: Bench, rng: np.random.Generator) -> None:
    frames = [rng.bytes(100) for _ in range(2)]
    for number, frame in enumerate(frames, start=1):
        bench.radios[0].send(number, frame, "qpsk-1/2")
        bench.until(lambda number=number: len(bench.of(1, ReceivedFrame)) == number)
        bench.radios[0]._position += 12_345  # as if messages had been lost
    assert [event.data for event in bench.of(1, ReceivedFrame)] == frames and bench.radios[1].counts["gaps"] == 1


def test_echoes_go_on_over_the_ends_of_messages(tmp_path: Path, rng: np.random.Generator) -> None:
    """However a stream is cut into messages, the channel makes the same of it."""
    make_acquainted(tmp_path, ["air", "one"])
    path = {"delay_us": 50.0, "power_db": -3.0}
    channel = Channel.model_validate({"snr_db": None, "cfo_hz": 700.0, "paths": ({"delay_us": 0.0}, path)})
    service = AirService(channel, "tcp://127.0.0.1:*", KeyRing.load(tmp_path / "air"))
    try:
        samples = (rng.standard_normal(3000) + 1j * rng.standard_normal(3000)).astype(np.complex64)
        whole = service._through(_Way(), samples, 0, 1e6)
        way, parts, position = _Way(), [], 0
        for length in (1, 10, 7, 1500, 30, 1452):
            parts.append(service._through(way, samples[position : position + length], position, 1e6))
            position += length
        assert np.allclose(np.concatenate(parts), whole, atol=1e-4)
    finally:
        service.close()
