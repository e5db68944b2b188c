"""No more on the way than the radio takes; nothing leaves that is not written down; what is lost goes first again."""

from __future__ import annotations

from typing import Any

import pytest

from semcom.apps.services.radio_process import frames_in_flight
from semcom.apps.services.radio_process.frames_in_flight import FramesInFlight, FrameToSend
from semcom.link import FrameName, Key
from semcom.link.messages import Kind


class Radio:
    """Stands in for the client: takes ``room`` messages."""

    def __init__(self, window: int, room: int = 1000) -> None:
        self.welcome, self.room, self.sent = {"window": window}, room, []

    def send_all(self, messages: Any) -> int:
        taken = list(messages)[: self.room]
        assert all(kind is Kind.FRAME for kind, _ in taken)
        self.sent += [(body["number"], body["frame"]) for _, body in taken]
        return len(taken)


def frame(number: int) -> FrameToSend:
    return FrameToSend(FrameName(Key(0, 1, 1, 0), number), bytes([number]), "qpsk-1/2")


@pytest.fixture
def frames() -> FramesInFlight:
    frames = FramesInFlight()
    frames.waiting.extend(frame(number) for number in range(6))
    return frames


def test_the_window_is_kept_and_moves_as_frames_settle(frames: FramesInFlight) -> None:
    radio = Radio(window=4)
    assert frames.send(radio, lambda names: True) == 4 and frames.send(radio, lambda names: True) == 0
    assert frames.settle(1) == frame(0).name and frames.settle(1) is None
    assert frames.send(radio, lambda names: True) == 1
    assert radio.sent == [(number + 1, bytes([number])) for number in range(5)] and len(frames) == 4


def test_what_cannot_be_written_down_does_not_leave(frames: FramesInFlight) -> None:
    radio, written = Radio(window=4), []
    assert frames.send(radio, lambda names: False) == 0 and not radio.sent
    assert frames.send(radio, lambda names: not written.extend(names)) == 4
    assert written == [frame(number).name for number in range(4)]


def test_what_the_socket_does_not_take_waits_in_order(frames: FramesInFlight) -> None:
    radio = Radio(window=6, room=2)
    for expected in (2, 2, 2, 0):
        assert frames.send(radio, lambda names: True) == expected
    assert [data[0] for _, data in radio.sent] == list(range(6))


def test_what_was_on_the_way_goes_first_again_each_once(frames: FramesInFlight) -> None:
    frames.send(Radio(window=3), lambda names: True)
    again = frames.send_again([frame(0), frame(4), frame(9)])
    assert [name.piece for name in again] == [0, 1, 2, 9] and len(frames) == 0
    assert [entry.name.piece for entry in frames.waiting] == [0, 1, 2, 9, 3, 4, 5]


def test_a_radio_that_settles_nothing_is_noticed(frames: FramesInFlight, monkeypatch: pytest.MonkeyPatch) -> None:
    frames.send(Radio(window=3), lambda names: True)
    assert not frames.is_stuck()
    monkeypatch.setattr(frames_in_flight, "STUCK_S", -1.0)
    assert frames.is_stuck() and not FramesInFlight().is_stuck()
