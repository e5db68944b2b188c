"""Addresses of servers, ``tcp://HOST:PORT`` or ``ipc://PATH``; HOST may be ``[::1]``."""

from __future__ import annotations

import ipaddress
import socket

from semcom.link.errors import TransportError


def checked(address: str) -> str:
    """The address, if it is of a kind that is used here. Raises `TransportError`."""
    if not address.startswith(("tcp://", "ipc://")):
        raise TransportError(f"address must be tcp://HOST:PORT or ipc://PATH, got {address!r}")
    if address.startswith("tcp://"):
        split_tcp(address)
    return address


def split_tcp(address: str) -> tuple[str, str]:
    """Host, without brackets, and port. Raises `TransportError`."""
    host, colon, port = address.removeprefix("tcp://").rpartition(":")
    if not (colon and host and (port == "*" or (port.isdigit() and int(port) <= 65535))):
        raise TransportError(f"address must be tcp://HOST:PORT or ipc://PATH, got {address!r}")
    return host.removeprefix("[").removesuffix("]"), port


def tcp_address(host: str, port: int) -> str:
    return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"


def needs_ipv6(address: str) -> bool:
    """Whether the host is written as an IPv6 address."""
    try:
        return address.startswith("tcp://") and ipaddress.ip_address(split_tcp(address)[0].split("%")[0]).version == 6
    except ValueError:
        return False


def resolver_trouble(address: str) -> str:
    """Why the host's name cannot be resolved, in the resolver's words; empty where it can. May take seconds."""
    if not address.startswith("tcp://"):
        return ""
    host, _ = split_tcp(address)
    try:
        socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        return f"{host}: {error.strerror}"
    return ""
