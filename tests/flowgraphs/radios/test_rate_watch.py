"""A radio that delivers another rate than it says is noticed by counting."""

from semcom.flowgraphs.radios.rate_watch import MAX_ERROR, WINDOW_S, RateWatch


def told(rate_hz: float, said_hz: float = 2e6, steady=lambda now_s: True, seconds: float = 2.5 * WINDOW_S) -> list[str]:
    watch, words = RateWatch(said_hz), []
    for step in range(int(10 * seconds)):
        now_s = step / 10
        words.append(watch.look(int(rate_hz * now_s), now_s, steady(now_s)))
    return [each for each in words if each]


def test_another_rate_is_named_once_a_window():
    words = told(2.4e6)
    assert len(words) == 2 and words[0].startswith("radio must deliver 2000000 samples per second, it delivers 2.4e+06")
    assert len(told(1.9e6)) == 2


def test_a_rate_within_the_limit_is_not():
    assert told(2e6) == [] and told(2e6 * (1 + 0.9 * MAX_ERROR)) == [] and told(2e6 * (1 - 0.9 * MAX_ERROR)) == []
    assert told(2e6 * (1 + 1.1 * MAX_ERROR)) != []


def test_while_we_hold_samples_back_nothing_is_counted():
    assert told(1e6, steady=lambda now_s: int(now_s) % 5 != 0) == []


def test_a_device_that_has_not_begun_is_not_slow():
    watch = RateWatch(2e6)
    assert not any(watch.look(0, now_s, True) for now_s in range(60))
