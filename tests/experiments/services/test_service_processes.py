"""A port for a service that starts later is not one that the system may give to a connection meanwhile."""

import socket
from pathlib import Path

import pytest

from semcom.experiments.services import service_processes
from semcom.experiments.services.service_processes import SIDE_BY_SIDE, free_port


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_free_port_is_none_that_the_system_gives_away(kind: socket.SocketKind) -> None:
    first_given = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = {free_port(kind) for _ in range(100)}
    assert len(ports) > 90 and min(ports) > 1024 and max(ports) < first_given


def test_a_port_in_use_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setattr(service_processes, "FIRST_PORT", taken.getsockname()[1])
        monkeypatch.setattr(service_processes, "NUM_PORTS", 1)
        monkeypatch.setattr(service_processes, "SIDE_BY_SIDE", 1)
        with pytest.raises(OSError, match="no free port was found"):
            free_port()


def test_processes_side_by_side_draw_from_ports_of_their_own_and_none_twice(monkeypatch) -> None:
    drawn = []
    for name in ("gw0", "gw1"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", name)
        drawn.append([free_port() for _ in range(100)])
    assert len({*drawn[0], *drawn[1]}) == 200
    assert len({port % SIDE_BY_SIDE for port in drawn[0]} | {port % SIDE_BY_SIDE for port in drawn[1]}) == 2
