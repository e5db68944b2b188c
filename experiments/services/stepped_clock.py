"""A wall clock that can be stepped, for processes that are started with it; their monotonic clock is left alone."""

from __future__ import annotations

from pathlib import Path

from semcom.experiments.services import preloaded


class SteppedClock:
    """Builds the library (`stepped_clock.c`) in a folder; there must be a C compiler.

    Parameters
    ----------
    folder : Path

    Attributes
    ----------
    start_with : tuple of str
        Program to start a process with, so that it sees this clock.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.step(0)
        self.start_with = preloaded.start_with("stepped_clock", folder, STEPPED_CLOCK=str(self._file))

    def step(self, ahead_s: int) -> None:
        """From now on the wall clock is so far ahead of the computer's."""
        self._file.touch()
        with self._file.open("r+b") as file:  # in place: processes have it mapped
            file.write(ahead_s.to_bytes(8, "little", signed=True))
