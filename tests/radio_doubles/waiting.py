"""Waiting for something to happen, but never for ever."""

import time


def wait_for(condition, timeout_s: float = 30.0) -> None:
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "must happen in time"
        time.sleep(0.02)
