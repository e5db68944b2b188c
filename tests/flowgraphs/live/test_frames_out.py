"""Frames on their way out: in order, bounded, and none lost with the modulator that had them."""

from __future__ import annotations

import pytest

from semcom.flowgraphs.live import frames_out
from semcom.flowgraphs.live.frames_out import FrameOut, FramesOut
from semcom.phy.errors import ConfigurationError


def filled(count: int, num_bytes: int = 10) -> tuple[FramesOut, list[FrameOut], list[FrameOut]]:
    """With frames added; they, and what a modulator is given."""
    frames, posted = FramesOut(), []
    added = [FrameOut(number, bytes(num_bytes), "qpsk-1/2") for number in range(count)]
    for frame in added:
        frames.add(frame)
    return frames, added, posted


def test_frames_are_out_when_the_end_of_their_burst_is() -> None:
    frames, added, posted = filled(5)
    frames.hand_over()  # nobody is there
    frames.attach(posted.append)
    frames.hand_over()
    assert posted == added and frames.in_flowgraph
    frames.burst_made(2, end_sample=1000)
    frames.burst_made(3, end_sample=2000)
    assert frames.taken(999) == [] and frames.taken(1000) == [0, 1] and len(frames) == 3
    assert frames.taken(5000) == [2, 3, 4] and len(frames) == 0 and not frames.in_flowgraph


def test_what_is_not_out_waits_in_order_for_the_next_modulator() -> None:
    frames, _, posted = filled(6)
    frames.attach(posted.append)
    frames.hand_over()
    frames.burst_made(2, end_sample=1000)
    frames.burst_made(2, end_sample=2000)
    assert frames.taken(1500) == [0, 1]
    frames.take_back()
    frames.add(FrameOut(6, b"later", "qpsk-1/2"))
    posted.clear()
    frames.hand_over()
    assert posted == [] and len(frames) == 5 and not frames.in_flowgraph
    frames.attach(posted.append)
    frames.hand_over()
    assert [frame.number for frame in posted] == [2, 3, 4, 5, 6]
    assert frames.taken(10_000) == []  # bursts of the modulator that is gone


def test_a_modulator_is_given_no_more_than_it_should_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames_out, "MAX_BYTES_AHEAD", 35)
    frames, added, posted = filled(10)
    frames.attach(posted.append)
    frames.hand_over()
    assert posted == added[:4]
    frames.burst_made(2, end_sample=1000)
    frames.hand_over()
    assert posted == added[:6]


def test_too_many_that_wait_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames_out, "MAX_WAITING", 4)
    frames, _, _ = filled(4)
    with pytest.raises(ConfigurationError, match="frames that wait for the radio must be at most 4, got one more"):
        frames.add(FrameOut(4, b"one more", "qpsk-1/2"))
