"""`semcom live` as a process of its own, for recipes that look at it from outside."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

END_S = 60.0


@dataclass(frozen=True)
class Served:
    """A page that is served.

    Attributes
    ----------
    address : str
        ``http://127.0.0.1:PORT``
    pid : int
    started_at_s : float
        `time.monotonic` when the command was typed.
    """

    address: str
    pid: int
    started_at_s: float


@contextmanager
def served(*options: str) -> Iterator[Served]:
    """The command with these options on a free port, until the block ends."""
    command = [sys.executable, "-u", "-m", "semcom.apps.cli", "live", "--port", "0", *options]
    since_s = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = next(
                found[0] for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line))
            )
            yield Served(address, process.pid, since_s)
        finally:
            process.terminate()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
