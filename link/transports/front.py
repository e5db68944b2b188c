"""Accepts TCP connections for a ZeroMQ socket, and no more of them than it should: a program of its own.

```
strangers, hosts ─ tcp ─► front ─ unix socket ─► ZeroMQ, CURVE
                            └ closes what proves nothing; caps by host and in all
```

libzmq accepts whoever comes, before any key is asked for, until its process has no descriptors left. So the port is
this process's. A connection is *proven* when the other side has answered with more bytes than one without a known key
is ever answered with. Standard library only, started by `front_process` as a script: it costs a few milliseconds.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import selectors
import signal
import socket
import struct
import sys
import time

MAX_CONNECTIONS = 128
MAX_UNPROVEN = 64
MAX_UNPROVEN_OF_A_HOST = 32
"""Half of them: a flood from one computer leaves the others room."""

FIRST_BYTE_S = 1.0
PROVE_S = 6.0
PROVEN_BYTES = 290
"""A stranger gets a greeting (64 bytes), WELCOME (170) and an error (at most 30); with READY it is 300 and more."""

MAX_BUFFERED_BYTES = 1 << 18
MAX_ACCEPTS_A_TICK = 100
TICK_S = 0.05
_CHUNK_BYTES = 1 << 16
_RESET = struct.pack("ii", 1, 0)


class Side:
    """One of the two sockets of a connection, with what waits to be written to it."""

    def __init__(self, sock: socket.socket, connection: Connection) -> None:
        self.socket, self.connection = sock, connection
        self.waiting = bytearray()
        self.other: Side
        self.registered = 0


class Connection:
    """A client's connection and ours to ZeroMQ."""

    def __init__(self, client: socket.socket, host: str) -> None:
        self.host, self.since_s = host, time.monotonic()
        self.from_client = self.from_server = 0
        self.client = Side(client, self)
        self.server: Side | None = None

    @property
    def is_proven(self) -> bool:
        return self.from_server >= PROVEN_BYTES


