"""Which groups of a stream are repeats of an old session: a window that moves on evidence alone.

A frame says of itself to which group it belongs, and nothing proves it. As RTP does with sequence numbers
[RFC 3550, A.1], a group ahead, but for the next one, is on probation until several frames in a row belong to it; a
window that refuses frame after frame of one group has itself been led astray, and gives way to it. Numbers go round
[RFC 1982].
"""

from __future__ import annotations

MAX_GROUP_AGE = 8
"""Groups of a stream this far behind the newest one are refused: they are repeats of an old session."""

PROBATION_FRAMES = 4
"""In a row, of a group ahead, before the window moves there; they are taken meanwhile."""

ASTRAY_FRAMES = 16
"""Refused in a row, of one group, before the window goes back to it."""

_GROUPS = 1 << 16


class GroupWindow:
    """The window of one stream."""

    def __init__(self) -> None:
        self.newest: int | None = None
        self._candidate, self._in_a_row = 0, 0

    def admits(self, group: int) -> bool:
        """Whether a frame of this group is taken; to be asked once for each frame."""
        if self.newest is None:
            self.newest = group
        ahead = (group - self.newest) % _GROUPS
        if ahead <= 1:
            self.newest, self._in_a_row = group, 0
            return True
        if _GROUPS - ahead <= MAX_GROUP_AGE:
            self._in_a_row = 0  # pictures overtake one another
            return True
        is_old = ahead > _GROUPS // 2
        self._in_a_row = self._in_a_row + 1 if group == self._candidate else 1
        self._candidate = group
        if self._in_a_row >= (ASTRAY_FRAMES if is_old else PROBATION_FRAMES):
            self.newest, self._in_a_row = group, 0
            return True
        return not is_old
