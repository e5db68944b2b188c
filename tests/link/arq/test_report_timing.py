from semcom.link import ReportTiming, Scope

ONE, TWO = Scope(0, 1, 1), Scope(0, 1, 2)


def times_due(timing, scope, changed_at_s, until_s, step_s=0.1):
    """When reports are due, asked every ``step_s``; in steps."""
    number = round((until_s - changed_at_s) / step_s)
    return [step for step in range(number) if timing.is_due(scope, changed_at_s, changed_at_s + step * step_s + 1e-6)]


def test_each_report_is_due_after_twice_the_pause_and_only_so_many_are():
    assert times_due(ReportTiming(0.3, 4), ONE, 50.0, 100.0) == [3, 6, 12, 24]


def test_a_frame_that_comes_starts_the_pauses_anew():
    timing = ReportTiming(0.3, 2)
    assert times_due(timing, ONE, 50.0, 60.0) == [3, 6]
    assert times_due(timing, ONE, 60.0, 70.0) == [3, 6]
    assert times_due(timing, ONE, 60.0, 80.0) == []


def test_pictures_do_not_wait_for_each_other():
    timing = ReportTiming(0.3, 1)
    assert timing.is_due(ONE, 1.0, 2.0) and timing.is_due(TWO, 1.0, 2.0)
    assert not timing.is_due(ONE, 1.0, 9.0)


def test_the_picture_reported_longest_ago_is_forgotten_and_not_the_newest():
    timing = ReportTiming(0.3, 1)
    for number in range(1, 258):
        assert timing.is_due(Scope(0, 1, number), 1.0, 2.0)
    assert not timing.is_due(Scope(0, 1, 257), 1.0, 9.0) and not timing.is_due(TWO, 1.0, 9.0)
    assert timing.is_due(ONE, 1.0, 9.0)
