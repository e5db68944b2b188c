"""Friends talk, strangers are refused and counted, restarts are noticed."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zmq

from semcom.link.errors import TransportError
from semcom.link.messages import HEADER, Kind, Message, Role
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import KeyRing, make_acquainted, make_keys
from semcom.link.transports.server import Server

LIMIT_S = 60.0


@pytest.fixture
def rings(tmp_path: Path) -> dict[str, KeyRing]:
    make_acquainted(tmp_path, ["tx", "radio", "rx"])
    make_keys(tmp_path / "stranger")
    return {name: KeyRing.load(tmp_path / name) for name in ("tx", "radio", "rx", "stranger")}


@pytest.fixture
def server(rings: dict[str, KeyRing]) -> Iterator[Server]:
    server = Server("tcp://127.0.0.1:*", rings["radio"], 16, "a test")
    yield server
    server.close()


@pytest.fixture
def client(rings: dict[str, KeyRing], server: Server) -> Iterator[Client]:
    client = Client(server.address, rings["tx"], "radio", Role.TX, 8, "test tx")
    yield client
    client.close()


class Heard:
    """Runs both ends and keeps what they heard."""

    def __init__(self, server: Server, *clients: Client) -> None:
        self.server, self.clients = server, clients
        self.at_server: list[tuple[str, Message]] = []
        self.at_clients: list[Message] = []

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < deadline, (self.server.statistics(), self.at_server, self.at_clients)
            self.at_server += [(peer.name, message) for peer, message in self.server.receive()]
            for client in self.clients:
                self.at_clients += client.receive()
            self.server.socket.poll(5)


def test_friends_meet_and_talk(server: Server, client: Client) -> None:
    heard = Heard(server, client)
    heard.until(lambda: client.connected)
    assert client.welcome == {"window": 16, "about": "a test"} and server.peer_of(Role.TX).name == "tx"
    assert client.send(Kind.FEEDBACK, feedback=b"one")
    heard.until(lambda: heard.at_server[-1][1].kind is Kind.FEEDBACK)
    assert server.send(server.peer_of(Role.TX), Kind.FEEDBACK, feedback=b"two")
    heard.until(lambda: heard.at_clients[-1].kind is Kind.FEEDBACK)
    assert heard.at_server[-1][1].body["feedback"] == b"one" and heard.at_clients[-1].body["feedback"] == b"two"
    assert server.counts["sessions"] == 1 and server.counts["refused"] == 0


def test_an_unknown_key_is_refused_and_counted(server: Server, rings: dict[str, KeyRing]) -> None:
    rings["stranger"].peers["radio"] = rings["radio"].public
    client = Client(server.address, rings["stranger"], "radio", Role.TX)
    try:
        Heard(server, client).until(lambda: bool(client.refused))
        assert "does not know our key" in client.refused and not client.connected
        assert server.statistics()["refused_key"] >= 1 and not server.peers
    finally:
        client.close()


def test_who_was_refused_comes_in_once_the_server_knows_the_key(rings: dict[str, KeyRing]) -> None:
    rings["stranger"].peers["radio"] = rings["radio"].public
    server = Server("tcp://127.0.0.1:*", rings["radio"], 1)
    address = server.address
    client = Client(address, rings["stranger"], "radio", Role.TX)
    try:
        Heard(server, client).until(lambda: bool(client.refused))
        server.close()
        rings["radio"].peers["new"] = rings["stranger"].public
        server = Server(address, rings["radio"], 1)
        Heard(server, client).until(lambda: client.connected)
        assert server.peer_of(Role.TX).name == "new" and not client.refused
    finally:
        client.close()
        server.close()


def test_a_server_with_another_key_is_not_talked_to(server: Server, rings: dict[str, KeyRing]) -> None:
    rings["tx"].peers["radio"] = rings["rx"].public
    client = Client(server.address, rings["tx"], "radio", Role.TX)
    try:
        heard = Heard(server, client)
        heard.until(lambda: server.counts["refused"] > 0)
        assert not client.connected and not server.peers and not heard.at_server
    finally:
        client.close()


def test_plain_clients_and_port_scans_are_refused_while_service_goes_on(server: Server, client: Client) -> None:
    heard = Heard(server, client)
    heard.until(lambda: client.connected)
    context = zmq.Context()
    plain = context.socket(zmq.DEALER)
    plain.linger = 0
    plain.connect(server.address)
    plain.send(Message(Kind.HELLO, {"role": 1, "window": 1, "name": "x"}, 5, 0, 1).to_bytes(), zmq.NOBLOCK)
    host, port = server.address.removeprefix("tcp://").split(":")
    rng = random.Random(1)
    scans = [socket.create_connection((host, int(port)), 5) for _ in range(20)]
    for scan in scans[::2]:
        scan.sendall(rng.randbytes(200))
    try:
        heard.until(
            lambda: server.counts["refused"] >= 5
        )  # one that is closed at once may leave before it is looked at
        for scan in scans:
            scan.close()
        client.send(Kind.FEEDBACK, feedback=b"still here")
        heard.until(lambda: bool(heard.at_server) and heard.at_server[-1][1].kind is Kind.FEEDBACK)
        assert {name for name, _ in heard.at_server} == {"tx"} and len(server.peers) == 1
    finally:
        for scan in scans:
            scan.close()
        plain.close()
        context.term()


def test_ten_thousand_random_messages_of_a_peer_change_nothing(server: Server, client: Client) -> None:
    """Even somebody with a key cannot bring the server down, or make it grow."""
    heard = Heard(server, client)
    heard.until(lambda: client.connected)
    rng = random.Random(2)
    before_bytes = _resident_bytes()
    for number in range(10_000):
        data = rng.randbytes(rng.randrange(400))
        if number % 3 == 0:  # a good header in front, so that the body is looked at
            kind = rng.randrange(1, 14)
            data = HEADER.pack(b"SEMC", 1, kind, 0, rng.randrange(1, 9), 1, number + 1, len(data)) + data
        client.socket.send(data)
        if number % 100 == 0:
            heard.at_server += [(peer.name, message) for peer, message in server.receive()]
    heard.until(lambda: server.counts["refused"] >= 9_990)
    assert _resident_bytes() - before_bytes < 16 << 20
    assert all(message.kind is Kind.HELLO for _, message in heard.at_server)
    client.send(Kind.FEEDBACK, feedback=b"after")
    heard.until(lambda: heard.at_server[-1][1].kind is Kind.FEEDBACK)


def test_a_message_that_is_too_long_ends_the_connection_only(server: Server, client: Client) -> None:
    heard = Heard(server, client)
    heard.until(lambda: client.connected)
    client.socket.send(bytes(1 << 20))
    heard.until(lambda: server.counts["disconnected"] >= 1)
    heard.until(lambda: client.connected and client.counts["sessions"] >= 2)
    client.send(Kind.FEEDBACK, feedback=b"after")
    heard.until(lambda: heard.at_server[-1][1].kind is Kind.FEEDBACK)


def test_messages_in_many_parts_and_before_hello_are_refused(server: Server, client: Client) -> None:
    client.socket.send(Message(Kind.FEEDBACK, {"feedback": b""}, 5, server.session, 1).to_bytes())
    client.socket.send_multipart([b"a", b"b", b"c"])
    Heard(server, client).until(lambda: server.counts["refused_parts"] == 1 and server.counts["refused_hello"] == 1)


def test_what_was_sent_before_is_refused_when_it_comes_again(server: Server, client: Client) -> None:
    heard = Heard(server, client)
    heard.until(lambda: client.connected)
    recorded = client._conversation.outgoing(Kind.FEEDBACK, feedback=b"once")
    for _ in range(3):
        client.socket.send(recorded)
    heard.until(lambda: server.counts["refused_sequence"] == 2)
    assert [message.body for _, message in heard.at_server if message.kind is Kind.FEEDBACK] == [{"feedback": b"once"}]


def test_an_old_session_cannot_be_played_again(server: Server, rings: dict[str, KeyRing], client: Client) -> None:
    heard = Heard(server, client)
    heard.until(lambda: client.connected)
    old = client._conversation.session
    anew = Client(server.address, rings["tx"], "radio", Role.TX)
    try:
        heard = Heard(server, anew)
        heard.until(lambda: anew.connected)
        assert len(server.peers) == 1  # the second took the place of the first: it has the same key and role
        anew.socket.send(Message(Kind.HELLO, {"role": 1, "window": 1, "name": ""}, old, 0, 1000).to_bytes())
        heard.until(lambda: server.counts["refused_session"] >= 1)
        assert server.peer_of(Role.TX).conversation.peer_session == anew._conversation.session
    finally:
        anew.close()


def test_a_session_that_fell_silent_is_over_when_its_host_was_started_anew(server, client, rings, monkeypatch) -> None:
    heard = Heard(server, client)
    heard.until(lambda: client.connected)
    old = client._conversation.session
    monkeypatch.setattr("semcom.link.transports.server.PEER_TIMEOUT_S", -1.0)
    list(server.receive())
    monkeypatch.undo()
    anew = Client(server.address, rings["tx"], "radio", Role.TX)
    try:
        heard = Heard(server, anew)
        heard.until(lambda: anew.connected)
        anew.socket.send(Message(Kind.HELLO, {"role": 1, "window": 1, "name": ""}, old, 0, 1000).to_bytes())
        heard.until(lambda: server.counts["refused_session"] >= 1)
        assert [peer.conversation.peer_session for peer in server.peers] == [anew._conversation.session]
    finally:
        anew.close()


def test_a_server_started_anew_is_noticed_and_old_messages_are_refused(rings: dict[str, KeyRing]) -> None:
    first = Server("tcp://127.0.0.1:*", rings["radio"], 16)
    address = first.address
    client = Client(address, rings["tx"], "radio", Role.TX)
    try:
        Heard(first, client).until(lambda: client.connected)
        old = client._conversation.outgoing(Kind.FEEDBACK, feedback=b"for the first")
        first.close()
        second = Server(address, rings["radio"], 16)
        try:
            heard = Heard(second, client)
            heard.until(lambda: client.counts["sessions"] == 2)
            client.socket.send(old)
            heard.until(lambda: second.counts["refused"] >= 1)
            assert all(message.kind is Kind.HELLO for _, message in heard.at_server)
        finally:
            second.close()
    finally:
        client.close()


def test_a_peer_that_does_not_read_costs_bounded_memory_and_drops_are_counted(rings: dict[str, KeyRing]) -> None:
    server = Server("tcp://127.0.0.1:*", rings["radio"], 16, max_queued=100)
    client = Client(server.address, rings["rx"], "radio", Role.RX, max_queued=100)
    try:
        Heard(server, client).until(lambda: client.connected)
        before_bytes = _resident_bytes()
        peer = server.peer_of(Role.RX)
        for _ in range(20_000):
            server.send(peer, Kind.FEEDBACK, feedback=bytes(8000))
        assert server.counts["dropped"] > 10_000
        assert _resident_bytes() - before_bytes < 64 << 20
    finally:
        client.close()
        server.close()


@pytest.mark.parametrize("address", ["udp://1.2.3.4:5", "tcp://256.1.1.1.1:x", "nonsense", "inproc://x"])
def test_addresses_that_cannot_be_used_are_named(address: str, rings: dict[str, KeyRing]) -> None:
    with pytest.raises(TransportError, match="address"):
        Server(address, rings["radio"], 1)
    with pytest.raises(TransportError, match="address"):
        Client(address, rings["tx"], "radio", Role.TX)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_peer_that_was_silent_for_long_comes_back_with_its_session(server, client, monkeypatch) -> None:
    heard = Heard(server, client)
    heard.until(lambda: client.connected)
    session = server.peer_of(Role.TX).conversation.peer_session
    monkeypatch.setattr("semcom.link.transports.server.PEER_TIMEOUT_S", -1.0)
    list(server.receive())
    assert not server.peers
    monkeypatch.undo()
    old = Message(Kind.HELLO, {"role": Role.TX, "window": 8, "name": "test tx"}, session, 0, 1)
    client.socket.send(old.to_bytes())
    heard.until(lambda: server.counts["refused_sequence"] == 1 and client.connected and bool(server.peers))
    assert server.peer_of(Role.TX).conversation.peer_session == session and server.counts["sessions"] == 2
    assert client.send(Kind.FEEDBACK, feedback=b"again")
    heard.until(lambda: heard.at_server[-1][1].kind is Kind.FEEDBACK)


def test_who_was_refused_a_role_comes_in_when_it_is_free(rings: dict[str, KeyRing]) -> None:
    taken = ["role is taken"]
    server = Server("tcp://127.0.0.1:*", rings["radio"], 1, admit=lambda role, name: taken[0] if taken else None)
    client = Client(server.address, rings["tx"], "radio", Role.TX)
    try:
        heard = Heard(server, client)
        heard.until(lambda: client.refused == "role is taken")
        taken.clear()
        heard.until(lambda: client.connected)
        assert not client.refused and server.peer_of(Role.TX).name == "tx"
    finally:
        client.close()
        server.close()


def test_a_peer_that_is_gone_is_sent_nothing(server: Server, client: Client, monkeypatch) -> None:
    heard = Heard(server, client)
    heard.until(lambda: client.connected)
    peer = server.peer_of(Role.TX)
    monkeypatch.setattr("semcom.link.transports.server.PEER_TIMEOUT_S", -1.0)
    list(server.receive())
    assert server.peers == []
    sent = server.statistics()["sent"]
    assert server.send(peer, Kind.FEEDBACK, feedback=b"late") is False
    assert server.send_all(peer, [(Kind.FEEDBACK, {"feedback": b"late"})]) == 0
    assert server.statistics()["sent"] == sent


def test_messages_are_counted_once_each_and_welcomes_of_a_session_given_out_once(
    server: Server, client: Client, monkeypatch
) -> None:
    monkeypatch.setattr("semcom.link.transports.client.HELLO_EVERY_S", 3600.0)  # on a busy machine, too, only when told
    client._hello_at_s = -3600.0
    heard = Heard(server, client)
    heard.until(lambda: client.connected)
    assert server.counts["heard"] == server.counts["sessions"] == 1  # its hello
    assert [message.kind for message in heard.at_clients] == [Kind.WELCOME]
    client._hello_at_s = -3600.0  # the next hello is due: its welcome begins nothing
    heard.until(lambda: client.counts["heard"] == 2)
    assert [message.kind for message in heard.at_clients] == [Kind.WELCOME]
    assert client.counts["sessions"] == 1 and server.counts["heard"] == 2
