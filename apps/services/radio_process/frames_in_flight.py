"""Frames between a sending host and its radio: waiting to be sent, or sent and not yet settled."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from semcom.link import FrameName
from semcom.link.messages import Kind
from semcom.link.transports.client import Client

STUCK_S = 60.0
"""If a radio that is there settles nothing for so long, something was lost between us."""


class FrameToSend(NamedTuple):
    """A frame with the mode it is to be sent in, and what lets the receiver combine it (`Repeat.to_bytes`)."""

    name: FrameName
    data: bytes
    mcs: str
    repeat: bytes = b""


class FramesInFlight:
    """In order, and no more on the way than the radio takes.

    Attributes
    ----------
    waiting : deque of FrameToSend
    """

    def __init__(self) -> None:
        self.waiting: deque[FrameToSend] = deque()
        self._in_flight: OrderedDict[int, FrameToSend] = OrderedDict()
        self._numbers = 0
        self._progress_at_s = time.monotonic()

    def __len__(self) -> int:
        """Frames that the radio has and has not settled."""
        return len(self._in_flight)

    def send(self, client: Client, write_down: Callable[[list[FrameName]], bool]) -> int:
        """As many as the radio takes, written down before they leave; how many left."""
        if client.welcome is None or not self.waiting:
            return 0
        room = max(0, client.welcome["window"] - len(self._in_flight))
        batch = [self.waiting.popleft() for _ in range(min(room, len(self.waiting)))]
        if not write_down([frame.name for frame in batch]):
            self.waiting.extendleft(reversed(batch))
            return 0
        first = self._numbers + 1
        bodies = (
            {"number": first + at, "mcs": entry.mcs, "frame": entry.data, "repeat": entry.repeat}
            for at, entry in enumerate(batch)
        )
        sent = client.send_all((Kind.FRAME, body) for body in bodies)
        if not self._in_flight:
            self._progress_at_s = time.monotonic()
        self._in_flight.update(zip(range(first, first + sent), batch[:sent], strict=True))
        self.waiting.extendleft(reversed(batch[sent:]))
        self._numbers += sent
        return sent

    def still_here(self) -> None:
        """The radio said that it has them, even if it can do nothing with them now."""
        self._progress_at_s = time.monotonic()

    def settle(self, number: int) -> FrameName | None:
        """The radio said what became of this one; None where it is not known here."""
        self._progress_at_s = time.monotonic()
        entry = self._in_flight.pop(number, None)
        return entry.name if entry else None

    def is_stuck(self) -> bool:
        """Whether nothing has been settled for `STUCK_S`."""
        return bool(self._in_flight) and time.monotonic() - self._progress_at_s > STUCK_S

    def leave_out(self, names: set[FrameName]) -> None:
        """Those of them that wait are not sent."""
        self.waiting = deque(entry for entry in self.waiting if entry.name not in names)

    def send_again(self, unconfirmed: Iterable[FrameToSend]) -> list[FrameName]:
        """What is on the way is lost: it goes to the front again, with these besides; their names."""
        known = {entry.name for entry in self.waiting}
        again = {entry.name: entry for entry in (*self._in_flight.values(), *unconfirmed) if entry.name not in known}
        self.waiting.extendleft(reversed(again.values()))
        self._in_flight.clear()
        return list(again)
