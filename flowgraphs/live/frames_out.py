"""Frames on their way out of a radio that may go away: nothing that it has not taken is lost.

add ─ waiting ─ hand_over ─ in the modulator ─ burst_made ─ in a burst ─ taken ─ settled
         ▲                                                       │
         └───────────────────── take_back ───────────────────────┘
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from semcom.flowgraphs.loopback.frame_feed import MAX_BYTES_AHEAD, MAX_FRAMES_AHEAD
from semcom.phy.errors import ConfigurationError

MAX_WAITING = 4096
"""Frames; more are refused."""


class FrameOut(NamedTuple):
    """A frame with the number it goes by and the mode it is to be sent in.

    `repeat` may name process, redundancy_version and new_data, where it is to be combined with what came before.
    """

    number: int
    data: bytes
    mcs: str
    repeat: Mapping[str, Any] | None = None


class FramesOut:
    """Bookkeeping between the thread that brings frames, GNU Radio's threads, and the one that watches the radio."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[FrameOut] = deque()
        self._handed: deque[FrameOut] = deque()
        self._handed_bytes = 0
        self._bursts: deque[tuple[int, list[FrameOut]]] = deque()  # end in samples of the modulator, frames
        self._post: Callable[[FrameOut], None] | None = None

    def __len__(self) -> int:
        """Frames not yet out, wherever they are."""
        with self._lock:
            return len(self._waiting) + len(self._handed) + sum(len(frames) for _, frames in self._bursts)

    @property
    def in_flowgraph(self) -> bool:
        """Whether the modulator has something that is not out."""
        return bool(self._handed or self._bursts)

    def add(self, frame: FrameOut) -> None:
        """Raises `ConfigurationError` where too many wait."""
        with self._lock:
            if len(self._waiting) >= MAX_WAITING:
                raise ConfigurationError(f"frames that wait for the radio must be at most {MAX_WAITING}, got one more")
            self._waiting.append(frame)

    def attach(self, post: Callable[[FrameOut], None]) -> None:
        """There is a modulator, which takes frames by this function."""
        with self._lock:
            self._post = post

    def hand_over(self) -> None:
        """To the modulator, if there is one, in order, as many as its queues should hold."""
        with self._lock:
            while (
                self._post
                and self._waiting
                and len(self._handed) < MAX_FRAMES_AHEAD
                and self._handed_bytes < MAX_BYTES_AHEAD
            ):
                frame = self._waiting.popleft()
                self._handed.append(frame)
                self._handed_bytes += len(frame.data)
                self._post(frame)

    def burst_made(self, num_frames: int, end_sample: int) -> None:
        """The modulator has made a burst of the next frames."""
        with self._lock:
            frames = [self._handed.popleft() for _ in range(min(num_frames, len(self._handed)))]
            self._handed_bytes -= sum(len(frame.data) for frame in frames)
            self._bursts.append((end_sample, frames))

    def taken(self, samples: int) -> list[int]:
        """The radio has taken so many samples: numbers of the frames that are out."""
        numbers: list[int] = []
        with self._lock:
            while self._bursts and self._bursts[0][0] <= samples:
                numbers += [frame.number for frame in self._bursts.popleft()[1]]
        return numbers

    def take_back(self) -> None:
        """The modulator is gone: what it had waits again, in front."""
        with self._lock:
            self._post = None
            inside = [frame for _, frames in self._bursts for frame in frames] + list(self._handed)
            self._waiting.extendleft(reversed(inside))
            self._bursts.clear()
            self._handed.clear()
            self._handed_bytes = 0
