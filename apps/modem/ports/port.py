"""The narrow interface of all ports, and addresses that are written with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from semcom.apps.modem.errors import PortError

LOCAL = "127.0.0.1"
MAX_READS = 64
"""Packets read at a time: the radio has its turn in between."""


class Port(Protocol):
    """Where packets come from, go to, or both."""

    is_stream: bool
    """Bytes in their order, cut into pieces; else packets, each whole and by itself."""
    ended: bool
    """Nothing more will come from it."""

    def waits_on(self) -> Sequence[Any]:
        """Sockets and file descriptors that are readable when there is something to read."""

    def read(self) -> list[bytes]:
        """Packets that came; returns at once."""

    def write(self, data: bytes) -> None:
        """A packet, or the next bytes of a stream."""

    def notes(self) -> list[str]:
        """What a person should know and has not been told."""

    def close(self) -> None:
        """Give everything back."""


class Quiet:
    """A port that has nothing to read and nothing to say; to be inherited from."""

    is_stream = False
    ended = False

    def waits_on(self) -> Sequence[Any]:
        return ()

    def read(self) -> list[bytes]:
        return []

    def write(self, data: bytes) -> None:
        """Nowhere to go."""

    def notes(self) -> list[str]:
        return []

    def close(self) -> None:
        """Nothing to give back."""


def host_and_port(text: str, kind: str, default_port: int | None = None) -> tuple[str, int]:
    """``PORT`` or ``HOST:PORT``; without a host this computer.

    Raises
    ------
    PortError
        It is neither.
    """
    host, _, port = text.rpartition(":")
    if not port and default_port is not None:
        port = str(default_port)
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise PortError(f"{kind}: address must be PORT or HOST:PORT with a port from 1 to 65535, got {text!r}")
    return host.removeprefix("[").removesuffix("]") or LOCAL, int(port)
