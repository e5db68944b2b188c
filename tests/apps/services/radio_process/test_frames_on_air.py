"""Frames on the air by themselves: order, limits, and what is refused."""

from __future__ import annotations

import pytest

from semcom.apps.services.radio_process.frames_on_air import FramesOnAir
from semcom.link import FrameError
from semcom.link.messages import Outcome


class Notes:
    """What was refused."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def note(self, kind: str, text: str) -> None:
        self.said.append((kind, text))


def body(number: int, mcs: str = "qpsk-1/2") -> dict:
    return {"number": number, "frame": bytes([number]), "mcs": mcs, "repeat": b""}


@pytest.fixture
def sent() -> list[tuple]:
    return []


@pytest.fixture
def frames(sent: list[tuple]) -> FramesOnAir:
    def send(number: int, frame: bytes, mcs: str, repeat: bytes) -> None:
        if mcs == "none":
            raise FrameError("mcs", "mcs must be one of ours, got none")
        sent.append((number, frame))

    return FramesOnAir(send, 3, Notes(), (FrameError,))


def test_what_the_air_has_no_room_for_waits_and_goes_in_order(frames: FramesOnAir, sent: list[tuple]) -> None:
    assert all(frames.take(7, body(number)) for number in (1, 2, 3))
    assert list(frames.go_on()) == [(1, None), (2, None), (3, None)]
    assert all(frames.take(7, body(number)) for number in (4, 5, 6))
    assert not list(frames.go_on()) and frames.status() == {"for_air": 3, "on_air": 3}
    assert not frames.take(7, body(8))
    assert frames._refusals.said == [("window", "frames on the way must be at most 6, got more")]
    origin = frames.settle(sent[0][0])
    assert (origin.session, origin.number) == (7, 1)
    assert list(frames.go_on()) == [(4, None)] and [data for _, data in sent] == [b"\1", b"\2", b"\3", b"\4"]


def test_a_frame_that_fits_no_burst_is_refused_and_holds_up_none(frames: FramesOnAir, sent: list[tuple]) -> None:
    frames.take(7, body(1, mcs="none"))
    frames.take(7, body(2))
    assert list(frames.go_on()) == [(1, Outcome.REFUSED), (2, None)]
    assert len(frames) == len(sent) == 1 and "got none" in frames._refusals.said[0][1]


def test_what_waits_of_a_host_that_ended_does_not_go(frames: FramesOnAir, sent: list[tuple]) -> None:
    for number in range(1, 6):
        frames.take(7, body(number))
        list(frames.go_on())
    frames.begin_session()
    assert frames.status() == {"for_air": 0, "on_air": 3}
    frames.take(8, body(1))
    for number, _ in sent[:3]:
        assert frames.settle(number).session == 7
    assert list(frames.go_on()) == [(1, None)] and frames.settle(sent[3][0]).session == 8


def test_an_outcome_that_nobody_waits_for_is_none(frames: FramesOnAir) -> None:
    assert frames.settle(99) is None
