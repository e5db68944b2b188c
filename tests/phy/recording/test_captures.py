"""Captures: which samples they hold, which follow on one another, when they began; and what is refused."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from semcom.phy.errors import RecordingError
from semcom.phy.recording.captures import MAX_CAPTURES, read_captures

RATE_HZ = 1e6


def read(entries, num_bytes=4000, offset=0):
    return read_captures(entries, offset, 4, num_bytes, RATE_HZ, "it")


def capture(start, **keys):
    return {"core:sample_start": start} | {f"core:{key}": value for key, value in keys.items()}


@pytest.mark.parametrize("entries", [None, [], [capture(0)]])
def test_without_captures_all_samples_are_one(entries):
    (only,), notes = read(entries)
    assert (only.start_sample, only.num_samples, only.first_byte, only.continues) == (0, 1000, 0, False)
    assert only.center_freq_hz is None and only.time_s is None and notes == []


def test_samples_before_the_first_capture_are_left_out_and_said():
    (only,), notes = read([capture(300)])
    assert (only.start_sample, only.num_samples, only.first_byte, only.stream_sample) == (300, 700, 1200, 300)
    assert notes == ["the first 300 samples belong to no capture, and are left out"]


def test_header_bytes_lie_before_their_capture_and_push_all_others_on():
    captures, _ = read([capture(0, header_bytes=16), capture(100, header_bytes=8), capture(250)])
    assert [(c.first_byte, c.num_samples) for c in captures] == [(16, 100), (424, 150), (1024, 744)]
    assert [c.continues for c in captures] == [False, True, True]


def test_indices_count_from_the_datasets_offset():
    captures, notes = read([capture(5000), capture(5100)], offset=5000)
    assert [(c.start_sample, c.num_samples, c.first_byte) for c in captures] == [(0, 100, 0), (100, 900, 400)]
    assert notes == [] and captures[1].continues
    captures, _ = read([capture(5000), capture(5100, global_index=5100)], offset=5000)
    assert captures[1].continues  # an index that is not told is the sample's number, offset included


def test_a_jump_of_the_global_index_is_a_gap_and_moves_the_time():
    captures, _ = read(
        [
            capture(0, global_index=50, datetime="2025-10-09T08:53:20Z"),
            capture(100, global_index=150),
            capture(200, global_index=750),
        ]
    )
    assert [c.continues for c in captures] == [False, True, False]
    assert [c.stream_sample for c in captures] == [50, 150, 750]
    assert captures[0].time_s == 1_760_000_000
    assert captures[2].time_s == 1_760_000_000 + Fraction(700, 10**6)


@pytest.mark.parametrize(
    ("second", "continues", "missing"),
    [
        ("2025-10-09T08:53:20.0001Z", True, 0),  # as exact as its digits: 0.1 ms are 100 samples
        ("2025-10-09T08:53:20.0002Z", True, 0),
        ("2025-10-09T08:53:20.000101Z", True, 0),
        ("2025-10-09T08:53:20.000105000Z", False, 5),
        ("2025-10-09T08:53:21.0001Z", False, 1_000_000),
        ("2025-10-09T08:53:21Z", True, 0),  # 0.9999 s late: no more than its last digit stands for
        ("2025-10-09T08:53:18.000Z", False, -2_000_100),
        ("yesterday", True, 0),
    ],
)
def test_times_tell_gaps_as_far_as_they_have_digits(second, continues, missing):
    captures, _ = read([capture(0, datetime="2025-10-09T08:53:20.000000Z"), capture(100, datetime=second)])
    assert captures[1].continues is continues
    assert captures[1].stream_sample == 100 + missing


def test_another_frequency_does_not_follow_on():
    captures, _ = read([capture(0, frequency=2.4e9), capture(10, frequency=2.4e9), capture(20, frequency=2.5e9)])
    assert [(c.continues, c.center_freq_hz) for c in captures] == [(False, 2.4e9), (True, 2.4e9), (False, 2.5e9)]
    assert captures[2].stream_sample == 20


def test_a_cut_sample_and_captures_behind_the_end_are_left_out_and_said():
    captures, notes = read([capture(0), capture(900), capture(2000), capture(2500)], num_bytes=3999)
    assert [c.num_samples for c in captures] == [900, 99]
    assert notes == ["captures from sample 2000 on lie behind the last sample: 2 left out"]
    (only,), notes = read([capture(0)], num_bytes=3999)
    assert only.num_samples == 999
    assert notes == ["the last sample is cut off: 3 of its 4 bytes are there, and left out"]
    assert read([capture(0)], num_bytes=3)[0] == []


def test_a_leap_second_is_the_first_one_of_the_next_minute():
    (only,), _ = read([capture(0, datetime="2016-12-31T23:59:60.5Z")])
    assert only.time_s == int(datetime(2017, 1, 1, tzinfo=UTC).timestamp()) + Fraction(1, 2)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("abc", "captures must be a list of objects, got 'abc'"),
        ({}, "captures must be a list of objects, got {}"),
        ([1], r"captures must be a list of objects, got \[1\]"),
        ([{}], r"captures\[0\] must have core:sample_start, got none"),
        ([capture(-1)], r"captures\[0\]: core:sample_start must be a whole number from 0 to .*, got -1"),
        ([capture(1.5)], "core:sample_start must be a whole number from 0 to .*, got 1.5"),
        ([capture(True)], "core:sample_start must be a whole number .*, got True"),
        ([capture(10**30)], "core:sample_start must be a whole number from 0 to 9223372036854775807, got 1000"),
        ([capture(9), capture(5)], r"captures\[1\]: core:sample_start must be a whole number from 9 to"),
        ([capture(0, header_bytes=10**12)], "core:header_bytes must be a whole number from 0 to 4000, got 1000"),
        ([capture(0, header_bytes="4")], "core:header_bytes must be a whole number from 0 to 4000, got '4'"),
        ([capture(0, global_index=-5)], "core:global_index must be a whole number from 0 to .*, got -5"),
        ([capture(0)] * (MAX_CAPTURES + 1), "captures must be at most 100000, got 100001"),
    ],
)
def test_captures_that_cannot_be_are_refused_with_key_rule_and_value(entries, message):
    with pytest.raises(RecordingError, match=message):
        read(entries)
