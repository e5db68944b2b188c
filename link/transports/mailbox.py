"""From any thread to the one that polls sockets: a bounded queue that a poller can wait for."""

from __future__ import annotations

import contextlib
import socket
from collections import deque
from typing import Any


class Mailbox:
    """``put`` from any thread; ``take_all`` from the one that polls ``fileno()``.

    Parameters
    ----------
    most : int
        Entries kept; more are dropped and counted in ``dropped``.
    """

    def __init__(self, most: int = 1 << 16) -> None:
        self._entries: deque[Any] = deque()
        self._most = most
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._entries)

    def fileno(self) -> int:
        return self._reader.fileno()

    def put(self, entry: Any) -> None:
        if len(self._entries) >= self._most:
            self.dropped += 1
            return
        self._entries.append(entry)
        with contextlib.suppress(BlockingIOError):  # full: then the reader is going to look anyway
            self._writer.send(b"\0")

    def take_all(self) -> list[Any]:
        with contextlib.suppress(BlockingIOError):
            while self._reader.recv(4096):
                pass
        return [self._entries.popleft() for _ in range(len(self._entries))]

    def close(self) -> None:
        self._reader.close()
        self._writer.close()
