from __future__ import annotations

import socket

import pytest

from semcom.link.errors import TransportError
from semcom.link.transports import addresses
from semcom.link.transports.addresses import checked, needs_ipv6, resolver_trouble, split_tcp, tcp_address


@pytest.mark.parametrize("address", ["tcp://a:1", "tcp://[::1]:5701", "tcp://127.0.0.1:*", "ipc:///tmp/x"])
def test_addresses_of_ours_are_taken(address: str) -> None:
    assert checked(address) == address


@pytest.mark.parametrize("address", ["udp://a:1", "tcp://a", "tcp://:5", "tcp://a:65536", "tcp://a:x", "a:1"])
def test_others_are_named(address: str) -> None:
    with pytest.raises(TransportError, match="address must be tcp://HOST:PORT or ipc://PATH, got "):
        checked(address)


def test_hosts_are_split_and_put_together_with_brackets_where_they_need_them() -> None:
    assert split_tcp("tcp://[::1]:5701") == ("::1", "5701") and split_tcp("tcp://here:*") == ("here", "*")
    assert tcp_address("::1", 5) == "tcp://[::1]:5" and tcp_address("127.0.0.1", 5) == "tcp://127.0.0.1:5"
    assert needs_ipv6("tcp://[fe80::1%eth0]:5") and not needs_ipv6("tcp://localhost:5") and not needs_ipv6("ipc:///x")


def test_the_resolver_is_quoted_where_it_does_not_know_a_name(monkeypatch) -> None:
    assert resolver_trouble("tcp://127.0.0.1:5701") == "" and resolver_trouble("ipc:///x") == ""

    def unknown(host: str, *options: object, **more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", unknown)
    assert resolver_trouble("tcp://radoi-host:5701") == "radoi-host: Name or service not known"
