"""Pictures a sender has sent: every frame of every picture, in a journal that survives `kill -9`.

What is written before a frame leaves cannot be forgotten. After a restart the journal is read again; pictures that were
on the way are closed, their open frames lost to the restart, and are sent anew under a new group number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from semcom.apps.services.journal import Journal
from semcom.link import Account, AccountError, FrameName, OutgoingFrame
from semcom.link.parity.set_frame import key_of

RESTARTED = "sender was started anew"
LAST_GROUP = LAST_PICTURE = 0xFFFF
MAX_DONE = 20_000
"""Files remembered as sent: a watched folder with more than this would be sent again from its beginning."""

_SUMS = ("sent", "delivered", "repaired", "lost", "transmissions", "duplicates")
_COMPACT_BYTES = 4 << 20


@dataclass
class SentPicture:
    """A picture on its way.

    Attributes
    ----------
    frames : dict
        Bytes and mode of each frame by name, for those who send again.
    unsettled : set of FrameName
        Of which the radio has not said what became of them.
    """

    number: int
    name: str
    mark: str
    frames: dict[FrameName, OutgoingFrame] = field(default_factory=dict)
    account: Account = field(default_factory=Account)
    unsettled: set[FrameName] = field(default_factory=set)
    missing: set[FrameName] = field(default_factory=set)
    causes: dict[FrameName, str] = field(default_factory=dict)
    changed_at_s: float = 0.0


class SentPictures:
    """Accounts of all pictures, open and closed.

    Parameters
    ----------
    path : Path
        Of the journal; read if it is there.

    Attributes
    ----------
    group : int
        Of this run: frames of an earlier run are never put together with ours.
    totals : Counter
        Of all closed pictures ever: ``pictures``, ``complete``, ``sent``, ``delivered``, ``repaired``, ``lost``, ...
    lost_by_cause : Counter
    recent : list of dict
        The last closed pictures.
    """

    def __init__(self, path: Path) -> None:
        self.totals: Counter[str] = Counter()
        self.lost_by_cause: Counter[str] = Counter()
        self.recent: list[dict[str, Any]] = []
        self.open: dict[int, SentPicture] = {}
        self._done: dict[str, None] = {}
        self._picture = self.group = 0
        self._carrying: dict[FrameName, int] = {}  # frames of layers of the group: the picture they were sent with
        self._unwritten: list[dict[str, Any]] = []
        self.disk_errors = 0
        self._journal = Journal(path)
        for entry in self._journal.entries():
            self._replay(entry)
        for picture in list(self.open.values()):
            self.close_picture(picture, RESTARTED, done=False)
        self._compact()
        self._next_group()

    def is_done(self, mark: str) -> bool:
        return mark in self._done

    def skip(self, mark: str) -> None:
        """A file that cannot be sent: not to be tried again."""
        self._write({"event": "done", "mark": mark})
        self._mark_done(mark)

    def next_number(self) -> tuple[int, int]:
        """Group and number for the next picture."""
        if self._picture >= LAST_PICTURE and not self.open:
            self._next_group()
        return self.group, self._picture + 1

    def begin(self, name: str, mark: str, frames: Iterable[OutgoingFrame], number: int | None = None) -> SentPicture:
        """A picture is going to be sent; or, with the number of one that was, more of it."""
        if number is None:
            self._picture += 1
        picture = SentPicture(number or self._picture, name, mark, {frame.name: frame for frame in frames})
        picture.missing = set(picture.frames)
        self._write({"event": "picture", "number": picture.number, "name": name, "mark": mark})
        self.open[picture.number] = picture
        return picture

    def sent(self, names: Iterable[FrameName]) -> bool:
        """These frames are going to leave now; False where that cannot be written down: then they must not."""
        names = list(names)
        if names and not self._write({"event": "sent", "frames": [[*name.key, name.piece] for name in names]}):
            self._unwritten.pop()
            return False
        self._apply("sent", names, "")
        return True

    def came(self, names: Iterable[FrameName]) -> list[FrameName]:
        """The receiving host has these frames; those of no open picture are returned."""
        here, strange = [], []
        for name in names:
            (strange if self.picture_of(name) is None else here).append(name)
        self._note("came", here)
        return strange

    def failed(self, names: Iterable[FrameName], cause: str) -> None:
        """A transmission of these frames failed."""
        here = [name for name in names if self.picture_of(name) is not None]
        self._note("failed", here, cause)

    def picture_of(self, name: FrameName) -> SentPicture | None:
        """The open picture in whose account this frame is; a layer of the group is in that of one picture."""
        return self.open.get(name.key.picture or self._carrying.get(name, 0)) if name.key.group == self.group else None

    def close_picture(self, picture: SentPicture, cause: str, done: bool = True) -> dict[str, Any]:
        """No more will come of it: check the sums and write them down.

        Raises
        ------
        AccountError
            sent ≠ delivered + repaired + lost.
        """
        picture.account.close(cause)
        picture.account.check()
        report = picture.account.as_dict()
        sums = {name: report[name] for name in _SUMS}
        closed = {"number": picture.number, "name": picture.name, "group": self.group, **sums}
        closed |= {"lost_by_cause": report["lost_by_cause"], "complete": done and not picture.missing}
        self._write({"event": "closed", "mark": picture.mark if done else "", **closed})
        self._add_closed(closed, picture.mark if done else "")
        self.open.pop(picture.number)
        self._carrying = {name: number for name, number in self._carrying.items() if number in self.open}
        if self._journal.num_bytes > _COMPACT_BYTES and not self.open and not self._unwritten:
            self._compact()
        return closed

    def as_dict(self) -> dict[str, Any]:
        """The account of all closed pictures; ready for JSON."""
        return {
            "group": self.group,
            "totals": {name: self.totals[name] for name in ("pictures", "complete", *_SUMS)},
            "lost_by_cause": dict(self.lost_by_cause),
            "recent": self.recent,
        }

    def check(self) -> None:
        """Compare the sums over all closed pictures; raises `AccountError`."""
        sums = self.totals
        if sums["sent"] != sums["delivered"] + sums["repaired"] + sums["lost"]:
            shown = ", ".join(f"{name} {sums[name]}" for name in _SUMS[:4])
            raise AccountError(f"sent must equal delivered + repaired + lost over all pictures, got {shown}")

    def close(self) -> None:
        self._journal.close()

    def _write(self, *entries: dict[str, Any]) -> bool:
        """Write entries and those that had to wait; where the disk is full they wait, in order."""
        self._unwritten += entries
        try:
            self._journal.write(*self._unwritten)
        except OSError:
            self.disk_errors += 1
            return False
        self._unwritten.clear()
        return True

    def _note(self, event: str, names: list[FrameName], cause: str = "") -> None:
        if names:
            entry = {"event": event, "frames": [[*name.key, name.piece] for name in names]}
            self._write(entry | ({"cause": cause} if cause else {}))
            self._apply(event, names, cause)

    def _apply(self, event: str, names: Iterable[FrameName], cause: str) -> None:
        for name in names:
            if event == "sent" and name.key.picture == 0:
                self._carrying[name] = self._number_sent_with(name)
            picture = self.picture_of(name)
            if picture is None:
                continue
            match event:
                case "sent":
                    picture.account.sent(name)
                case "came":
                    picture.account.received(name)
                    picture.missing.discard(name)
                case "failed":
                    picture.account.failed(name, cause)

    def _number_sent_with(self, name: FrameName) -> int:
        """The last open picture that has this frame; the last one begun while the journal is read again: none has."""
        return next((number for number in reversed(self.open) if name in self.open[number].frames), self._picture)

    def _replay(self, entry: dict[str, Any]) -> None:
        match entry["event"]:
            case "group":
                self.group, self._picture = entry["group"], 0
                self.open.clear()
            case "picture":
                self._picture = max(self._picture, entry["number"])
                self.open[entry["number"]] = SentPicture(entry["number"], entry["name"], entry["mark"])
            case "closed":
                self.open.pop(entry["number"], None)
                self._add_closed({k: v for k, v in entry.items() if k not in ("event", "mark")}, entry["mark"])
            case "done":
                self._mark_done(entry["mark"])
            case "totals":
                self.totals, self.lost_by_cause = Counter(entry["totals"]), Counter(entry["lost_by_cause"])
                self.recent = entry["recent"]
            case event:
                names = [FrameName(key_of(numbers[:4]), numbers[4]) for numbers in entry["frames"]]
                self._apply(event, names, entry.get("cause", ""))

    def _add_closed(self, closed: dict[str, Any], mark: str) -> None:
        self.totals.update({name: closed[name] for name in _SUMS})
        self.totals.update({"pictures": 1, "complete": int(closed["complete"])})
        self.lost_by_cause.update(closed["lost_by_cause"])
        self.recent = [*self.recent[-19:], closed]
        self._mark_done(mark)

    def _mark_done(self, mark: str) -> None:
        if mark:
            self._done[mark] = None
            while len(self._done) > MAX_DONE:
                del self._done[next(iter(self._done))]

    def _next_group(self) -> None:
        self.group = self.group % LAST_GROUP + 1
        self._picture = 0
        self._write({"event": "group", "group": self.group})

    def _compact(self) -> None:
        """What is closed needs no frames; the group is kept so that the next one is another."""
        totals = {"event": "totals", **{k: v for k, v in self.as_dict().items() if k != "group"}}
        done = [{"event": "done", "mark": mark} for mark in self._done]
        self._journal.rewrite([{"event": "group", "group": self.group}, totals, *done])
