"""systemd is told what sd_notify(3) says, and the watchdog bites a loop that hangs."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from semcom.apps.services.loop import run_service
from semcom.apps.services.status import StatusPoint
from semcom.apps.services.supervisor import Supervisor


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path: Path, monkeypatch) -> Iterator[socket.socket]:
    """The service manager's socket."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@semcom-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0"))
        listening.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield listening


def told(manager: socket.socket) -> list[str]:
    said = []
    while True:
        try:
            said.append(manager.recv(4096).decode())
        except BlockingIOError:
            return said


def test_the_watchdog_is_fed_in_time_and_only_by_turns_of_the_loop(manager, monkeypatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    now_s = [100.0]
    supervisor = Supervisor(lambda: now_s[0])
    supervisor.ready()
    for now_s[0] in (100.0, 101.0, 114.9, 115.0, 115.1):
        supervisor.goes_round()
    assert told(manager) == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
    now_s[0] = 300.0  # hangs: nothing is told
    assert told(manager) == []
    supervisor.ends()
    assert told(manager) == ["STOPPING=1"]


@pytest.mark.parametrize("settings", [{}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}])
def test_a_watchdog_of_nobody_or_of_another_process_is_not_fed(manager, monkeypatch, settings: dict) -> None:
    for name in ("WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    supervisor = Supervisor()
    supervisor.goes_round()
    assert told(manager) == []
    supervisor.ends()


def test_without_a_manager_nothing_is_told_and_a_dead_one_disturbs_nobody(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    Supervisor().ready()
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    supervisor = Supervisor()
    supervisor.ready()
    supervisor.ends()


class Turns:
    """A service that has finished after three turns."""

    left = 3

    def waits_on(self) -> tuple:
        return ()

    def step(self) -> None:
        self.left -= 1

    def status(self) -> dict:
        return {}

    def finished(self) -> bool:
        return self.left == 0

    def close(self) -> None:
        pass


def test_the_loop_of_a_service_tells_all_of_it(manager, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "1")  # each turn feeds
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    at_ready = []
    run_service(Turns(), StatusPoint(tmp_path / "state", 0, "tx"), lambda: at_ready.extend(told(manager)))
    assert at_ready == []  # nobody is told before it is so
    assert told(manager) == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]
