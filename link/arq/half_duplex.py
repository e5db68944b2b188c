"""Half duplex: who speaks when, where both ends share one frequency.

A state machine without a clock of its own: it is told the time, what the radio hears, and what there is to send; it
answers when to send and how long to wait. Every burst carries its sender's number, so one's own bursts, heard back, say
nothing. Three rules keep two ends from talking at once:

listen before talk   nothing is sent until the band has been quiet for `quiet_s`
turnaround guard     after the other end has spoken, `guard_s` passes before an answer: its receiver must be back
patience             a round without a report within `patience_s` is taken for lost; each time in a row the wait before
                     the next try is drawn from a range twice as long, so that two ends that collided do not do so again
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from semcom.link.errors import LinkError

_MAX_DOUBLINGS = 6


class HalfDuplexError(LinkError):
    """A time that cannot be. The message names field, rule and value."""


@dataclass(frozen=True)
class Times:
    """Times of a half-duplex link, seconds.

    Attributes
    ----------
    quiet_s : float
        How long the band must be quiet before one speaks of one's own accord.
    guard_s : float
        From the end of the other's burst to one's answer; shorter than `quiet_s`, so that answers go first.
    patience_s : float
        From the end of one's burst until a report must have begun to come.
    backoff_s : float
        Longest extra wait after the first failure.
    """

    quiet_s: float = 0.02
    guard_s: float = 0.005
    patience_s: float = 0.25
    backoff_s: float = 0.05

    def __post_init__(self) -> None:
        for field, low, high in (
            ("quiet_s", 0, 10),
            ("guard_s", 0, 10),
            ("patience_s", 1e-3, 60),
            ("backoff_s", 0, 60),
        ):
            value = getattr(self, field)
            if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
                raise HalfDuplexError(f"{field} must be {low:g} to {high:g} seconds, got {value!r}")
        if self.guard_s >= self.quiet_s:
            raise HalfDuplexError(f"guard_s must be shorter than quiet_s ({self.quiet_s:g} s), got {self.guard_s:g}")


class HalfDuplex:
    """One end's access to the band.

    Parameters
    ----------
    source : int
        One's own number, 0..255.
    times : Times
    rng : random.Random
        Of the waits after failures.

    Attributes
    ----------
    answer_due : bool
        The other end waits for a report.
    failures_in_a_row : int
    """

    def __init__(self, source: int, times: Times, rng: random.Random) -> None:
        if not 0 <= source <= 255:
            raise HalfDuplexError(f"source must be 0 to 255, got {source!r}")
        self.source, self.times = source, times
        self._rng = rng
        self._busy_until = 0.0  # somebody was heard until then
        self._own_until = -math.inf
        self._hold_until = 0.0  # after a failure
        self._waiting_since: float | None = None
        self.answer_due = False
        self.failures_in_a_row = 0

    def heard(self, until_s: float, source: int | None) -> bool:
        """The band was in use until then; ``source`` as its signal field says, None where it could not be read.

        Returns
        -------
        bool
            Whether the burst is another end's, and so worth reading.
        """
        if source == self.source:
            return False
        self._busy_until = max(self._busy_until, until_s)
        return True

    def owe_answer(self) -> None:
        """The other end waits for a report: it goes out after the guard time, before anything else."""
        self.answer_due = True

    def wait_s(self, now_s: float) -> float:
        """How long to wait before sending; 0: now."""
        pause = self.times.guard_s if self.answer_due else self.times.quiet_s
        clear_at = max(self._busy_until + pause, self._own_until + (0 if self.answer_due else self.times.guard_s))
        if not self.answer_due:
            clear_at = max(clear_at, self._hold_until)
            if self._waiting_since is not None:
                clear_at = max(clear_at, self._waiting_since + self.times.patience_s)
        return max(0.0, clear_at - now_s)

    def sent(self, until_s: float, wants_answer: bool) -> None:
        """One's own burst ends then."""
        self._own_until = until_s
        self.answer_due = False
        self._waiting_since = until_s if wants_answer else None

    def own_may_be_heard(self, now_s: float) -> bool:
        """Whether what is heard now may hold a part of one's own burst, which is decoded a while after its end."""
        return now_s < self._own_until + self.times.patience_s

    def answered(self) -> None:
        """The report came."""
        self._waiting_since = None
        self.failures_in_a_row = 0
        self._hold_until = 0.0

    def is_lost(self, now_s: float) -> bool:
        """Whether patience has ended; says so once, and draws the wait before the next try."""
        if self._waiting_since is None or now_s < self._waiting_since + self.times.patience_s:
            return False
        if now_s < self._busy_until + self.times.guard_s:
            return False  # somebody speaks right now: it may be the answer
        self._waiting_since = None
        longest = self.times.backoff_s * 2 ** min(self.failures_in_a_row, _MAX_DOUBLINGS)
        self._hold_until = now_s + self._rng.uniform(0, longest)
        self.failures_in_a_row += 1
        return True
