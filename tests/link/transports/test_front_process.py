"""The port of a server under a flood: who has a key is served, the process keeps its descriptors."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from semcom.link.messages import Kind, Role
from semcom.link.transports import front
from semcom.link.transports.addresses import split_tcp
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import KeyRing, make_acquainted, make_keys
from semcom.link.transports.server import Server

from .test_server_and_client import Heard

NUM_CONNECTIONS = 1500


@pytest.fixture
def rings(tmp_path: Path) -> dict[str, KeyRing]:
    make_acquainted(tmp_path, ["tx", "radio", "me"])
    make_keys(tmp_path / "stranger")
    return {name: KeyRing.load(tmp_path / name) for name in ("tx", "radio", "me", "stranger")}


@pytest.fixture
def server(rings: dict[str, KeyRing]) -> Iterator[Server]:
    server = Server("tcp://127.0.0.1:*", rings["radio"], 16)
    yield server
    server.close()


@pytest.fixture
def client(rings: dict[str, KeyRing], server: Server) -> Iterator[Client]:
    client = Client(server.address, rings["tx"], "radio", Role.TX)
    yield client
    client.close()


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[1], 8192), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@pytest.mark.parametrize(
    "says",
    [
        b"",
        pytest.param(b"\xff", marks=pytest.mark.long),
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", marks=pytest.mark.long),
    ],
)
def test_1500_plain_connections_cost_no_descriptors_and_service_goes_on(
    server: Server, client: Client, rings, many_descriptors, says: bytes
) -> None:
    heard = Heard(server, client)
    heard.until(lambda: client.connected)
    before = descriptors(os.getpid())
    flood: list[socket.socket] = []

    def connect() -> None:
        for _ in range(NUM_CONNECTIONS):
            with contextlib.suppress(OSError):
                flood.append(socket.create_connection(tuple(split_tcp(server.address)), 5))
                flood[-1].send(says)

    thread = threading.Thread(target=connect)
    thread.start()
    late = Client(server.address, rings["me"], "radio", Role.ASKING)
    try:
        heard.until(lambda: not client.send(Kind.FEEDBACK, feedback=b"") or not thread.is_alive())
        assert len(flood) >= NUM_CONNECTIONS * 0.9
        own = descriptors(os.getpid()) - before - len(flood)
        assert own <= 2 * front.MAX_UNPROVEN, "what ZeroMQ has is what the front lets through"
        assert descriptors(server._front._process.pid) <= 3 * front.MAX_CONNECTIONS
        Heard(server, client, late).until(lambda: late.connected)
        assert client.connected and client.counts["sessions"] == 1
        heard.until(lambda: server.counts["unproven_connections"] >= len(flood) - front.MAX_UNPROVEN)
    finally:
        late.close()
        thread.join()
        for connection in flood:
            connection.close()


def test_a_stranger_who_knows_the_servers_key_is_answered_with_less_than_proves_anything(server, rings) -> None:
    """The bytes that make the front take a connection for proven: relayed here by hand."""
    rings["stranger"].peers["radio"] = rings["radio"].public
    assert _bytes_answered(server, rings["stranger"]) < front.PROVEN_BYTES
    assert _bytes_answered(server, rings["tx"]) >= front.PROVEN_BYTES


def _bytes_answered(server: Server, ring: KeyRing) -> int:
    count = 0
    listening = socket.create_server(("127.0.0.1", 0))

    def relay() -> None:
        nonlocal count
        inner, _ = listening.accept()
        outer = socket.create_connection(tuple(split_tcp(server.address)), 5)
        threading.Thread(target=pump, args=(inner, outer, False), daemon=True).start()
        pump(outer, inner, True)

    def pump(source: socket.socket, to: socket.socket, counted: bool) -> None:
        nonlocal count
        try:
            while data := source.recv(4096):
                count += len(data) if counted else 0
                to.sendall(data)
        except OSError:
            pass
        source.close(), to.close()

    thread = threading.Thread(target=relay, daemon=True)
    thread.start()
    client = Client(f"tcp://127.0.0.1:{listening.getsockname()[1]}", ring, "radio", Role.TX)
    try:
        Heard(server, client).until(lambda: client.connected or bool(client.refused))
    finally:
        client.close()
        listening.close()
        thread.join(5)
    return count


def test_a_front_that_was_killed_is_started_again_and_hosts_come_back(server: Server, client: Client) -> None:
    heard = Heard(server, client)
    heard.until(lambda: client.connected)
    os.kill(server._front._process.pid, signal.SIGKILL)
    heard.until(lambda: server.counts["front_started_again"] == 1)

    def again_heard() -> bool:
        client.send(Kind.FEEDBACK, feedback=b"again")
        return any(message.body.get("feedback") == b"again" for _, message in heard.at_server)

    heard.until(again_heard)
    assert server.counts["sessions"] == 1 or server.counts["reconnected"]


def test_a_front_without_descriptors_goes_on_and_takes_who_waits_when_there_are_some(server: Server, rings) -> None:
    pid = server._front._process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    heard_before = Client(server.address, rings["tx"], "radio", Role.TX)
    heard = Heard(server, heard_before)
    heard.until(lambda: heard_before.connected)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (descriptors(pid), before[1]))
    waits = Client(server.address, rings["me"], "radio", Role.ASKING)
    later = Heard(server, waits)
    try:
        heard_before.send(Kind.FEEDBACK, feedback=b"goes on")  # connections that are open are served
        heard.until(lambda: any(message.body.get("feedback") == b"goes on" for _, message in heard.at_server))
        assert not waits.connected and server._front._process.poll() is None
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        later.until(lambda: waits.connected)
        assert server._front._process.pid == pid
    finally:
        waits.close()
        heard_before.close()


def test_a_port_that_is_taken_is_said_and_a_closed_one_is_free_again(server: Server, rings, monkeypatch) -> None:
    from semcom.link.errors import TransportError

    monkeypatch.setattr("semcom.link.transports.front_process.BIND_PATIENCE_S", 0.1)
    with pytest.raises(TransportError, match="cannot be bound: Address already in use"):
        Server(server.address, rings["radio"], 1)
    other = Server("tcp://127.0.0.1:*", rings["radio"], 1)
    folder = Path(other._front.inner.removeprefix("ipc://")).parent
    assert folder.stat().st_mode & 0o777 == 0o700
    other.close()
    assert not folder.exists()
    Server(other.address, rings["radio"], 1).close()


def test_ipv6(rings: dict[str, KeyRing]) -> None:
    if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists():
        pytest.skip("IPv6 is needed: sysctl net.ipv6.conf.lo.disable_ipv6=0, then sudo make test")
    server = Server("tcp://[::1]:*", rings["radio"], 1)
    client = Client(server.address, rings["tx"], "radio", Role.TX)
    try:
        assert server.address.startswith("tcp://[::1]:")
        Heard(server, client).until(lambda: client.connected)
    finally:
        client.close()
        server.close()
