"""Who holds a role, who gets it next, and what a key may be; without a restart of the server."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from semcom.link.errors import KeyFileError
from semcom.link.messages import Kind, Role
from semcom.link.transports import key_files
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import KeyRing, make_acquainted, make_keys
from semcom.link.transports.server import Server

from .test_server_and_client import Heard


@pytest.fixture
def keys(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(key_files, "LOOK_EVERY_S", 0.0)
    make_acquainted(tmp_path, ["tx", "rx", "radio", "me", "other"])
    return tmp_path


@pytest.fixture
def server(keys: Path) -> Iterator[Server]:
    server = Server("tcp://127.0.0.1:*", KeyRing.load(keys / "radio"), 16)
    yield server
    server.close()


def join(server: Server, keys: Path, name: str, role: Role) -> Client:
    return Client(server.address, KeyRing.load(keys / name), "radio", role)


@pytest.mark.parametrize("role", [Role.TX, Role.RX])
def test_a_second_process_is_refused_by_name_and_the_first_goes_on_after_it(server, keys, role: Role) -> None:
    name = role.name.lower()
    first = join(server, keys, name, role)
    Heard(server, first).until(lambda: first.connected)
    second = join(server, keys, name, role)
    try:
        heard = Heard(server, first, second)
        heard.until(lambda: bool(second.refused))
        assert second.refused.startswith(f"role {name} is held by another process with the key {name}, heard of ")
        assert first.send(Kind.FEEDBACK, feedback=b"while it was there")
        second.close()
        again_s = time.monotonic() + 1.5  # longer than the pause between two hellos
        heard = Heard(server, first)
        heard.until(lambda: time.monotonic() > again_s)
        assert first.connected and not first.refused and first.send(Kind.FEEDBACK, feedback=b"after it")
        heard.until(lambda: any(m.body.get("feedback") == b"after it" for _, m in heard.at_server))
        assert first.counts["sessions"] == 1
    finally:
        first.close()


def test_one_that_was_stopped_for_long_waits_for_its_successor_and_is_usable_after_it(server, keys) -> None:
    first = join(server, keys, "tx", Role.TX)
    Heard(server, first).until(lambda: first.connected)
    second = join(server, keys, "tx", Role.TX)
    try:
        Heard(server, second).until(lambda: second.connected)  # the first says nothing: it is stopped
        Heard(server, first, second).until(lambda: "is held by another process" in first.refused)
        assert second.connected
        second.close()
        heard = Heard(server, first)
        heard.until(lambda: first.connected and not first.refused)
        heard.until(lambda: first.send(Kind.FEEDBACK, feedback=b"again"))
        heard.until(lambda: any(m.body.get("feedback") == b"again" for _, m in heard.at_server))
    finally:
        first.close()


def test_who_was_killed_is_followed_at_once(server, keys) -> None:
    first = join(server, keys, "tx", Role.TX)
    Heard(server, first).until(lambda: first.connected)
    first.close()
    second = join(server, keys, "tx", Role.TX)
    try:
        since_s = time.monotonic()
        Heard(server, second).until(lambda: second.connected)
        assert server.peer_of(Role.TX).conversation.peer_session == second._conversation.session
        assert time.monotonic() - since_s < 15
    finally:
        second.close()


def test_several_may_ask_with_one_key(server, keys) -> None:
    clients = [join(server, keys, "me", Role.ASKING) for _ in range(3)]
    try:
        Heard(server, *clients).until(lambda: all(client.connected for client in clients))
    finally:
        for client in clients:
            client.close()


def test_a_key_meant_for_push_is_not_admitted_as_receiver(server, keys) -> None:
    client = join(server, keys, "me", Role.RX)
    try:
        Heard(server, client).until(lambda: bool(client.refused))
        assert client.refused == "key me is meant for asking, not for rx" and not server.peers
    finally:
        client.close()


def test_a_file_says_what_its_key_may_be(keys: Path) -> None:
    path = keys / "radio" / "peers" / "other.key"
    path.write_text("# roles: rx, asking\n" + path.read_text())
    ring = KeyRing.load(keys / "radio")
    assert ring.refuses_role("other", "rx") == "" and ring.refuses_role("other", "asking") == ""
    assert ring.refuses_role("other", "tx") == "key other is meant for asking or rx, not for tx"
    assert [ring.refuses_role(name, "tx") for name in ("tx", "tx2", "tx-roof", "camera")] == [""] * 4
    assert ring.refuses_role("rx2", "tx") and ring.refuses_role("far_radio", "tx") and not ring.refuses_role("tx", "tx")
    path.write_text(path.read_text().replace("asking", "boss"))
    with pytest.raises(KeyFileError, match="roles must be of tx, rx, radio, asking, got boss"):
        KeyRing.load(keys / "radio")


def test_a_key_that_is_taken_away_counts_at_the_next_message(server, keys) -> None:
    client = join(server, keys, "tx", Role.TX)
    try:
        heard = Heard(server, client)
        heard.until(lambda: client.connected)
        (keys / "radio" / "peers" / "tx.key").unlink()
        client.send(Kind.FEEDBACK, feedback=b"over the open connection")
        heard.until(lambda: server.counts["refused_hello"] >= 1)
        assert not any(m.kind is Kind.FEEDBACK for _, m in heard.at_server) and not server.peers
        assert not client.connected or not server.peers
    finally:
        client.close()


def test_a_new_key_comes_in_and_a_changed_server_is_found_without_a_restart(server, keys) -> None:
    make_keys(keys / "new")
    (keys / "new" / "peers" / "radio.key").write_bytes((keys / "radio" / "public.key").read_bytes())
    client = join(server, keys, "new", Role.TX)
    try:
        heard = Heard(server, client)
        heard.until(lambda: "does not know our key" in client.refused)
        shutil.copy(keys / "new" / "public.key", keys / "radio" / "peers" / "tx2.key")
        heard.until(lambda: client.connected)
        assert server.peer_of(Role.TX).name == "tx2"
    finally:
        client.close()


def test_a_broken_key_file_is_named_and_the_others_stay(keys: Path, caplog) -> None:
    ring = KeyRing.load(keys / "radio")
    (keys / "radio" / "peers" / "tx.key").write_text("half a ke")
    ring.look()
    assert "tx.key: must hold one key" in caplog.text and set(ring.peers) == {"rx", "me", "other"}
    assert ring.revision == 1
    ring.look()
    assert ring.revision == 1
