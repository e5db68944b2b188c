"""Processes and redundancy versions of frames that are sent again by name, by the rules of `repeat.RepeatSender`."""

from __future__ import annotations

import pytest

from semcom.link import FrameError, FrameName, Key
from semcom.link.arq.combining import CombiningProcesses, Repeat
from semcom.link.arq.feedback import NUM_PROCESSES

A, B = (FrameName(Key(0, 1, 1, number), 0) for number in (1, 2))


def mcs_of(missed: int) -> str:
    return ("fast", "slow", "slower")[missed]


def test_what_was_heard_is_combined_with_the_next_version() -> None:
    processes = CombiningProcesses()
    assert processes.next(A, mcs_of) == (Repeat(1, 0, True), "fast")
    assert processes.next(B, mcs_of) == (Repeat(2, 0, True), "fast")
    for version in (2, 3, 1, 0):  # 3GPP TS 38.214 §5.1.2.1
        processes.failed(A)
        assert processes.next(A, lambda missed: "another by now") == (Repeat(1, version, False), "fast")
    processes.missed(A)  # this time nothing was heard: the receiver still has the others
    assert processes.next(A, mcs_of) == (Repeat(1, 0, False), "fast")


def test_what_was_not_heard_begins_anew_more_robustly() -> None:
    processes = CombiningProcesses()
    processes.next(A, mcs_of)
    processes.missed(A)
    assert processes.next(A, mcs_of) == (Repeat(1, 0, True), "slow")
    processes.failed(A)
    assert processes.next(A, mcs_of) == (Repeat(1, 2, False), "slow")


def test_of_what_nothing_is_known_a_version_goes_that_decodes_alone() -> None:
    processes = CombiningProcesses()
    processes.next(A, mcs_of)
    processes.on_air(A)
    assert processes.next(A, mcs_of) == (Repeat(1, 0, False), "fast")


def test_each_has_its_own_process_until_it_is_settled() -> None:
    processes = CombiningProcesses()
    names = [FrameName(Key(0, 1, 1, 1), piece) for piece in range(NUM_PROCESSES)]
    given = [processes.next(name, mcs_of)[0] for name in names]
    assert [repeat.process for repeat in given[:-1]] == list(range(1, NUM_PROCESSES)) and given[-1] is None
    processes.release([names[5], names[2], A])
    assert processes.next(A, mcs_of)[0] == Repeat(6, 0, True)
    assert processes.next(B, mcs_of)[0] == Repeat(3, 0, True)
    processes.failed(FrameName(Key(9, 9, 9, 9), 0))  # of another sender: nothing happens


def test_bytes_and_hostile_ones() -> None:
    for repeat in (Repeat(0, 0, False), Repeat(63, 3, True)):
        assert Repeat.from_bytes(repeat.to_bytes()) == repeat
    assert Repeat(5, 2, True).to_bytes() == bytes([5, 6])
    for data, rule in ((b"\1", "2 bytes, got 1"), (b"\x40\0", "below 64"), (b"\0\x08", "0..7, got 0008")):
        with pytest.raises(FrameError, match=rule):
            Repeat.from_bytes(data)
