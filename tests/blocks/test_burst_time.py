"""The time of a sample, exact at epoch times."""

from datetime import UTC, datetime, timedelta

from semcom.blocks.burst_time import HOST, RX_TIME, TimeAnchor, host_anchor


def test_an_epoch_time_keeps_every_sample_apart():
    anchor = TimeAnchor(100, 1_760_000_000, 0.25)
    stamp = anchor.time_of(100 + 2_400_000 * 86_400 + 6, 2.4e6)
    assert stamp["rx_time_full_s"] == 1_760_086_400 and abs(stamp["rx_time_frac_s"] - 0.2500025) < 1e-12
    assert stamp["utc"] == "2025-10-10T08:53:20.250002500Z" and stamp["utc_source"] == RX_TIME
    assert anchor.time_of(100 - 2_400_000, 2.4e6)["rx_time_full_s"] == 1_759_999_999  # before the tag, too


def test_a_clock_that_counts_from_its_own_start_says_nothing_of_the_time_of_day():
    assert TimeAnchor(0, 7, 0.5).time_of(1_000_000, 1e6) == {"rx_time_full_s": 8, "rx_time_frac_s": 0.5}
    assert TimeAnchor(0, 10**15, 0.5).time_of(0, 1e6) == {"rx_time_full_s": 10**15, "rx_time_frac_s": 0.5}


def test_without_tags_the_computers_clock_is_named_as_the_source():
    before = datetime.now(UTC)
    stamp = host_anchor(0).time_of(3_600_000_000, 1e6)
    assert stamp.keys() == {"utc", "utc_source"} and stamp["utc_source"] == HOST
    said = datetime.fromisoformat(stamp["utc"])
    assert before <= said - timedelta(hours=1) + timedelta(microseconds=1) <= datetime.now(UTC) + timedelta(seconds=1)
