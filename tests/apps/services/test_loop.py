"""What ends a service."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from semcom.apps.services.loop import run_service
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
