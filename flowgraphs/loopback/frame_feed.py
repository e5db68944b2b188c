"""Frames to a running modulator, never more at a time than its queues hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pmt

from semcom.blocks import burst_modulator
from semcom.blocks.pdu import END, make_pdu

MAX_FRAMES_AHEAD = 2000
"""Frames handed to the modulator and not yet queued there: GNU Radio drops messages beyond 8192."""

MAX_BYTES_AHEAD = 1 << 18
"""Bytes queued in the modulator before it is handed more."""


class FrameFeed:
    """Called again and again while a flowgraph runs, it hands frames over, and after the last one the end.

    Parameters
    ----------
    modulator : burst_modulator
    frames : sequence of (bytes, str) or (bytes, str, mapping)
        Each frame with the name of its mode, and for repeats with its process, redundancy_version and new_data, for
        soft text with its coded_bytes, for complex symbols with analog besides.
    progress : callable
        Called with (frames on air so far, all frames).

    Raises
    ------
    ConfigurationError
        A mode that does not exist, a frame that fits no burst.
    """

    def __init__(
        self,
        modulator: burst_modulator,
        frames: Sequence[tuple[bytes, str] | tuple[bytes, str, Mapping[str, Any]]],
        progress: Callable[[int, int], None] = lambda done, total: None,
    ):
        for frame, mcs, *repeat in frames:
            about = repeat[0] if repeat and repeat[0] else {}
            modulator.queue.check(frame, mcs, about.get("coded_bytes"), bool(about.get("analog", False)))
        self._modulator, self._progress = modulator, progress
        self._unsent, self._total = iter(frames), len(frames)
        self._posted = 0
        self.ended = False

    def __call__(self) -> None:
        counts, queue = self._modulator.counts, self._modulator.queue
        while not self.ended and self._posted - counts["frames"] < MAX_FRAMES_AHEAD:
            if queue.queued_bytes >= MAX_BYTES_AHEAD:
                break
            frame = next(self._unsent, None)
            if frame is None:
                post(self._modulator, END)
                self.ended = True
            else:
                post_frame(self._modulator, *frame)
                self._posted += 1
        self._progress(counts["frames"] - len(queue), self._total)


def post_frame(modulator: burst_modulator, frame: bytes, mcs: str, repeat: Mapping[str, Any] | None = None) -> None:
    """Hand a frame to a modulator, as a PDU; ``repeat`` may name process, redundancy_version and new_data."""
    post(modulator, make_pdu({"mcs": mcs, **(repeat or {})}, frame))


def post(modulator: burst_modulator, message: Any) -> None:
    """Hand a message to a modulator that runs."""
    modulator.gateway._post(pmt.intern("frames"), message)
