"""The account of every frame, by name: sent = delivered + repaired + lost.

Kept where both ends are known: in a loopback run, an experiment, or a sender that hears back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from semcom.link.errors import AccountError
from semcom.link.frame import FrameName
from semcom.link.item import Key

UNKNOWN_CAUSE = "missed"
"""Cause of loss of a frame of which nothing at all was heard."""

_NAMES_SHOWN = 5


@dataclass(frozen=True)
class Totals:
    """Frames of an item, or of a whole run; duplicates and transmissions are not part of the balance."""

    sent: int
    delivered: int
    repaired: int
    lost: int
    transmissions: int
    duplicates: int

    @property
    def received(self) -> int:
        return self.delivered + self.repaired


@dataclass
class _Entry:
    transmissions: int = 0
    came_at: int = 0  # number of transmissions made when it came; 0 = not yet
    duplicates: int = 0
    cause: str = ""


class Account:
    """Who was sent, who came, who was lost and why.

    A frame that came after its first transmission is *delivered*; one that took more is *repaired*; one given up is
    *lost*, with a cause. A cause may be noted at each failure; it counts only if the frame never comes.
    """

    def __init__(self) -> None:
        self._entries: dict[FrameName, _Entry] = {}
        self._strangers: Counter[FrameName] = Counter()

    def sent(self, name: FrameName) -> None:
        """A transmission of this frame, the first or another one."""
        self._entries.setdefault(name, _Entry()).transmissions += 1

    def received(self, name: FrameName) -> None:
        """The frame came. Twice counts once."""
        entry = self._entries.get(name)
        if entry is None:
            self._strangers[name] += 1
        elif entry.came_at:
            entry.duplicates += 1
        else:
            entry.came_at = entry.transmissions

    def failed(self, name: FrameName, cause: str) -> None:
        """A transmission of this frame failed, for this cause."""
        entry = self._entries.get(name)
        if entry is None:
            self._strangers[name] += 1
        else:
            entry.cause = cause

    def close(self, cause: str = UNKNOWN_CAUSE) -> None:
        """No more will come: what is still on the way is lost, for ``cause`` where none was noted."""
        for entry in self._entries.values():
            if not entry.came_at:
                entry.cause = entry.cause or cause

    def lost(self) -> dict[FrameName, str]:
        """Name and cause of each frame that did not come."""
        return {name: entry.cause for name, entry in self._entries.items() if entry.cause and not entry.came_at}

    def totals(self, key: Key | None = None) -> Totals:
        """Of one item, or of all."""
        return _sum([entry for name, entry in self._entries.items() if key is None or name.key == key])

    def sent_keys(self) -> list[Key]:
        """Items of which frames were sent, in order of sending."""
        return list(dict.fromkeys(name.key for name in self._entries))

    def history(self) -> dict[FrameName, list[str]]:
        """What happened to each frame, so that it can be told again: ``sent``, ``came``, and last ``failed CAUSE``.

        Of several causes only the last one is known.
        """
        told = {}
        for name, entry in self._entries.items():
            after = entry.transmissions - entry.came_at
            came = ["sent"] * entry.came_at + ["came"] if entry.came_at else []
            failed = [f"failed {entry.cause}"] if entry.cause else []
            told[name] = [*came, *["sent"] * after, *["came"] * entry.duplicates, *failed]
        return told

    def check(self) -> None:
        """Compare the sums.

        Raises
        ------
        AccountError
            A frame is neither here nor lost (`close` was not called), or one came that was never sent.
        """
        open_names = [name for name, entry in self._entries.items() if not entry.came_at and not entry.cause]
        if open_names:
            raise AccountError(f"sent must equal delivered + repaired + lost, got {_shown(open_names)} unaccounted for")
        if self._strangers:
            raise AccountError(f"received frames must have been sent, got {_shown(list(self._strangers))}")

    def as_dict(self) -> dict[str, Any]:
        """Totals, per item, and each lost frame by name; ready for JSON."""
        lost = self.lost()
        per_key: dict[Key, list[_Entry]] = {}
        for name, entry in self._entries.items():
            per_key.setdefault(name.key, []).append(entry)
        return {
            **asdict(self.totals()),
            "lost_by_cause": dict(Counter(lost.values())),
            "lost_frames": {str(name): cause for name, cause in lost.items()},
            "never_sent": {str(name): times for name, times in self._strangers.items()},
            "items": {str(key): asdict(_sum(entries)) for key, entries in per_key.items()},
        }


def _sum(entries: list[_Entry]) -> Totals:
    return Totals(
        sent=len(entries),
        delivered=sum(entry.came_at == 1 for entry in entries),
        repaired=sum(entry.came_at > 1 for entry in entries),
        lost=sum(bool(entry.cause) and not entry.came_at for entry in entries),
        transmissions=sum(entry.transmissions for entry in entries),
        duplicates=sum(entry.duplicates for entry in entries),
    )


def _shown(names: list[FrameName]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(str(name) for name in names[:_NAMES_SHOWN]) + more
