"""A stage of the sending end: a thread that works on one picture after the other, whatever happens to one of them."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from semcom.apps.live.gallery import Gallery, LivePicture
from semcom.apps.live.settings import LiveSettings
from semcom.link import LinkError
from semcom.semantic import SemanticError

log = logging.getLogger("semcom.live")


class BusyError(Exception):
    """More photos wait already than make sense."""


@dataclass(frozen=True)
class Wish:
    """More of a picture, in words, sent as the settings now have it."""

    picture: LivePicture
    words: str
    settings: LiveSettings


class Stage(threading.Thread):
    """Tasks in the order in which they came, each an object with a `picture`.

    Parameters
    ----------
    name : str
    most_waiting : int
        Tasks.
    gallery : Gallery
    tell : callable
        Given each event for viewers.
    """

    def __init__(self, name: str, most_waiting: int, gallery: Gallery, tell: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(name=f"semcom live {name}", daemon=True)
        self._gallery, self._tell = gallery, tell
        self._waiting: queue.Queue[Any] = queue.Queue(most_waiting)

    def work(self, task: Any) -> None:
        """Do it, on this thread."""
        raise NotImplementedError

    def put(self, task: Any) -> None:
        """To be done; waits where too many wait already."""
        self._waiting.put(task)

    def put_now(self, task: Any) -> None:
        """To be done. Raises `BusyError` where too many wait already."""
        try:
            self._waiting.put_nowait(task)
        except queue.Full:
            raise BusyError(f"{self._waiting.maxsize} pictures wait already, try again in a moment") from None

    def stop(self, patience_s: float = 30.0) -> None:
        """End after what waits."""
        self._waiting.put(None)
        self.join(patience_s)

    def run(self) -> None:
        while (task := self._waiting.get()) is not None:
            try:
                self.work(task)
            except (SemanticError, LinkError) as error:
                self._fail(task, str(error))
            except Exception as error:  # one photo must not end the page
                log.exception("picture %d could not be sent", task.picture.number)
                self._fail(task, f"internal error: {type(error).__name__}")

    def _fail(self, task: Any, sentence: str) -> None:
        if isinstance(task, Wish):
            self._gallery.tell(task.picture, asked=task.words, answer=sentence)
        else:
            self._gallery.tell(task.picture, stage="failed", error=sentence)
        self._tell_of(task.picture)

    def _tell_of(self, picture: LivePicture) -> None:
        self._tell({"type": "picture", "picture": picture})
