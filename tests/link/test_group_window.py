"""Old sessions are refused; single frames that lie do not move anything."""

from __future__ import annotations

import random

import pytest

from semcom.link import Frame, Key, Receiver
from semcom.link.group_window import ASTRAY_FRAMES, MAX_GROUP_AGE, PROBATION_FRAMES, GroupWindow


def frame(group: int, picture: int = 1) -> bytes:
    return Frame(Key(0, group, picture, 0), 7, b"payload").to_bytes()


@pytest.mark.parametrize("start", [100, 3, 65533])
def test_groups_go_on_and_old_ones_are_refused_across_the_wrap(start: int) -> None:
    window = GroupWindow()
    for step in range(20):
        assert window.admits((start + step) % 65536)
    newest = start + 19
    assert all(window.admits((newest - age) % 65536) for age in range(1, MAX_GROUP_AGE + 1))
    assert not window.admits((newest - MAX_GROUP_AGE - 1) % 65536)
    assert window.newest == newest % 65536


def test_the_group_after_the_next_needs_several_frames_but_is_taken_meanwhile() -> None:
    window = GroupWindow()
    assert window.admits(7) and window.admits(15) and window.newest == 7
    assert all(window.admits(15) for _ in range(PROBATION_FRAMES)) and window.newest == 15


def test_one_forged_frame_far_ahead_does_not_shut_the_sender_out() -> None:
    receiver = Receiver()
    assert receiver.push(frame(7)).status == "new"
    for jump in (100, 8, 30_000):
        assert receiver.push(frame(7 + jump)).status == "new", "it may be true"
        for picture in range(2, 8):
            assert receiver.push(frame(7, jump + picture)).status == "new"


def test_a_sender_that_has_really_jumped_is_followed_and_its_past_refused() -> None:
    window = GroupWindow()
    assert window.admits(7)
    assert all(window.admits(1000) for _ in range(PROBATION_FRAMES))
    assert window.newest == 1000 and not window.admits(7)


def test_a_window_that_was_led_astray_comes_back_to_who_goes_on() -> None:
    window = GroupWindow()
    assert window.admits(7)
    for _ in range(PROBATION_FRAMES):
        window.admits(20_000)
    assert [window.admits(7) for _ in range(ASTRAY_FRAMES)] == [False] * (ASTRAY_FRAMES - 1) + [True]
    assert window.newest == 7


def test_forged_frames_of_ever_other_groups_never_move_it() -> None:
    window, rng = GroupWindow(), random.Random(1)
    window.admits(500)
    for _ in range(10_000):
        window.admits(rng.randrange(600, 60_000))
        assert window.admits(500) and window.newest == 500
