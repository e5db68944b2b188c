"""Frames of layers that a group of pictures shares: some of its pictures are yet to come."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from semcom.link import FrameName, Scope

MAX_GROUP_BYTES = 8 << 20
"""Frames of layers of groups that outlive the process."""


class GroupFrames:
    """The frames, group by group; the group of which nothing came for longest makes room.

    Attributes
    ----------
    num_bytes : int
        Of all of them.
    """

    def __init__(self) -> None:
        self.num_bytes = 0
        self._groups: OrderedDict[Scope, dict[FrameName, bytes]] = OrderedDict()

    def __iter__(self) -> Iterator[bytes]:
        return (frame for frames in self._groups.values() for frame in frames.values())

    def keep(self, name: FrameName, data: bytes) -> int:
        """Keep a frame; how many were dropped to make room."""
        frames = self._groups.setdefault(name.key.scope, {})
        self._groups.move_to_end(name.key.scope)
        self.num_bytes += len(data) - len(frames.get(name, b""))
        frames[name] = data
        num_dropped = 0
        while self.num_bytes > MAX_GROUP_BYTES:
            _, frames = self._groups.popitem(last=False)
            self.num_bytes -= sum(map(len, frames.values()))
            num_dropped += len(frames)
        return num_dropped
