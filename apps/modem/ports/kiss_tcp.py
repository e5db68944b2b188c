"""KISS over TCP: programs for APRS and packet radio connect as to any software TNC (usual port: 8001)."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from semcom.apps.modem.errors import PortError
from semcom.apps.modem.ports.port import Quiet, host_and_port
from semcom.link.packets.kiss import KissParser, encode_kiss

USUAL_PORT = 8001
MAX_CLIENTS = 16
MAX_UNSENT_BYTES = 1 << 20
"""For a program that does not read; beyond, the connection is closed."""

MAX_JUNK = 4096
"""Bytes and frames that are none, before a program that has never sent a frame is cut off."""

_READ_BYTES = 1 << 14


@dataclass
class _Client:
    connection: socket.socket
    name: str
    parser: KissParser = field(default_factory=KissParser)
    unsent: bytearray = field(default_factory=bytearray)
    told: bool = False


class KissPort(Quiet):
    """Takes up to 16 programs; each packet received goes to all of them.

    Parameters
    ----------
    listen : str
        ``PORT`` or ``HOST:PORT``.
    """

    def __init__(self, listen: str = "") -> None:
        host, port = host_and_port(listen, "kiss", USUAL_PORT)
        self._clients: list[_Client] = []
        self._notes: list[str] = []
        self._unheard = 0
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            self._listener = socket.create_server((host, port), family=family, backlog=MAX_CLIENTS)
        except OSError as error:
            raise PortError(f"kiss: {host}:{port} must be free and of this computer: {error.strerror}") from None
        self._listener.setblocking(False)
        self.address = self._listener.getsockname()

    @property
    def num_clients(self) -> int:
        return len(self._clients)

    def waits_on(self) -> Sequence[Any]:
        return (self._listener, *(client.connection for client in self._clients))

    def read(self) -> list[bytes]:
        self._accept()
        packets: list[bytes] = []
        for client in list(self._clients):
            try:
                data = client.connection.recv(_READ_BYTES)
            except BlockingIOError:
                self._flush(client)
                continue
            except OSError:
                data = b""
            if not data:
                half = "; its last frame was cut off and is not sent" if client.parser.inside else ""
                self._drop(client, f"has gone{half}")
                continue
            packets += client.parser.push(data)
            self._judge(client)
        return packets

    def write(self, data: bytes) -> None:
        if not self._clients:
            self._unheard += 1
            if self._unheard == 1:
                self._notes.append("kiss: a packet came while no program was connected; such are counted and dropped")
        frame = encode_kiss(data)
        for client in list(self._clients):
            client.unsent += frame
            self._flush(client)

    def notes(self) -> list[str]:
        notes, self._notes = self._notes, []
        return notes

    def close(self) -> None:
        for client in self._clients:
            client.connection.close()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, (host, port, *_) = self._listener.accept()
            except OSError:
                return
            name = f"{host}:{port}"
            if len(self._clients) >= MAX_CLIENTS:
                connection.close()
                self._notes.append(f"kiss: {name} was refused: {MAX_CLIENTS} programs are connected")
                continue
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._clients.append(_Client(connection, name))
            self._notes.append(f"kiss: {name} is connected")

    def _judge(self, client: _Client) -> None:
        """Say once what comes that is no KISS, and cut off who sends nothing else."""
        junk = client.parser.num_refused
        if junk and not client.told:
            client.told = True
            kinds = ", ".join(
                f"{name.replace('_', ' ')} {count}"
                for name, count in client.parser.counts.items()
                if count and name not in ("frames", "settings")
            )
            self._notes.append(f"kiss: {client.name} sends what is no frame of port 0 ({kinds}); it is not sent on")
        if junk > MAX_JUNK and not client.parser.counts["frames"]:
            self._drop(client, f"is cut off: {junk} bytes or frames that are no KISS, and none that is")

    def _flush(self, client: _Client) -> None:
        try:
            while client.unsent:
                del client.unsent[: client.connection.send(client.unsent)]
        except BlockingIOError:
            if len(client.unsent) > MAX_UNSENT_BYTES:
                self._drop(client, f"is cut off: it has not read {len(client.unsent)} bytes")
        except OSError:
            self._drop(client, "has gone")

    def _drop(self, client: _Client, words: str) -> None:
        client.connection.close()
        self._clients.remove(client)
        self._notes.append(f"kiss: {client.name} {words}")
