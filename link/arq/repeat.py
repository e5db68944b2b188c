"""Repeat: which blocks to send again, and in which redundancy version, from what the receiver reports.

Stop-and-wait over a window of up to 64 blocks with selective repeat. The engine knows nothing of time: whoever runs it
sends a round, waits for reports or for its own patience to end, and asks for the next round.

```
round ─ transmissions ─► modem ─► air           reports ─► feedback()         patience ends ─► timeout()
```

What became of a block decides what follows: *heard and not decoded*: the next redundancy version, to be combined;
*not heard at all*: the same once more, so that the receiver gets a version that it can decode alone, and, where a
fallback is given, in a more robust MCS: there is nothing to combine that binds it to the old one. Where a few of
many were lost (something else was on the band for a moment), they go out several times, some time apart: one copy
misses the disturbance, and the picture is whole after this round.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from semcom.link.arq.account import Account
from semcom.link.arq.feedback import NUM_PROCESSES, Feedback
from semcom.link.errors import ItemError
from semcom.link.frame import FrameName
from semcom.link.parity.set_frame import SetKey
from semcom.link.sender import OutgoingFrame

REDUNDANCY_ORDER = (0, 2, 3, 1)
"""Versions of a block in the order they are sent: 3GPP TS 38.214 §5.1.2.1 gives it for new radio."""

MAX_TRANSMISSIONS = 16

MAX_COPIES = 4
"""Times a frame is sent in one round."""
FEW = 0.5
"""Share of lost frames up to which copies promise more than combining."""
ROUND_FAILURE = 0.005
"""Probability of a round that leaves something open, which copies are to reach."""


@dataclass(frozen=True)
class Transmission:
    """One block to send.

    Attributes
    ----------
    frame : OutgoingFrame
    process : int
        HARQ process, 0..63.
    redundancy_version : int
    new_data : bool
        False: to be combined with what the receiver kept of this process.
    copy : int
        0 for the first in a round; copies come after a pause each, longer than what disturbs.
    """

    frame: OutgoingFrame
    process: int
    redundancy_version: int
    new_data: bool
    copy: int = 0


@dataclass
class _Pending:
    frame: OutgoingFrame
    process: int
    transmissions: int = 0
    version: int = 0  # place in REDUNDANCY_ORDER of what is sent next
    heard: bool = False  # the receiver holds soft values of it


class RepeatSender:
    """Sends frames until the receiver has them, or a number of transmissions is used up.

    Parameters
    ----------
    frames : sequence of OutgoingFrame
        In the order to send.
    max_transmissions : int
        Of each frame, 1 to 16.
    source : int
        Number of this sender on the radio: reports about others are ignored.
    account : Account, optional
        Is told of every transmission, arrival and loss.
    window : int
        Blocks of a round, 1 to 64.
    copies : bool
        Send a few lost frames several times in the next round.
    fallback : callable
        From the MCS of a frame that was not heard to that of its next transmission.
    """

    def __init__(
        self,
        frames: Sequence[OutgoingFrame],
        max_transmissions: int = 4,
        source: int = 0,
        account: Account | None = None,
        window: int = NUM_PROCESSES,
        copies: bool = False,
        fallback: Callable[[str | None], str | None] = lambda mcs: mcs,
    ) -> None:
        for field, value, most in (
            ("max_transmissions", max_transmissions, MAX_TRANSMISSIONS),
            ("window", window, NUM_PROCESSES),
        ):
            if not 1 <= value <= most:
                raise ItemError(f"{field} must be 1 to {most}, got {value}")
        self.account = Account() if account is None else account
        self.max_transmissions, self.source, self.window = max_transmissions, source, window
        self.rounds = 0
        self.snr_db: float | None = None
        self._fallback = fallback
        self._waiting = list(frames)
        self._pending: dict[FrameName, _Pending] = {}
        self._next_process = 0
        self._copies, self._copies_now, self._sent_now = copies, 1, 0

    @property
    def done(self) -> bool:
        """Every frame has come or was given up."""
        return not self._pending and not self._waiting

    @property
    def free_process(self) -> int:
        """A process that no block on its way uses: for what is sent beside them. There is one in a window below 64."""
        used = {pending.process for pending in self._pending.values()}
        return next((number for number in range(NUM_PROCESSES) if number not in used), 0)

    def next_round(self) -> list[Transmission]:
        """What to send now: everything in the window that has not come."""
        self._give_up()
        self._fill_window()
        self.rounds += bool(self._pending)
        round_ = []
        for copy in range(self._copies_now):
            for pending in self._pending.values():
                if pending.transmissions < self.max_transmissions:
                    version = REDUNDANCY_ORDER[pending.version % len(REDUNDANCY_ORDER)]
                    round_.append(Transmission(pending.frame, pending.process, version, not pending.heard, copy))
                    pending.transmissions += 1
                    self.account.sent(pending.frame.name)
        self._sent_now = len(self._pending)
        return round_

    def feedback(self, reports: Iterable[Feedback]) -> None:
        """Take in what came back after a round."""
        failed: set[int] = set()
        for report in reports:
            if report.source != self.source:
                continue
            failed |= report.failed
            self.snr_db = report.snr_db if report.snr_db is not None else self.snr_db
            self._acknowledge(report)
        for pending in self._pending.values():
            if pending.process in failed:
                pending.heard = True
                pending.version += 1
                self.account.failed(pending.frame.name, "block CRC failed")
            else:
                self.account.failed(pending.frame.name, "not heard")
                if not pending.heard:
                    pending.frame = replace(pending.frame, mcs=self._fallback(pending.frame.mcs))
        self._copies_now = self._copies_for(len(self._pending)) if self._copies else 1

    def timeout(self) -> None:
        """No report came: nothing is known of this round."""
        for pending in self._pending.values():
            self.account.failed(pending.frame.name, "no report")

    def _copies_for(self, num_lost: int) -> int:
        """Copies with which all that was lost comes through a channel that loses the share it has just lost."""
        share = num_lost / max(self._sent_now, 1)
        if not 0 < share <= FEW:
            return 1
        return min(MAX_COPIES, math.ceil(math.log(ROUND_FAILURE / num_lost) / math.log(share)))

    def close(self) -> None:
        """Give up what has not come, so that the account is whole."""
        self._waiting, given_up = [], list(self._pending)
        for name in given_up:
            self._lose(name)

    def _acknowledge(self, report: Feedback) -> None:
        parts = {(part.is_set, part.number): part.received for part in report.parts}
        for name in list(self._pending):
            if name.key.scope != report.scope:
                continue
            is_set = isinstance(name.key, SetKey)
            number = name.key.set_number if is_set else name.key.layer
            if number in (report.sets if is_set else report.layers) or name.piece in parts.get((is_set, number), ()):
                self._arrived(name)
        if report.complete:  # parity symbols of sets that came without them
            self._waiting = [frame for frame in self._waiting if frame.name.key.scope != report.scope]

    def _arrived(self, name: FrameName) -> None:
        del self._pending[name]
        self.account.received(name)

    def _give_up(self) -> None:
        for name in [n for n, pending in self._pending.items() if pending.transmissions >= self.max_transmissions]:
            self._lose(name)

    def _lose(self, name: FrameName) -> None:
        """The cause of the loss is that of the last failure."""
        del self._pending[name]

    def _fill_window(self) -> None:
        """Take up waiting frames, each with a process that no other uses; neighbours get neighbouring ones."""
        used = {pending.process for pending in self._pending.values()}
        while self._waiting and len(self._pending) < self.window:
            process = next(
                number
                for number in ((self._next_process + step) % NUM_PROCESSES for step in range(NUM_PROCESSES))
                if number not in used
            )
            used.add(process)
            self._next_process = (process + 1) % NUM_PROCESSES
            frame = self._waiting.pop(0)
            self._pending[frame.name] = _Pending(frame, process)


def bursts_of(transmissions: Sequence[Transmission], default_mcs: str) -> list[list[Transmission]]:
    """Transmissions that may share a burst: neighbours of one MCS, length, version and kind."""
    groups: list[list[Transmission]] = []
    for entry in transmissions:
        last = groups[-1][-1] if groups else None
        if last is not None and _together(last, entry, default_mcs):
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return groups


def _together(last: Transmission, entry: Transmission, default_mcs: str) -> bool:
    def shape(one: Transmission) -> tuple:
        return one.frame.mcs or default_mcs, len(one.frame.data), one.redundancy_version, one.new_data

    return (
        last.copy == entry.copy and shape(last) == shape(entry) and entry.process == (last.process + 1) % NUM_PROCESSES
    )
