"""Events for any number of viewers: one that reads slowly costs bounded memory, and is told to look anew."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from semcom.apps.live.gallery import LivePicture

Event = dict[str, Any]

MOST_WAITING = 256
"""Events that wait for one viewer."""
MOST_VIEWERS = 64
PASSING = frozenset({"burst", "radio", "spectrum"})
"""Types of which the oldest are dropped first: measurements, of which the next come soon."""
LOOK_ANEW: Event = {"type": "resync"}


class TooManyViewersError(Exception):
    """All places are taken."""


class Viewer:
    """What waits for one viewer. Filled by any thread, emptied by its own event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._waiting, self._lock = loop, deque[Event](), threading.Lock()
        self._filled = asyncio.Event()
        self.dropped = 0

    def put(self, event: Event) -> None:
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                self._make_room()
            self._waiting.append(event)
        try:
            self._loop.call_soon_threadsafe(self._filled.set)
        except RuntimeError:  # its loop has ended: it is about to leave
            return

    def _make_room(self) -> None:
        """Measurements go first; where nothing else helps, the viewer is to ask for the whole state again."""
        kept = deque(event for event in self._waiting if event["type"] not in PASSING)
        self.dropped += len(self._waiting) - len(kept)
        if len(kept) >= MOST_WAITING:
            self.dropped += len(kept)
            kept = deque([LOOK_ANEW])
        self._waiting = kept

    async def events(self) -> AsyncIterator[Event]:
        """Events as they come, for ever."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            with self._lock:
                waiting, self._waiting = self._waiting, deque()
            for event in waiting:
                yield event


class EventHub:
    """Gives each event to every viewer."""

    def __init__(self) -> None:
        self._viewers: set[Viewer] = set()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._viewers)

    def publish(self, event: Event) -> None:
        """From any thread; never waits.

        A `LivePicture` in an event is told as it is now: of two threads the later tells the newer state.
        """
        with self._lock:
            told = {name: value.as_dict() if isinstance(value, LivePicture) else value for name, value in event.items()}
            for viewer in self._viewers:
                viewer.put(told)

    def join(self) -> Viewer:
        """A new viewer, of the running event loop.

        Raises
        ------
        TooManyViewersError
        """
        with self._lock:
            if len(self._viewers) >= MOST_VIEWERS:
                raise TooManyViewersError(f"viewers must be at most {MOST_VIEWERS}")
            viewer = Viewer(asyncio.get_running_loop())
            self._viewers.add(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        with self._lock:
            self._viewers.discard(viewer)
