"""Two ends on one frequency, with a clock that the test turns."""

import random

import pytest

from semcom.link import Feedback, Item, Key, Reporter, Sender
from semcom.link.arq.half_duplex import HalfDuplex, HalfDuplexError, Times
from semcom.link.arq.repeat import RepeatSender

STEP_S = 0.001


class End:
    """Sends pictures of its own and reports on the other's; knows only what it hears."""

    def __init__(self, source, items, seed, times):
        self.access = HalfDuplex(source, times, random.Random(seed))
        self.sender = RepeatSender(Sender(64).frames(items), 16, source)
        self.reporter, self.items = Reporter(), items
        self.speaking_until, self.outgoing = 0.0, None

    def speak(self, now):
        """What goes on air now: (until, kind, content), or None."""
        if now < self.speaking_until or self.access.wait_s(now) > 0:
            return None
        if self.access.answer_due:
            (other,) = self.reporter.heard_from() or [None]
            reports = [] if other is None else [report.to_bytes() for report in self.reporter.reports(other)]
            self.speaking_until = now + 0.004
            self.access.sent(self.speaking_until, wants_answer=False)
            return self.speaking_until, "reports", reports
        if self.sender.done:
            return None
        round_ = self.sender.next_round()
        if not round_:
            return None
        self.speaking_until = now + 0.002 * len(round_)
        self.access.sent(self.speaking_until, wants_answer=True)
        return self.speaking_until, "blocks", round_

    def hear(self, until, source, kind, content, rng, loss):
        if not self.access.heard(until, source) or rng.random() < loss:
            return
        if kind == "reports":
            self.sender.feedback([Feedback.from_bytes(data) for data in content])
            self.access.answered()
            return
        for entry in content:
            if rng.random() >= loss:
                self.reporter.block(entry.frame.data, source, entry.process)
        self.access.owe_answer()


def run(loss, both=True, limit_s=60.0):
    times, rng = Times(), random.Random(9)
    items = [[Item(Key(end, 1, 1, n), 7 - n, bytes([end, n]) * 90) for n in range(4)] for end in (0, 1)]
    ends = [End(0, items[0], 1, times), End(1, items[1] if both else [], 2, times)]
    on_air, now, collisions = [], 0.0, 0
    while now < limit_s and not all(end.sender.done for end in ends):
        for end in ends:
            spoken = end.speak(now)
            if spoken:
                on_air.append((now, end, *spoken))
        for entry in [entry for entry in on_air if entry[2] <= now]:
            start, end, until, kind, content = entry
            on_air.remove(entry)
            over = [o for o in [*on_air] if o[1] is not end and o[0] < until and o[2] > start]
            collisions += bool(over)
            other = ends[1 - ends.index(end)]
            other.hear(until, end.access.source, kind, content, rng, 1.0 if over else loss)
            end.hear(until, end.access.source, kind, content, rng, 0.0)  # one's own burst, heard back
        for end in ends:
            if end.access.is_lost(now):
                end.sender.timeout()
        now += STEP_S
    return ends, now, collisions


@pytest.mark.parametrize(("loss", "both"), [(0.0, False), (0.0, True), (0.2, True)])
def test_both_ends_bring_their_pictures_across(loss, both):
    ends, took_s, _ = run(loss, both)
    assert all(end.sender.done for end in ends) and took_s < 60
    for here, there in (ends, ends[::-1]):
        if here.items:
            assert there.reporter.receiver.is_complete(here.items[0].key.scope)
        here.sender.close()
        here.sender.account.close()
        here.sender.account.check()


def test_own_bursts_say_nothing_and_others_hold_one_back():
    access = HalfDuplex(3, Times(), random.Random(1))
    assert not access.heard(1.0, 3) and access.wait_s(0.5) == 0
    assert access.heard(1.0, 4) and access.heard(1.0, None)
    assert access.wait_s(0.5) == pytest.approx(0.52)
    access.owe_answer()
    assert access.wait_s(1.0) == pytest.approx(0.005)


def test_waits_grow_with_failures_and_end_with_an_answer():
    access = HalfDuplex(0, Times(backoff_s=0.1), random.Random(5))
    waits, now = [], 0.0
    for _ in range(12):
        now += access.wait_s(now)
        access.sent(now, wants_answer=True)
        assert not access.is_lost(now + 0.2)
        now += 0.25
        assert access.is_lost(now) and not access.is_lost(now)
        waits.append(access.wait_s(now))
    assert max(waits) > 1.0 and all(wait <= 0.1 * 2**6 for wait in waits)
    access.answered()
    assert access.failures_in_a_row == 0 and access.wait_s(now + 1) == 0


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ({"quiet_s": -1}, "quiet_s must be 0 to 10 seconds, got -1"),
        ({"guard_s": 0.5}, r"guard_s must be shorter than quiet_s \(0.02 s\), got 0.5"),
        ({"patience_s": True}, "patience_s must be 0.001 to 60 seconds, got True"),
    ],
)
def test_times_that_cannot_be_are_refused(times, message):
    with pytest.raises(HalfDuplexError, match=message):
        Times(**times)


def test_patience_does_not_end_while_the_other_end_speaks():
    """A burst that is in the air, or ended within the guard time, may be the answer."""
    times = Times(quiet_s=0.02, guard_s=0.005, patience_s=0.25, backoff_s=0.05)
    access = HalfDuplex(1, times, random.Random(1))
    access.sent(1.0, wants_answer=True)
    assert not access.is_lost(1.249)
    access.heard(1.3, 2)
    assert not access.is_lost(1.28) and not access.is_lost(1.3049)
    assert access.failures_in_a_row == 0
    assert access.is_lost(1.306) and access.failures_in_a_row == 1
    assert not access.is_lost(1.4)  # says so once


def test_the_wait_after_a_failure_is_drawn_from_a_range_that_doubles_and_is_bounded():
    class Longest:
        def uniform(self, low, high):
            assert low == 0
            return high

    access = HalfDuplex(1, Times(backoff_s=0.05), Longest())
    waits, now = [], 0.0
    for _ in range(9):
        access.sent(now, wants_answer=True)
        now += 1.0
        assert access.is_lost(now)
        waits.append(access.wait_s(now))
    assert waits == pytest.approx([0.05 * 2 ** min(n, 6) for n in range(9)])


@pytest.mark.parametrize(
    ("field", "allowed", "refused"),
    [
        ("quiet_s", 10, 10.1),
        ("guard_s", 0, -0.1),
        ("patience_s", 60, 60.1),
        ("patience_s", 1e-3, 0),
        ("backoff_s", 60, 61),
    ],
)
def test_times_are_bounded(field, allowed, refused):
    assert getattr(Times(**{field: allowed}), field) == allowed
    with pytest.raises(HalfDuplexError, match=field):
        Times(**{field: refused})
