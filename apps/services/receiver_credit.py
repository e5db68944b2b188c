"""What the sending host knows of the receiving one: whether it is there, and what it has room for.

```
host rx ─ CREDIT: pictures, bytes, why none ─► radio ─► ... ─► host tx ─ begins no picture beyond
```

Nothing depends on it but speed: the receiving host takes, and confirms, no frame that it has no room for.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from enum import Enum
from typing import Any

AWAY_S = 5.0
"""A receiving host that tells its credit once a second and was silent for so long is away."""

TELL_EVERY_S = 1.0
TELL_CHANGE_AFTER_S = 0.05


class Reception(Enum):
    """The receiving host, as far as is known; the value is in words."""

    UNKNOWN = "not known: there is no feedback channel, or its host tells no credit"
    NOT_HEARD = "not heard of yet"
    AWAY = "away"
    NO_ROOM = "has no room"
    READY = "ready"


class ReceiverCredit:
    """The sending host's side.

    Attributes
    ----------
    pictures, frame_bytes : int
        That the receiving host could take when it last spoke.
    reason : str
        Why it can take none.
    """

    def __init__(self) -> None:
        self.pictures = self.frame_bytes = 0
        self.reason = ""
        self._feedback_channel = False
        self._told_at_s: float | None = None

    def take(self, body: Mapping[str, Any]) -> None:
        """A CREDIT message."""
        if not body["heard"]:
            self._feedback_channel = True
            return
        self._told_at_s = time.monotonic()
        self.pictures, self.frame_bytes, self.reason = body["pictures"], body["frame_bytes"], body["reason"]

    def radio_is_new(self) -> None:
        """Another radio's process, or a new connection: it says anew whether there is a feedback channel."""
        self._feedback_channel = False

    @property
    def reception(self) -> Reception:
        if self._told_at_s is None:
            return Reception.NOT_HEARD if self._feedback_channel else Reception.UNKNOWN
        if time.monotonic() - self._told_at_s > AWAY_S:
            return Reception.AWAY
        return Reception.READY if self.pictures and self.frame_bytes else Reception.NO_ROOM

    @property
    def on_hold(self) -> bool:
        """Whether it cannot confirm anything now: no conclusion is to be drawn from its silence."""
        return self.reception in (Reception.AWAY, Reception.NO_ROOM)

    def may_begin(self, num_unanswered: int, unheard_is_full: bool) -> bool:
        """Whether one more picture may be begun.

        Parameters
        ----------
        num_unanswered : int
            Pictures on their way of which nothing was confirmed: the receiving host may not know of them yet.
        unheard_is_full : bool
            No more pictures can be kept that went out before the receiving host was heard of.
        """
        match self.reception:
            case Reception.UNKNOWN:
                return True
            case Reception.NOT_HEARD:
                return not unheard_is_full
            case Reception.READY:
                return num_unanswered < self.pictures
            case _:
                return False

    def status(self) -> dict[str, Any]:
        return {
            "state": self.reception.value,
            "pictures": self.pictures,
            "frame_bytes": self.frame_bytes,
            "reason": self.reason,
        }

    def in_words(self) -> str:
        """Why nothing is sent, or that it is."""
        because = f": {self.reason}" if self.reason and self.reception is Reception.NO_ROOM else ""
        return f"receiving host {self.reception.value}{because}"


class CreditTeller:
    """The receiving host's side: when its credit is told."""

    def __init__(self) -> None:
        self._told: tuple[int, str] | None = None
        self._told_at_s = 0.0

    def is_due(self, pictures: int, reason: str) -> bool:
        """Whether to tell it now: it has changed, or was told long ago."""
        after_s = TELL_EVERY_S if self._told == (pictures, reason) else TELL_CHANGE_AFTER_S
        return time.monotonic() - self._told_at_s >= after_s

    def told(self, pictures: int, reason: str) -> None:
        self._told, self._told_at_s = (pictures, reason), time.monotonic()
