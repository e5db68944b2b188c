"""Pictures a sender has sent: every frame of every picture, in a journal that survives `kill -9` and power cuts.

What is written before a frame leaves cannot be forgotten. After a restart the journal is read again; pictures that were
on the way go on under their own names with the very frames that the journal keeps, so that the receiving host knows
what it has. Of a picture too long to be kept, the open frames are lost to the restart, and it is sent anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

from semcom.apps.services.journal import Journal
from semcom.apps.services.records.sent_picture import SentPicture as SentPicture
from semcom.apps.services.records.sent_picture import begun, event_of, read_begun, told_again
from semcom.link import AccountError, FrameName, OutgoingFrame, Scope
from semcom.link.parity.set_frame import key_of

RESTARTED = "sender was started anew"
LAST_GROUP = LAST_PICTURE = 0xFFFF
MAX_DONE = 20_000
"""Files remembered as sent that are no longer in a folder; those that are there are remembered all."""

_SUMS = ("sent", "delivered", "repaired", "lost", "transmissions", "duplicates")
_COMPACT_BYTES = 4 << 20


class SentPictures:
    """Accounts of all pictures, open and closed.

    Parameters
    ----------
    path : Path
        Of the journal; read if it is there.
    stream : int
        Of this run. By chance, it keeps runs apart whose journals know nothing of each other: a state folder that was
        lost, copied, or is another one.
    resume : bool
        Pictures that were on the way stay open, where the journal has their frames.

    Attributes
    ----------
    group : int
        Of this run: frames of an earlier run are never put together with ours.
    open : dict of Scope to SentPicture
    totals : Counter
        Of all closed pictures ever: ``pictures``, ``complete``, ``sent``, ``delivered``, ``repaired``, ``lost``, ...
    lost_by_cause : Counter
    recent : list of dict
        The last closed pictures.
    """

    def __init__(self, path: Path, stream: int = 0, resume: bool = False) -> None:
        self.totals: Counter[str] = Counter()
        self.lost_by_cause: Counter[str] = Counter()
        self.recent: list[dict[str, Any]] = []
        self.open: dict[Scope, SentPicture] = {}
        self.stream = stream
        self._done: dict[str, None] = {}
        self._picture = self.group = 0
        self._compact_above_bytes = _COMPACT_BYTES
        self._carrying: dict[FrameName, Scope] = {}  # frames of layers of the group: the picture they were sent with
        self._unwritten: list[dict[str, Any]] = []
        self.disk_errors = 0
        self._journal = Journal(path)
        for entry in self._journal.entries():
            self._replay(entry)
        for picture in list(self.open.values()):
            if not (resume and picture.frames):
                self.close_picture(picture, RESTARTED, done=False)
        self._compact()
        self._next_group()

    def is_done(self, mark: str) -> bool:
        return mark in self._done

    def skip(self, mark: str) -> None:
        """A file that cannot be sent: not to be tried again."""
        self._write({"event": "done", "mark": mark})
        self._mark_done(mark)

    def prune(self, present: set[str]) -> None:
        """Forget files that are no longer in a folder, the oldest first, as far as there are too many."""
        absent = len(self._done) - MAX_DONE
        if absent > 0:
            for mark in [mark for mark in self._done if mark not in present][:absent]:
                del self._done[mark]

    def next_number(self) -> tuple[int, int]:
        """Group and number for the next picture."""
        if self._picture >= LAST_PICTURE:
            self._next_group()
        return self.group, self._picture + 1

    def begin(
        self,
        name: str,
        mark: str,
        frames: Iterable[OutgoingFrame],
        number: int | None = None,
        submission: str = "",
    ) -> SentPicture:
        """A picture is going to be sent; or, with the number of one that was, more of it."""
        if number is None:
            self._picture += 1
        frames_by_name = {frame.name: frame for frame in frames}
        picture = SentPicture(number or self._picture, name, mark, frames_by_name, stream=self.stream, group=self.group)
        picture.missing, picture.submission = set(picture.frames), submission
        self._write(begun(picture), durable=True)
        self.open[picture.scope] = picture
        return picture

    def sent(self, names: Iterable[FrameName]) -> bool:
        """These frames are going to leave now; False where that cannot be written down: then they must not."""
        names = list(names)
        if names and not self._write(event_of("sent", names)):
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
        scope = name.key.scope if name.key.picture else self._carrying.get(name)
        return self.open.get(scope) if scope else None

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
        closed = {
            "number": picture.number,
            "name": picture.name,
            "group": picture.group,
            "stream": picture.stream,
            **sums,
        }
        closed |= {"lost_by_cause": report["lost_by_cause"], "complete": done and not picture.missing}
        self._write({"event": "closed", "mark": picture.mark if done else "", **closed}, durable=True)
        self._add_closed(closed, picture.mark if done else "")
        self.open.pop(picture.scope)
        self._carrying = {name: scope for name, scope in self._carrying.items() if scope in self.open}
        if self._journal.num_bytes > self._compact_above_bytes and not self._unwritten:
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

    def _write(self, *entries: dict[str, Any], durable: bool = False) -> bool:
        """Write entries and those that had to wait; where the disk is full they wait, in order."""
        durable |= bool(self._unwritten)
        self._unwritten += entries
        try:
            self._journal.write(*self._unwritten, durable=durable)
        except OSError:
            self.disk_errors += 1
            return False
        self._unwritten.clear()
        return True

    def _note(self, event: str, names: list[FrameName], cause: str = "") -> None:
        if names:
            self._write(event_of(event, names, cause))
            self._apply(event, names, cause)

    def _apply(self, event: str, names: Iterable[FrameName], cause: str) -> None:
        for name in names:
            if event == "sent" and name.key.picture == 0:
                self._carrying[name] = self._sent_with(name)
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

    def _sent_with(self, name: FrameName) -> Scope:
        """The last open picture that has this frame; the last one begun where the journal has no frames: none has."""
        having = (scope for scope in reversed(self.open) if name in self.open[scope].frames)
        return next(having, Scope(name.key.stream, name.key.group, self._picture))

    def _replay(self, entry: dict[str, Any]) -> None:
        match entry["event"]:
            case "group":
                self.group, self._picture = entry["group"], entry.get("picture", 0)
                self.open = {scope: picture for scope, picture in self.open.items() if picture.frames}
            case "picture":
                picture = read_begun(entry, self.group)
                if picture.group == self.group:
                    self._picture = max(self._picture, picture.number)
                self.open[picture.scope] = picture
            case "closed":
                self.open.pop(Scope(entry.get("stream", 0), entry["group"], entry["number"]), None)
                self._add_closed({k: v for k, v in entry.items() if k not in ("event", "mark")}, entry["mark"])
            case "done":
                self._mark_done(entry["mark"])
            case "totals":
                self.totals, self.lost_by_cause = Counter(entry["totals"]), Counter(entry["lost_by_cause"])
                self.recent = entry["recent"]
            case "sent" | "came" | "failed" as event:
                names = [FrameName(key_of(numbers[:4]), numbers[4]) for numbers in entry["frames"]]
                self._apply(event, names, entry.get("cause", ""))
            case _:  # of a later version that ran in between
                pass

    def _add_closed(self, closed: dict[str, Any], mark: str) -> None:
        self.totals.update({name: closed[name] for name in _SUMS})
        self.totals.update({"pictures": 1, "complete": int(closed["complete"])})
        self.lost_by_cause.update(closed["lost_by_cause"])
        self.recent = [*self.recent[-19:], closed]
        self._mark_done(mark)

    def _mark_done(self, mark: str) -> None:
        if mark:
            self._done[mark] = None

    def _next_group(self) -> None:
        self.group = self.group % LAST_GROUP + 1
        self._picture = 0
        self._write({"event": "group", "group": self.group, "stream": self.stream})

    def _compact(self) -> None:
        """What is closed needs no frames; the group is kept so that the next one is another."""
        totals = {"event": "totals", **{k: v for k, v in self.as_dict().items() if k != "group"}}
        done = ({"event": "done", "mark": mark} for mark in self._done)  # one by one: there may be very many
        group = {"event": "group", "group": self.group, "stream": self.stream, "picture": self._picture}
        on_the_way = [entry for picture in self.open.values() for entry in told_again(picture)]
        try:
            self._journal.rewrite(chain([group, totals], done, on_the_way))
        except OSError:
            self.disk_errors += 1
        self._compact_above_bytes = self._journal.num_bytes + _COMPACT_BYTES
