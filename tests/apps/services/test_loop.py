"""What ends a service, and that nobody forges a line of its log."""

from __future__ import annotations

import io
import logging
import os
import signal
from pathlib import Path

import pytest

from semcom.apps.services import loop
from semcom.apps.services.loop import run_service, start_log
from semcom.apps.services.status import StatusPoint


class Idle:
    """A service that does nothing but, once, send itself a signal."""

    def __init__(self, number: int) -> None:
        self.number, self.closed = number, False

    def waits_on(self) -> tuple:
        return ()

    def step(self) -> None:
        os.kill(os.getpid(), self.number)

    def status(self) -> dict:
        return {}

    def finished(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


@pytest.mark.timeout(20)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_each_of_these_signals_is_an_orderly_end(tmp_path: Path, number: int) -> None:
    service, before = Idle(number), signal.getsignal(number)
    run_service(service, StatusPoint(tmp_path, 0, "tx"))
    assert service.closed and signal.getsignal(number) is before


def test_a_name_with_a_newline_forges_no_line_of_the_log(monkeypatch) -> None:
    text = io.StringIO()
    monkeypatch.setattr(loop.sys, "stderr", text)
    log = logging.getLogger("semcom")
    before = list(log.handlers)
    try:
        start_log()
        log.warning("%s refused", "a\n2026-01-01 00:00:00,000 INFO all is well\x1b[2J.png")
        try:
            raise ValueError("one\ntwo")
        except ValueError:
            log.exception("failed")
    finally:
        log.handlers[:] = before
    lines = text.getvalue().splitlines()
    assert lines[0].endswith(r"WARNING a\n2026-01-01 00:00:00,000 INFO all is well\x1b[2J.png refused")
    assert lines[1].endswith("ERROR failed") and lines[2] == "Traceback (most recent call last):"
