"""A host or radio service on a thread of its own, for a process in which a page is the main thing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import zmq

from semcom.apps.services.loop import WAIT_S, Service
from semcom.link.transports.mailbox import Mailbox

log = logging.getLogger("semcom.live")


class HostThread(threading.Thread):
    """Turns a service until `stop`, then closes it.

    Parameters
    ----------
    name : str
    make : callable
        Makes the service on this thread: its sockets are used by one thread alone.
    after_step : callable
        Called after each step, on this thread.
    on_failure : callable
        Given a sentence when the service fails; the thread then ends.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[], Service],
        after_step: Callable[[], None] = lambda: None,
        on_failure: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        super().__init__(name=f"semcom live {name}", daemon=True)
        self._make, self._after_step, self._on_failure = make, after_step, on_failure
        self._commands, self._stopping, self._made = Mailbox(), threading.Event(), threading.Event()
        self._error: BaseException | None = None

    def start_and_wait(self) -> None:
        """Start; raises what making the service raised."""
        self.start()
        self._made.wait()
        if self._error is not None:
            self.join()
            raise self._error

    def do(self, action: Callable[[], None]) -> None:
        """Something with the service, on its thread, between two steps."""
        self._commands.put(action)

    def stop(self, patience_s: float = 30.0) -> None:
        self._stopping.set()
        self._commands.put(lambda: None)
        self.join(patience_s)
        if not self.is_alive():
            self._commands.close()

    def run(self) -> None:
        try:
            service = self._make()
        except BaseException as error:
            self._error = error
            return
        finally:
            self._made.set()
        try:
            self._turn(service)
        except Exception as error:
            log.exception("%s failed", self.name)
            self._on_failure(f"The host behind this page has failed: {' '.join(str(error).split())[:300]}")
        finally:
            service.close()

    def _turn(self, service: Service) -> None:
        poller = zmq.Poller()
        for entry in (*service.waits_on(), self._commands.fileno()):
            poller.register(entry, zmq.POLLIN)
        while not self._stopping.is_set():
            poller.poll(WAIT_S * 1000)
            for action in self._commands.take_all():
                action()
            service.step()
            self._after_step()
