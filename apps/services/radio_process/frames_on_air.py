"""Frames that a radio has taken and not settled: whose they are, and which wait until the air has room.

The air may still have frames of a host that has ended. They must not cost the host that came after it its own: what is
too much for the air waits here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from semcom.link.messages import Outcome
from semcom.link.refusals import Refusals


class Origin(NamedTuple):
    """Who sent a frame, its number there, and when it was given to the air."""

    session: int
    number: int
    since_s: float


class FramesOnAir:
    """In order, at most `most` on the air, and as many that wait for it.

    Parameters
    ----------
    send : callable
        Given a number, the frame's bytes, its MCS, and how it can be combined: `Air.send`.
    most : int
    refusals : Refusals
        What is refused is noted there.
    errors : tuple of exception classes
        What `send` raises where a frame fits no burst.
    """

    def __init__(
        self, send: Callable[..., None], most: int, refusals: Refusals, errors: tuple[type[Exception], ...]
    ) -> None:
        self._send, self._most, self._refusals, self._errors = send, most, refusals, errors
        self._origins: dict[int, Origin] = {}  # by number on the air
        self._waiting: deque[tuple[int, Mapping[str, Any]]] = deque()
        self._numbers = 0

    def __len__(self) -> int:
        """Frames that the air has."""
        return len(self._origins)

    def status(self) -> dict[str, int]:
        """How many wait for the air, and how many it has."""
        return {"for_air": len(self._waiting), "on_air": len(self._origins)}

    def begin_session(self) -> None:
        """The host is another one now: it sends again what waits here of the one before."""
        self._waiting.clear()

    def take(self, session: int, body: Mapping[str, Any]) -> bool:
        """A frame of a host, a FRAME's body; False where so many wait that it is refused."""
        if len(self._waiting) >= self._most:
            self._refusals.note("window", f"frames on the way must be at most {2 * self._most}, got more")
            return False
        self._waiting.append((session, body))
        return True

    def go_on(self) -> Iterator[tuple[int, Outcome | None]]:
        """Give the air what it has room for; the host's number of each frame, and its outcome if that is known."""
        while self._waiting and len(self._origins) < self._most:
            session, body = self._waiting.popleft()
            self._numbers += 1
            try:
                self._send(self._numbers, body["frame"], body["mcs"], body["repeat"])
            except self._errors as error:
                self._refusals.note("frame", str(error))
                yield body["number"], Outcome.REFUSED
                continue
            self._origins[self._numbers] = Origin(session, body["number"], time.monotonic())
            yield body["number"], None

    def settle(self, number: int) -> Origin | None:
        """The air is done with it; None where it is not known."""
        return self._origins.pop(number, None)
