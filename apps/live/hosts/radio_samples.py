"""Samples of a radio whose flowgraph runs in a child process of ours: written there, to a file of this computer."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from semcom.apps.services.radio_process.child_air import ChildAir

ANSWER_S = 5.0
"""The child answers at once, unless it hangs or is started anew."""
_LOOK_EVERY_S = 0.01


class RadioSamples:
    """`Samples` as a `Recorder` takes them. Not for the thread that turns the air.

    Parameters
    ----------
    air : ChildAir
    do : callable
        Does something on the thread that turns the air.
    """

    def __init__(self, air: ChildAir, do: Callable[[Callable[[], None]], None]) -> None:
        self._air, self._do = air, do

    @property
    def recording(self) -> str:
        return self._air.recording

    def record(self, path: Path) -> None:
        self._say(str(path))

    def stop_recording(self) -> None:
        self._say("")

    def _say(self, path: str) -> None:
        self._do(lambda: self._air.record(path))
        deadline_s = time.monotonic() + ANSWER_S
        while self.recording != path:
            if time.monotonic() > deadline_s:
                self._do(lambda: self._air.record(""))  # should it hear of a beginning later
                raise OSError(f"the radio did not {'begin' if path else 'end'} to write within {ANSWER_S:g} s")
            time.sleep(_LOOK_EVERY_S)
