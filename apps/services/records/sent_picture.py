"""A picture on its way, and the entries of the sender's journal from which it is read again."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from semcom.link import Account, FrameName, OutgoingFrame, Scope
from semcom.link.parity.set_frame import key_of

MAX_KEPT_BYTES = 1 << 21
"""Of frames of one picture in the journal, so that it goes on after a restart."""


@dataclass
class SentPicture:
    """A picture on its way.

    Attributes
    ----------
    frames : dict
        Bytes and mode of each frame by name, for those who send again.
    submission : str
        Identifier of the file's submission, in hexadecimal digits: results have it, too.
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
    stream: int = 0
    group: int = 0
    submission: str = ""

    @property
    def scope(self) -> Scope:
        return Scope(self.stream, self.group, self.number)

    @property
    def is_unanswered(self) -> bool:
        """Whether nothing of it was confirmed so far."""
        return len(self.missing) == len(self.frames)


def begun(picture: SentPicture) -> dict[str, Any]:
    """Entry of a picture that is begun: its frames too, where they are not too long together."""
    entry = {"event": "picture", "number": picture.number, "name": picture.name, "mark": picture.mark}
    entry |= {"stream": picture.stream, "group": picture.group, "submission": picture.submission}
    if sum(len(frame.data) for frame in picture.frames.values()) <= MAX_KEPT_BYTES:
        entry["frames"] = [_write_frame(frame) for frame in picture.frames.values()]
    return entry


def read_begun(entry: dict[str, Any], group: int) -> SentPicture:
    """A picture that was begun; entries of earlier versions name neither stream nor group, and have no frames."""
    frames = [_read_frame(*told) for told in entry.get("frames", ())]
    picture = SentPicture(entry["number"], entry["name"], entry["mark"], {frame.name: frame for frame in frames})
    picture.missing = set(picture.frames)
    picture.stream, picture.group = entry.get("stream", 0), entry.get("group", group)
    picture.submission = entry.get("submission", "")
    return picture


def event_of(event: str, names: Iterable[FrameName], cause: str = "") -> dict[str, Any]:
    """Entry of frames that were ``sent``, ``came``, or ``failed``."""
    entry = {"event": event, "frames": [[*name.key, name.piece] for name in names]}
    return entry | ({"cause": cause} if cause else {})


def told_again(picture: SentPicture) -> Iterator[dict[str, Any]]:
    """Entries from which an open picture and its account are read again."""
    yield begun(picture)
    alike: dict[tuple[str, ...], list[FrameName]] = {}
    for name, events in picture.account.history().items():
        alike.setdefault(tuple(events), []).append(name)
    for events, names in alike.items():
        for told in events:
            event, _, cause = told.partition(" ")
            yield event_of(event, names, cause)


def _write_frame(frame: OutgoingFrame) -> list[Any]:
    return [[*frame.name.key, frame.name.piece], base64.b64encode(frame.data).decode(), frame.importance, frame.mcs]


def _read_frame(name: list[int], data: str, importance: int, mcs: str | None) -> OutgoingFrame:
    return OutgoingFrame(FrameName(key_of(name[:4]), name[4]), base64.b64decode(data), importance, mcs)
