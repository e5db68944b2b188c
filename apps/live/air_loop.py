"""The one thread that talks to the air: frames of a picture go in, what happens to them comes out."""

from __future__ import annotations

import logging
import select
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from semcom.flowgraphs.live.air import Air, AirEvent, Settled
from semcom.link.transports.mailbox import Mailbox

log = logging.getLogger("semcom.live")

_LONGEST_WAIT_MS = 50.0


@dataclass(frozen=True)
class FramesToSend:
    """Frames of one picture, in order, each with its MCS."""

    picture: int
    frames: Sequence[tuple[bytes, str]]


class AirLoop(threading.Thread):
    """Polls an `Air` until `stop`.

    Parameters
    ----------
    air : Air
        Closed by this thread at its end.
    on_event : callable
        Given each event but `Settled`, on this thread.
    on_settled : callable
        Given a picture's number and the outcomes of some of its frames (`flowgraphs.loopback.result`, `ON_AIR`).
    on_failure : callable
        Given a sentence when the air fails; the thread then ends.
    """

    def __init__(
        self,
        air: Air,
        on_event: Callable[[AirEvent], None],
        on_settled: Callable[[int, list[str]], None],
        on_failure: Callable[[str], None],
    ) -> None:
        super().__init__(name="semcom live air", daemon=True)
        self._air, self._on_event, self._on_settled, self._on_failure = air, on_event, on_settled, on_failure
        self._commands = Mailbox()
        self._stopping = threading.Event()
        self._next_number = 0
        self._picture_of: dict[int, int] = {}

    def send(self, frames: FramesToSend) -> None:
        """From any thread."""
        self._commands.put(frames)

    def change(self, action: Callable[[Air], None]) -> None:
        """Do something with the air on its own thread, between two looks at it."""
        self._commands.put(action)

    def stop(self, patience_s: float = 30.0) -> None:
        self._stopping.set()
        self._commands.put(None)
        self.join(patience_s)
        if not self.is_alive():
            self._commands.close()

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._turn()
        except Exception as error:
            log.exception("the live link's air failed")
            self._on_failure(f"The radio link has failed: {' '.join(str(error).split())[:300]}")
        finally:
            self._air.close()

    def _turn(self) -> None:
        for command in self._commands.take_all():
            if isinstance(command, FramesToSend):
                self._send(command)
            elif command is not None:
                command(self._air)
        for event in self._air.events():
            if isinstance(event, Settled):
                self._settle(event)
            else:
                self._on_event(event)
        poller = select.poll()
        for place in (self._commands, *self._air.waits_on()):
            poller.register(place.fileno(), select.POLLIN)
        poller.poll(_LONGEST_WAIT_MS)

    def _send(self, command: FramesToSend) -> None:
        for data, mcs in command.frames:
            number, self._next_number = self._next_number, self._next_number + 1
            self._picture_of[number] = command.picture
            self._air.send(number, data, mcs)

    def _settle(self, event: Settled) -> None:
        by_picture: dict[int, list[str]] = {}
        for number, outcome in event.outcomes:
            picture = self._picture_of.pop(number, None)
            if picture is not None:
                by_picture.setdefault(picture, []).append(outcome)
        for picture, outcomes in by_picture.items():
            self._on_settled(picture, outcomes)
