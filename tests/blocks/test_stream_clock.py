import pmt
import pytest

from semcom.blocks.stream_clock import StreamClock

DAY_S = 1_760_000_000  # an epoch time: a double of it alone resolves 0.2 µs


def stamp(whole, fraction):
    return pmt.make_tuple(pmt.from_uint64(whole), pmt.from_double(fraction))


def test_times_that_go_with_the_samples_are_no_jump():
    clock = StreamClock(2e6)
    assert not clock.jumps(0, stamp(DAY_S, 0.25))
    assert not clock.jumps(1_000_000, stamp(DAY_S, 0.75))
    assert not clock.jumps(3_000_001, stamp(DAY_S + 1, 0.75 + 0.5e-6 + 1e-9))


@pytest.mark.parametrize("missing_s", [0.5e-6, 1e-3, 1000.0, -1.0])
def test_a_single_missing_sample_is_a_jump(missing_s):
    clock = StreamClock(2e6)
    clock.jumps(0, stamp(DAY_S, 0.0))
    later = 0.5 + missing_s
    assert clock.jumps(1_000_000, stamp(DAY_S + int(later // 1), later % 1))
    assert not clock.jumps(1_000_002, stamp(DAY_S + int(later // 1), later % 1 + 1e-6))


@pytest.mark.parametrize("value", [pmt.PMT_T, pmt.make_tuple(pmt.PMT_NIL, pmt.PMT_NIL), pmt.from_double(3.0)])
def test_what_is_no_time_counts_as_a_jump(value):
    clock = StreamClock(1e6)
    assert not clock.jumps(0, value)
    assert clock.jumps(500, value)
    assert not clock.jumps(600, stamp(1, 0.0))
