"""What systemd is told of a service: that it is ready, that its loop goes round, that it ends (sd_notify(3)).

Datagrams of ``NAME=value`` lines to the socket that NOTIFY_SOCKET names; without it, nothing is told to anybody.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable

_FED_PER_LIMIT = 4
"""How often the watchdog is fed in the time after which it bites."""


class Supervisor:
    """Tells the service manager that started this process.

    Parameters
    ----------
    clock : callable
        Seconds, only ever forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        path = os.environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + path[1:] if path.startswith("@") else path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if path else None
        self._every_s = _watchdog_s() / _FED_PER_LIMIT
        self._clock, self._feed_at_s = clock, 0.0

    def ready(self) -> None:
        """The service is there for others."""
        self._tell("READY=1")

    def goes_round(self) -> None:
        """To be called in each turn of the loop: feeds the watchdog, where there is one, in time."""
        if self._every_s and self._clock() >= self._feed_at_s:
            self._feed_at_s = self._clock() + self._every_s
            self._tell("WATCHDOG=1")

    def ends(self) -> None:
        """The service ends in order."""
        self._tell("STOPPING=1")
        if self._socket is not None:
            self._socket.close()

    def _tell(self, what: str) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):  # a service that cannot tell goes on
                self._socket.sendto(what.encode(), self._address)


def _watchdog_s() -> float:
    """After how long without food the watchdog of this very process bites; 0: there is none."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    try:
        return max(0.0, int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6)
    except ValueError:
        return 0.0
