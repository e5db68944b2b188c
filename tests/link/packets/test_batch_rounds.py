"""Rounds of a batch: what a report, a report of somebody else, and silence make of them."""

from collections import Counter

import pytest

from semcom.link.arq.feedback import Feedback
from semcom.link.item import Scope
from semcom.link.packets.batch_rounds import BatchRounds
from semcom.link.packets.framer import PacketFramer
from semcom.link.packets.packet import Packet, PacketKind

SOURCE, STREAM = 5, 9


@pytest.fixture
def rounds():
    return BatchRounds(SOURCE, 2, Counter())


@pytest.fixture
def frames():
    framer = PacketFramer(STREAM, 100)
    return framer.frames([Packet(PacketKind.DATAGRAM, bytes(10), number) for number in range(3)])


def nothing():
    return []


def test_a_report_that_all_came_ends_the_batch(rounds, frames):
    round_ = rounds.next(lambda: frames)
    assert [entry.frame for entry in round_] == frames and rounds and rounds.is_open
    report = Feedback(frames[0].name.key.scope, SOURCE, frozenset({0, 1, 2}), complete=True)
    assert rounds.is_about_us(report)
    rounds.answered(report)
    assert not rounds and not rounds.is_open and rounds.next(nothing) == []
    assert rounds._counts == {"rounds": 1, "reports_heard": 1, "delivered": 3, "repaired": 0, "lost": 0}


def test_what_is_missing_goes_out_again_until_it_is_given_up(rounds, frames):
    rounds.next(lambda: frames)
    scope = frames[0].name.key.scope
    rounds.answered(Feedback(scope, SOURCE, layers=frozenset({0, 2})))
    assert [entry.frame for entry in rounds.next(nothing)] == [frames[1]]
    rounds.answered(Feedback(scope, SOURCE, layers=frozenset({0, 2})))
    assert rounds.next(nothing) == [] and not rounds
    assert (rounds._counts["delivered"], rounds._counts["lost"]) == (2, 1)


def test_silence_ends_a_round_and_the_next_says_it_all_again(rounds, frames):
    rounds.next(lambda: frames)
    rounds.not_answered()
    assert rounds and not rounds.is_open and rounds._counts["no_report"] == 1
    again = rounds.next(nothing)
    assert [entry.frame for entry in again] == frames and rounds.free_process not in {entry.process for entry in again}


@pytest.mark.parametrize(
    ("source", "scope", "is_ours"),
    [(SOURCE, Scope(0, 0, 0), True), (SOURCE + 1, Scope(0, 0, 0), False), (SOURCE, Scope(STREAM, 0, 2), False)],
)
def test_a_report_counts_by_source_and_batch(rounds, frames, source, scope, is_ours):
    assert not rounds.is_about_us(Feedback(scope, source))  # no batch is under way
    rounds.next(lambda: frames)
    assert rounds.is_about_us(Feedback(scope, source)) == is_ours
