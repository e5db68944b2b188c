"""What a service tells: JSON on a local socket, Prometheus text; whoever asks cannot hold it up."""

from __future__ import annotations

import socket
import stat
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from semcom.apps.report.result_folder import OutputError
from semcom.apps.services import status
from semcom.apps.services.loop import run_service
from semcom.apps.services.status import StatusPoint, read_status


@pytest.fixture
def point(tmp_path: Path) -> Iterator[StatusPoint]:
    point = StatusPoint(tmp_path, 0, "tx")
    yield point
    point.close()


def test_the_last_snapshot_is_told_both_ways(point: StatusPoint, tmp_path: Path) -> None:
    point.publish({"frames": {"sent": 3}, "note": "ä"})
    point.publish({"frames": {"sent": 4}, "note": "ä"})
    told = read_status(tmp_path)
    assert told["frames"] == {"sent": 4} and told["service"] == "tx" and told["note"] == "ä"
    assert read_status(tmp_path / "status.sock")["frames"] == {"sent": 4}
    address = f"http://127.0.0.1:{point.metrics_port}"
    with urllib.request.urlopen(f"{address}/metrics", timeout=120) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        assert b'\nsemcom_tx_frames_total{event="sent"} 4.0\n' in answer.read()
    with pytest.raises(urllib.error.HTTPError, match="404") as caught:
        urllib.request.urlopen(f"{address}/etc/passwd", timeout=120)
    caught.value.close()


def test_the_local_socket_is_private_and_goes_with_the_service(tmp_path: Path) -> None:
    point = StatusPoint(tmp_path, 0, "rx")
    assert stat.S_IMODE((tmp_path / "status.sock").stat().st_mode) == 0o600
    point.close()
    assert not (tmp_path / "status.sock").exists()
    with pytest.raises(OutputError, match="no service answers there"):
        read_status(tmp_path)


def test_who_only_listens_or_sends_rubbish_holds_nobody_up(point: StatusPoint, tmp_path: Path) -> None:
    with socket.create_connection(("127.0.0.1", point.metrics_port), 5) as silent:
        with socket.create_connection(("127.0.0.1", point.metrics_port), 5) as rubbish:
            rubbish.sendall(b"\xff\x00" * 500 + b"\r\n\r\n")
        point.publish({"frames": {"sent": 5}})
        assert read_status(tmp_path)["frames"] == {"sent": 5}
        with urllib.request.urlopen(f"http://127.0.0.1:{point.metrics_port}/metrics", timeout=120) as answer:
            assert b'semcom_tx_frames_total{event="sent"} 5.0' in answer.read()
        assert silent.fileno() > 0


def test_the_page_is_for_this_computer_only(point: StatusPoint) -> None:
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", point.metrics_port), 5):
        pass


def test_a_state_folder_that_was_removed_is_made_again(point: StatusPoint, tmp_path: Path) -> None:
    (tmp_path / "status.sock").unlink()
    point.publish({"frames": {"sent": 6}})
    assert read_status(tmp_path)["frames"] == {"sent": 6}
    assert stat.S_IMODE((tmp_path / "status.sock").stat().st_mode) == 0o600


def test_a_path_that_is_too_long_for_a_socket_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="must be at most 107 bytes long"):
        StatusPoint(tmp_path / ("x" * 120), 0, "tx")


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


class Hangs:
    """A service whose second step does not end before it is let go; it has finished after the third."""

    def __init__(self) -> None:
        self.steps, self.hangs, self.go_on = 0, threading.Event(), threading.Event()

    def waits_on(self) -> tuple:
        return ()

    def step(self) -> None:
        self.steps += 1
        if self.steps == 2:
            self.hangs.set()
            assert self.go_on.wait(120)

    def status(self) -> dict:
        return {}

    def finished(self) -> bool:
        return self.steps == 3

    def close(self) -> None:
        pass


def test_health_fails_while_the_loop_of_the_service_hangs(tmp_path: Path, monkeypatch) -> None:
    now_s, service, told = [1000.0], Hangs(), []
    point = StatusPoint(tmp_path, 0, "tx", lambda: now_s[0])

    def look() -> None:
        assert service.hangs.wait(120)
        for passed_s in (status.HANGS_AFTER_S, 0.5):
            now_s[0] += passed_s
            told.append(ask(point.metrics_port, "/healthz"))
        service.go_on.set()

    monkeypatch.setattr("semcom.apps.services.loop.PUBLISH_EVERY_S", 0.0)
    service.close = lambda: told.append(ask(point.metrics_port, "/healthz"))
    looking = threading.Thread(target=look)
    looking.start()
    run_service(service, point)
    looking.join(120)
    assert told == [
        (200, "goes on: last round 10.0 s ago\n"),
        (503, "hangs: last round 10.5 s ago\n"),
        (200, "goes on: last round 0.0 s ago\n"),
    ]


def test_a_flood_of_silent_requests_costs_few_threads_and_passes(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(status, "ANSWER_WITHIN_S", 2.0)
    point = StatusPoint(tmp_path, 0, "tx")
    before, flood = threading.active_count(), []
    try:
        for _ in range(200):
            flood.append(socket.create_connection(("127.0.0.1", point.metrics_port), 10))
            assert threading.active_count() - before <= 2 * status.MAX_REQUESTS + 1
        deadline = time.monotonic() + 20
        while True:  # the silent ones are closed, and somebody else is answered
            try:
                assert ask(point.metrics_port, "/metrics")[0] == 200
                break
            except OSError:
                assert time.monotonic() < deadline
        assert point._http.turned_away >= 1
    finally:
        for connection in flood:
            connection.close()
        point.close()
