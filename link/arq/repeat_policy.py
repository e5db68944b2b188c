"""Which frames a sender sends again by name, as often as allowed: repeat between hosts.

Frames travel by name through the radio's process; blocks are not combined here (that needs both ends of one radio,
`arq.repeat`). Whoever sends a frame again chooses a more robust MCS by `times_repeated`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from semcom.link.arq.feedback import Feedback
from semcom.link.frame import FrameName
from semcom.link.parity.set_frame import SetKey


class RepeatPolicy:
    """Selective repeat with a limit per frame.

    Parameters
    ----------
    max_transmissions : int
        Of each frame.
    """

    def __init__(self, max_transmissions: int) -> None:
        self._most = max_transmissions
        self._repeated: Counter[FrameName] = Counter()

    def frames_again(self, report: Feedback, names: Iterable[FrameName]) -> list[FrameName]:
        """Frames to send once more, in the order given: those of the report's picture or group that it does not name.

        Parameters
        ----------
        report : Feedback
        names : iterable of FrameName
            Frames that are not on the way at present.
        """
        parts = {(part.is_set, part.number): part.received for part in report.parts}

        def came(name: FrameName) -> bool:
            is_set = isinstance(name.key, SetKey)
            number = name.key.set_number if is_set else name.key.layer
            return number in (report.sets if is_set else report.layers) or name.piece in parts.get((is_set, number), ())

        return self.allowed([name for name in names if name.key.scope == report.scope and not came(name)])

    def allowed(self, names: Iterable[FrameName]) -> list[FrameName]:
        """Those that may be sent once more; they are counted as sent."""
        allowed = [name for name in names if self._repeated[name] < self._most - 1]
        self._repeated.update(allowed)
        return allowed

    def times_repeated(self, name: FrameName) -> int:
        """How often a frame has been sent once more."""
        return self._repeated[name]

    def forget(self, names: Iterable[FrameName]) -> None:
        """These frames are settled."""
        for name in names:
            self._repeated.pop(name, None)
