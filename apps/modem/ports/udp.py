"""UDP: each datagram is a packet."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Sequence
from typing import Any

from semcom.apps.modem.errors import PortError
from semcom.apps.modem.ports.port import MAX_READS, Quiet, host_and_port

MAX_DATAGRAM_BYTES = 65507
_BUFFER_BYTES = 1 << 20


class UdpPort(Quiet):
    """Datagrams in at one address, out to another one.

    Parameters
    ----------
    listen : str, optional
        ``PORT`` or ``HOST:PORT`` where datagrams are taken.
    to : str, optional
        Where those that were received go to; without, to whoever has sent one here last.
    """

    def __init__(self, listen: str | None = None, to: str | None = None) -> None:
        self._counts: Counter[str] = Counter()
        self._told = False
        self._to = _resolved(to) if to else None
        host, port = _resolved(listen)[4][:2] if listen else ("", 0)
        family = _resolved(listen)[0] if listen else self._to[0]
        self._answers = self._to is None
        self._address = self._to[4] if self._to else None
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._socket.setblocking(False)
        self._listens = listen is not None
        if self._listens:
            try:
                self._socket.bind((host, port))
            except OSError as error:
                self._socket.close()
                raise PortError(f"udp: {host}:{port} must be free and of this computer: {error.strerror}") from None
        self.ended = not self._listens

    def waits_on(self) -> Sequence[Any]:
        return (self._socket,) if self._listens else ()

    def read(self) -> list[bytes]:
        packets = []
        for _ in range(MAX_READS):
            try:
                data, sender = self._socket.recvfrom(1 << 16)
            except BlockingIOError:
                break
            except OSError:  # nobody listens where we have sent to
                self._counts["unreachable"] += 1
                continue
            if self._answers:
                self._address = sender
            packets.append(data)
        return packets

    def write(self, data: bytes) -> None:
        if self._address is None:
            self._counts["no address"] += 1
            return
        try:
            self._socket.sendto(data, self._address)
        except OSError as error:
            self._counts[error.strerror or "error"] += 1

    def notes(self) -> list[str]:
        """What could not be handed on, once when it begins."""
        if self._told or not self._counts:
            return []
        self._told = True
        why = ", ".join(f"{name} {count}" for name, count in self._counts.items())
        where = f"{self._address[0]}:{self._address[1]}" if self._address else "nobody yet"
        return [f"udp: datagrams to {where} cannot be handed on ({why}); the first is said, the rest is counted"]

    def close(self) -> None:
        self._socket.close()


def _resolved(text: str) -> tuple[Any, ...]:
    host, port = host_and_port(text, "udp")
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    except OSError as error:
        raise PortError(f"udp: {host} must be the name or address of a computer: {error.strerror}") from None
