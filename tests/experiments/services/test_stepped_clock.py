"""A process sees the wall clock step, and no other clock, and sleeps as long as ever."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from semcom.experiments.services import preloaded
from semcom.experiments.services.stepped_clock import SteppedClock

TELL = "import sys, time\nfor _ in sys.stdin:\n time.sleep(0.01)\n print(time.time(), time.monotonic(), flush=True)"


def test_the_wall_clock_steps_and_nothing_else(tmp_path: Path) -> None:
    if not preloaded.is_possible():
        pytest.skip("a C compiler is needed: apt-get install gcc libc6-dev")
    clock = SteppedClock(tmp_path)
    command = [*clock.start_with, sys.executable, "-c", TELL]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for ahead_s in (0, 3600, -3600, 0):
            clock.step(ahead_s)
            before = time.time(), time.monotonic()
            process.stdin.write("\n")
            process.stdin.flush()
            wall_s, monotonic_s = map(float, process.stdout.readline().split())
            assert before[0] <= wall_s - ahead_s <= time.time() and before[1] <= monotonic_s <= time.monotonic()
        process.stdin.close()
