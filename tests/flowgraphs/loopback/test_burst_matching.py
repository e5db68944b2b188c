"""Which received burst is which sent one, as they come."""

import time

import numpy as np
import pytest

from semcom.flowgraphs.loopback.burst_matching import PATIENCE_S, BurstMatcher
from semcom.flowgraphs.loopback.result import BurstStatistics


def burst(number: int, start: int, header_ok: bool = True) -> BurstStatistics:
    empty = np.zeros(0, np.complex64)
    return BurstStatistics(number, start, header_ok, "qpsk-1/2", 9.0, 0.0, -9.0, 0.0, 0, 100, 2, 0, empty, empty)


@pytest.fixture
def matcher() -> BurstMatcher:
    matcher = BurstMatcher()
    for start, numbers in ((1000, [1, 2]), (5000, [3]), (9000, [4, 5])):
        matcher.sent(start, numbers)
    return matcher


def test_good_blocks_are_delivered_and_bad_ones_failed(matcher):
    matcher.frame_came(0, 1)
    assert list(matcher.burst_came(burst(0, 1010))) == [(1, "crc"), (2, "delivered")]
    assert list(matcher.burst_came(burst(1, 5012, header_ok=False))) == [(3, "header")]
    assert len(matcher) == 2


def test_a_later_burst_settles_those_before_it_as_missed(matcher):
    matcher.frame_came(0, 0)
    matcher.frame_came(0, 1)
    outcomes = list(matcher.burst_came(burst(0, 9000)))
    assert outcomes == [(1, "missed"), (2, "missed"), (3, "missed"), (4, "delivered"), (5, "delivered")]
    assert len(matcher) == 0


def test_a_burst_that_nobody_sent_settles_nothing(matcher):
    assert list(matcher.burst_came(burst(0, 3000))) == [] and len(matcher) == 5


def test_clocks_may_drift_apart_slowly():
    matcher = BurstMatcher()
    for number in range(20):
        matcher.sent(number * 10_000, [number])
        matcher.frame_came(number, 0)
        assert list(matcher.burst_came(burst(number, number * 10_200))) == [(number, "delivered")]


def test_silence_settles_after_a_while(matcher):
    assert list(matcher.overdue()) == []
    late = time.monotonic() + PATIENCE_S + 0.1
    assert [number for number, outcome in matcher.overdue(late) if outcome == "missed"] == [1, 2, 3, 4, 5]
