"""The port of a server: a `front` process that accepts for it, watched and started again."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from semcom.link.errors import TransportError
from semcom.link.transports.addresses import split_tcp, tcp_address

BACKLOG = 64
BIND_PATIENCE_S = 2.0
"""The front of a process that was killed ends a moment after it."""

END_PATIENCE_S = 2.0
_SCRIPT = Path(__file__).with_name("front.py")
_MAX_TOLD_BYTES = 1 << 16


class FrontProcess:
    """Listens on a TCP address, and forwards what is admitted to a unix socket.

    Parameters
    ----------
    address : str
        ``tcp://HOST:PORT``; ``*`` as a port takes any.

    Attributes
    ----------
    address : str
        In use.
    inner : str
        For ZeroMQ to bind: ``ipc://...`` in a folder that only we may enter.

    Raises
    ------
    TransportError
        The address cannot be used.
    """

    def __init__(self, address: str) -> None:
        self._listening = _listen(address)
        host, port, *_ = self._listening.getsockname()
        self.address = tcp_address(host, port)
        self._folder = Path(tempfile.mkdtemp(prefix="semcom-"))
        self.inner = f"ipc://{self._folder / 'inner'}"
        self._process: subprocess.Popen[bytes] | None = None
        self._told = b""

    def start(self) -> None:
        """To be called once ZeroMQ is bound to `inner`."""
        command = [sys.executable, "-I", "-S", str(_SCRIPT), str(self._listening.fileno()), self.inner[6:]]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[self._listening.fileno()]
        )
        os.set_blocking(self._process.stdout.fileno(), False)

    def look(self) -> tuple[list[tuple[int, str]], bool]:
        """Connections that were closed because they proved nothing, as (count, host), and whether it was started again.

        Connections end with the process; who has a key connects again by itself.
        """
        again = self._process is not None and self._process.poll() is not None
        if again:
            self._close_pipes()
            self.start()
        with contextlib.suppress(OSError):
            self._told += os.read(self._process.stdout.fileno(), _MAX_TOLD_BYTES)
        *lines, self._told = self._told.split(b"\n")
        pairs = [line.decode().partition(" ") for line in lines]
        return [(int(count), host) for count, _, host in pairs], again

    def close(self) -> None:
        if self._process is not None:
            self._process.stdin.close()
            try:
                self._process.wait(END_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._close_pipes()
        self._listening.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()


def _listen(address: str) -> socket.socket:
    host, port = split_tcp(address)
    host = {"*": "0.0.0.0"}.get(host, host)
    deadline_s = time.monotonic() + BIND_PATIENCE_S
    try:
        family, kind, protocol, _, name = socket.getaddrinfo(
            host, 0 if port == "*" else int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, ValueError) as error:
        raise TransportError(f"address {address} cannot be bound: {_words(error)}") from None
    while True:
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(name)
            listening.listen(BACKLOG)
            return listening
        except OSError as error:
            listening.close()
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline_s:
                raise TransportError(f"address {address} cannot be bound: {error.strerror}") from None
            time.sleep(0.02)


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
