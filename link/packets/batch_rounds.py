"""The batch of packets under way: sent in rounds, each answered by one report, until it has come or is given up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from semcom.link.arq.account import Account
from semcom.link.arq.feedback import NUM_PROCESSES, Feedback
from semcom.link.arq.repeat import RepeatSender, Transmission
from semcom.link.item import Scope
from semcom.link.sender import OutgoingFrame

WINDOW = NUM_PROCESSES - 1
"""Blocks of a round: one process is left for reports."""
_NOTHING_READ = Scope(0, 0, 0)


class BatchRounds:
    """Rounds of one batch after another.

    Parameters
    ----------
    source : int
        Number that our bursts carry.
    max_transmissions : int
        Of each block.
    counts : Counter
        ``delivered``, ``repaired``, ``lost``, ``rounds``, ``no_report`` and ``reports_heard`` are added up here.

    Attributes
    ----------
    is_open : bool
        A round has gone to the radio, its report has not come.
    """

    def __init__(self, source: int, max_transmissions: int, counts: Counter[str]) -> None:
        self._source, self._max_transmissions, self._counts = source, max_transmissions, counts
        self._sender: RepeatSender | None = None
        self._account = Account()
        self._scope: Scope | None = None
        self.is_open = False

    def __bool__(self) -> bool:
        """Whether a batch is under way."""
        return self._sender is not None

    @property
    def free_process(self) -> int:
        """A process that no block of the batch uses."""
        return 0 if self._sender is None else self._sender.free_process

    def next(self, next_frames: Callable[[], Sequence[OutgoingFrame]]) -> list[Transmission]:
        """The next round: of the batch, else of a new one of these frames; empty where there are none."""
        round_: list[Transmission] = []
        if self._sender is not None:
            round_ = self._sender.next_round()
            self._close_if_done()
        if not round_ and (frames := next_frames()):
            self._account, self._scope = Account(), frames[0].name.key.scope
            self._sender = RepeatSender(frames, self._max_transmissions, self._source, self._account, window=WINDOW)
            round_ = self._sender.next_round()
        self.is_open = bool(round_)
        self._counts["rounds"] += bool(round_)
        return round_

    def is_about_us(self, report: Feedback) -> bool:
        """Whether a report is about our batch; counts it."""
        about_us = report.source == self._source and report.scope in (self._scope, _NOTHING_READ)
        self._counts["reports_heard"] += about_us
        return about_us and self._sender is not None

    def answered(self, report: Feedback) -> None:
        """A report about our batch ends the round."""
        self.is_open = False
        self._sender.feedback([report])
        self._close_if_done()

    def not_answered(self) -> None:
        """No report came."""
        self.is_open = False
        self._counts["no_report"] += 1
        self._sender.timeout()

    def _close_if_done(self) -> None:
        if self._sender.done:
            self._account.close()
            totals = self._account.totals()
            self._counts["delivered"] += totals.received
            self._counts["repaired"] += totals.repaired
            self._counts["lost"] += totals.lost
            self._sender = None
