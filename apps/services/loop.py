"""What the services have in common: a loop that waits on sockets, signals that end it and a status."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import zmq

from semcom.apps.services.status import StatusPoint
from semcom.apps.services.supervisor import Supervisor

WAIT_S = 0.1
PUBLISH_EVERY_S = 0.2


class Service(Protocol):
    """A service as the loop sees it."""

    def waits_on(self) -> Sequence[Any]:
        """Sockets and file descriptors that wake it."""

    def step(self) -> None:
        """All that can be done now; returns soon."""

    def status(self) -> dict[str, Any]:
        """What is to be told."""

    def finished(self) -> bool:
        """Whether there is nothing more to do."""

    def close(self) -> None:
        """The end, in order."""


def run_service(service: Service, point: StatusPoint, ready: Callable[[], None] = lambda: None) -> None:
    """Run until it has finished or SIGTERM, SIGINT or SIGHUP comes; closes both."""
    stopped = False

    def stop(number: int, frame: Any) -> None:
        nonlocal stopped
        stopped = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    poller = zmq.Poller()
    for entry in service.waits_on():
        poller.register(entry, zmq.POLLIN)
    published_at_s, supervisor = 0.0, Supervisor()
    try:
        ready()
        supervisor.ready()
        while not stopped and not service.finished():
            poller.poll(WAIT_S * 1000)
            service.step()
            supervisor.goes_round()
            if time.monotonic() - published_at_s > PUBLISH_EVERY_S:
                point.publish(service.status())
                published_at_s = time.monotonic()
        point.publish(service.status())
    finally:
        supervisor.ends()
        for number, handler in before.items():
            signal.signal(number, handler)
        service.close()
        point.close()
