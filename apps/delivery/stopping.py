"""Ctrl-C and SIGTERM as a wish to end: what is under way is brought to its end, and said."""

from __future__ import annotations

import signal
import threading
from types import FrameType

_NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


class Stopping:
    """A context in which the two signals set `by`; a second one ends the program as it would have without.

    Ctrl-C that was ignored before (in the background of a shell) stays ignored.

    Attributes
    ----------
    by : str
        What asked for the end; empty while nothing has.
    """

    def __init__(self) -> None:
        self.by = ""
        self._before: dict[int, object] = {}

    def __bool__(self) -> bool:
        return bool(self.by)

    def __enter__(self) -> Stopping:
        if threading.current_thread() is threading.main_thread():
            for number in _NAMES:
                before = signal.getsignal(number)
                if before is not signal.SIG_IGN:
                    self._before[number] = before
                    signal.signal(number, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.by = _NAMES[number]
        signal.signal(number, self._before.pop(number))
