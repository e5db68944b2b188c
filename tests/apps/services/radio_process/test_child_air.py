"""A flowgraph in a child process: what it is told comes back, its death costs no frame, its refusal is quoted."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from semcom.apps.services.radio_link import AirOptions
from semcom.apps.services.radio_process import child_air
from semcom.apps.services.radio_process.air_child import pack, whole_messages
from semcom.apps.services.radio_process.child_air import ChildAir
from semcom.apps.services.radio_process.child_start import child_options, start_child
from semcom.flowgraphs.errors import RadioError
from semcom.flowgraphs.live.air import Settled
from semcom.flowgraphs.loopback.result import DELIVERED, BurstStatistics, ReceivedFrame
from semcom.link import Frame, Key
from semcom.link.messages import Kind
from semcom.phy.errors import PhyError
from semcom.phy.waveform import Waveform

pytestmark = pytest.mark.timeout(400)
LIMIT_S = 200.0


def frame(number: int) -> bytes:
    return Frame(Key(0, 1, number, 0), 7, bytes(100)).to_bytes()


@pytest.fixture
def air() -> Iterator[ChildAir]:
    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
    options = child_options("loopback-clean", AirOptions())
    air = ChildAir(options, Waveform.load("ofdm64"), lambda line: None)
    yield air
    air.close()


def events_until(air: ChildAir, numbers: set[int]) -> tuple[list[object], dict[int, str]]:
    heard, settled = [], {}
    deadline = time.monotonic() + LIMIT_S
    while not numbers <= settled.keys():
        assert time.monotonic() < deadline, (settled, air.status())
        select.select(air.waits_on(), [], [], 0.05)
        for event in air.events():
            heard.append(event)
            if isinstance(event, Settled):
                settled |= dict(event.outcomes)
    return heard, settled


def test_frames_go_through_a_child_and_its_death_costs_none(air: ChildAir, caplog) -> None:
    assert air.transmits and air.receives and air.hears_itself and air.is_up and "loopback-clean" in air.about
    with pytest.raises(PhyError):
        air.send(1, frame(1), "no such mode")
    for number in range(1, 6):
        air.send(number, frame(number), "qpsk-1/2")
    heard, settled = events_until(air, set(range(1, 6)))
    assert set(settled.values()) == {DELIVERED}
    assert {event.data for event in heard if isinstance(event, ReceivedFrame)} == {frame(n) for n in range(1, 6)}
    assert any(isinstance(event, BurstStatistics) and event.num_blocks_ok for event in heard)

    os.kill(air.pid, signal.SIGABRT)  # as a driver does it
    for number in range(6, 30):
        air.send(number, frame(number), "qpsk-1/2")
    first = air.waits_on()[0].fileno()
    heard, settled = events_until(air, set(range(6, 30)))
    assert set(settled.values()) == {DELIVERED} and air.waits_on()[0].fileno() == first
    assert {event.data for event in heard if isinstance(event, ReceivedFrame)} >= {frame(n) for n in range(6, 30)}
    assert air.status()["child_starts"] == 2 and air.status()["frames_unsettled"] == 0
    assert f"signal {signal.SIGABRT.value} ended it" in caplog.text and "frames go out again" in caplog.text


def test_a_child_that_hangs_is_killed_and_followed(air: ChildAir, monkeypatch) -> None:
    monkeypatch.setattr(child_air, "HANGS_AFTER_S", 1.0)
    os.kill(air.pid, signal.SIGSTOP)
    air.send(1, frame(1), "qpsk-1/2")
    deadline = time.monotonic() + LIMIT_S
    while air.is_up:
        assert time.monotonic() < deadline
        list(air.events())
    monkeypatch.undo()
    _, settled = events_until(air, {1})
    assert settled == {1: DELIVERED} and air.status()["child_starts"] == 2


def test_what_the_child_refuses_at_its_first_start_is_said_here() -> None:
    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
    with pytest.raises(RadioError, match="no-such-radio"):
        ChildAir(child_options("no-such-radio", AirOptions()), Waveform.load("ofdm64"), lambda line: None)


def test_a_child_that_was_started_before_is_taken() -> None:
    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
    options = child_options("loopback-clean", AirOptions())
    first = start_child(options)
    pid = first[1].pid
    air = ChildAir(options, Waveform.load("ofdm64"), lambda line: None, first)
    try:
        assert air.pid == pid and air.is_up and air.status()["child_starts"] == 1
    finally:
        air.close()
    assert first[1].returncode == 0


def test_without_gnu_radio_the_radio_says_what_to_install(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "gnuradio.py").write_text("raise ImportError('taken away')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(RadioError, match=r"apt-get install gnuradio.*taken away"):
        ChildAir(child_options("loopback-clean", AirOptions()), Waveform.load("ofdm64"), lambda line: None)


def test_messages_come_whole_however_the_stream_is_cut() -> None:
    messages = [pack(Kind.FRAME, number=n, mcs="qpsk-1/2", frame=bytes(n)) for n in range(1, 5)]
    stream, data, found = b"".join(messages), bytearray(), []
    for byte in stream:
        data.append(byte)
        found += whole_messages(data)
    assert [message.body["number"] for message in found] == [1, 2, 3, 4] and not data
