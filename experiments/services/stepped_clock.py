"""A wall clock that can be stepped, for processes that are started with it; their monotonic clock is left alone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


class SteppedClock:
    """Builds the library (`stepped_clock.c`) in a folder.

    Parameters
    ----------
    folder : Path

    Attributes
    ----------
    start_with : tuple of str
        Program to start a process with, so that it sees this clock.

    Raises
    ------
    OSError, subprocess.CalledProcessError
        There is no C compiler, or it cannot build it.
    """

    def __init__(self, folder: Path) -> None:
        self._file, library = folder / "clock", folder / "stepped_clock.so"
        self.step(0)
        source = Path(__file__).with_suffix(".c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(source), "-ldl"], check=True)
        self.start_with = ("env", f"LD_PRELOAD={library}", f"STEPPED_CLOCK={self._file}")

    @staticmethod
    def is_possible() -> bool:
        """Whether there is a C compiler."""
        return shutil.which("cc") is not None

    def step(self, ahead_s: int) -> None:
        """From now on the wall clock is so far ahead of the computer's."""
        self._file.touch()
        with self._file.open("r+b") as file:  # in place: processes have it mapped
            file.write(ahead_s.to_bytes(8, "little", signed=True))