class Front:
    """Accepts, forwards, closes.

    Parameters
    ----------
    listening : socket
    inner : str
        Path of the unix socket.
    """

    def __init__(self, listening: socket.socket, inner: str) -> None:
        self._listening, self._inner = listening, inner
        listening.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._connections: dict[Connection, None] = {}  # oldest first
        self._accepting, self._accepted = False, 0
        self._ticked_at_s = 0.0
        self._refused: dict[str, int] = {}
        self._accept_again()

    def run(self, parent: int) -> None:
        """Until ``parent``, a descriptor, is at its end."""
        self._selector.register(parent, selectors.EVENT_READ, None)
        while True:
            for key, events in self._selector.select(TICK_S):
                if key.data is None:
                    if not os.read(parent, 64):
                        return
                elif key.data is self:
                    self._accept()
                else:
                    self._serve(key.data, events)
            now_s = time.monotonic()
            if now_s - self._ticked_at_s >= TICK_S:
                self._tick(now_s)

    def _tick(self, now_s: float) -> None:
        self._ticked_at_s, self._accepted = now_s, 0
        for connection in [c for c in self._connections if not c.is_proven]:
            age_s = now_s - connection.since_s
            if age_s > PROVE_S or (age_s > FIRST_BYTE_S and not connection.from_client):
                self._close(connection)
        self._accept_again()
        if self._refused:
            told = "".join(f"{count} {host}\n" for host, count in list(self._refused.items())[:64])
            self._refused.clear()
            with contextlib.suppress(OSError):  # nobody reads fast enough: they are only told
                os.write(1, told.encode())

    def _accept_again(self) -> None:
        if not self._accepting:
            self._selector.register(self._listening, selectors.EVENT_READ, self)
            self._accepting = True

    def _stop_accepting(self) -> None:
        """Until the next tick."""
        if self._accepting:
            self._selector.unregister(self._listening)
            self._accepting = False

    def _accept(self) -> None:
        while True:
            if self._accepted >= MAX_ACCEPTS_A_TICK:
                self._stop_accepting()
                return
            try:
                client, address = self._listening.accept()
            except BlockingIOError:
                return
            except OSError:  # no descriptors, or the connection is gone again
                self._stop_accepting()
                return
            self._accepted += 1
            self._admit(client, str(address[0]))

    def _admit(self, client: socket.socket, host: str) -> None:
        unproven = [connection for connection in self._connections if not connection.is_proven]
        of_host = [connection for connection in unproven if connection.host == host]
        if len(of_host) >= MAX_UNPROVEN_OF_A_HOST or len(unproven) >= MAX_UNPROVEN:
            silent = [c for c in (of_host or unproven) if not c.from_client] or of_host or unproven
            self._close(silent[0])
        if len(self._connections) >= MAX_CONNECTIONS:
            self._count(host)
            _reset(client)
            return
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(client, host)
        self._connections[connection] = None
        self._watch(connection.client)

    def _serve(self, side: Side, events: int) -> None:
        connection = side.connection
        if connection not in self._connections:
            return
        try:
            if events & selectors.EVENT_READ and not self._read(side):
                self._close(connection)
                return
            if events & selectors.EVENT_WRITE:
                self._write(side)
        except OSError:
            self._close(connection)

    def _read(self, side: Side) -> bool:
        """Take what came and pass it on; whether the other end is still there."""
        connection = side.connection
        data = side.socket.recv(_CHUNK_BYTES)
        if not data:
            return False
        if side is connection.client:
            connection.from_client += len(data)
            if connection.server is None:
                self._open_inner(connection)
        else:
            connection.from_server += len(data)
        side.other.waiting += data
        self._write(side.other)
        self._watch(side)
        return True

    def _open_inner(self, connection: Connection) -> None:
        inner = socket.socket(socket.AF_UNIX)
        connection.server = Side(inner, connection)
        connection.server.other, connection.client.other = connection.client, connection.server
        inner.connect(self._inner)
        inner.setblocking(False)

    def _write(self, side: Side) -> None:
        try:
            while side.waiting:
                del side.waiting[: side.socket.send(memoryview(side.waiting)[:_CHUNK_BYTES].tobytes())]
        except BlockingIOError:
            pass
        self._watch(side)
        self._watch(side.other)

    def _watch(self, side: Side) -> None:
        """Read while the other side can be written to, write while something waits."""
        has_other = side.connection.server is not None
        reads = not has_other or len(side.other.waiting) < MAX_BUFFERED_BYTES
        wanted = selectors.EVENT_READ * reads | selectors.EVENT_WRITE * bool(side.waiting)
        if wanted == side.registered:
            return
        if not side.registered:
            self._selector.register(side.socket, wanted, side)
        elif not wanted:
            self._selector.unregister(side.socket)
        else:
            self._selector.modify(side.socket, wanted, side)
        side.registered = wanted

    def _close(self, connection: Connection) -> None:
        if not connection.is_proven:
            self._count(connection.host)
        del self._connections[connection]
        for side in filter(None, (connection.client, connection.server)):
            if side.registered:
                self._selector.unregister(side.socket)
                side.registered = 0
        if connection.server is not None:
            connection.server.socket.close()
        if connection.is_proven:
            connection.client.socket.close()
        else:
            _reset(connection.client.socket)

    def _count(self, host: str) -> None:
        self._refused[host] = self._refused.get(host, 0) + 1


def _reset(sock: socket.socket) -> None:
    """Close at once, so that thousands of them do not wait in the kernel."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    sock.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("listening", type=int, help="descriptor")
    parser.add_argument("inner", help="path of a unix socket")
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends with the process that started it
    os.set_blocking(1, False)
    Front(socket.socket(fileno=arguments.listening), arguments.inner).run(sys.stdin.fileno())


if __name__ == "__main__":
    main()
