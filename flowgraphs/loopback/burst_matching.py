"""Sent bursts and received ones, as they come: which is which, and so what became of each frame."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from semcom.flowgraphs.loopback.result import CRC, DELIVERED, HEADER, MISSED, SAME_BURST_SAMPLES, BurstStatistics

PATIENCE_S = 2.0
"""A burst of which nothing is heard for so long, counted from when it was made, was missed."""


@dataclass
class _Sent:
    start_sample: int
    numbers: list[int]
    made_at_s: float


class BurstMatcher:
    """Matches by position in the stream; the two sample clocks may drift apart slowly."""

    def __init__(self) -> None:
        self._waiting: deque[_Sent] = deque()
        self._blocks_ok: dict[int, set[int]] = {}
        self._drift = 0

    def __len__(self) -> int:
        """Frames of which it is not known what became of them."""
        return sum(len(sent.numbers) for sent in self._waiting)

    def sent(self, start_sample: int, numbers: list[int]) -> None:
        """A burst was made, of these frames."""
        self._waiting.append(_Sent(start_sample, numbers, time.monotonic()))

    def frame_came(self, burst: int, block: int) -> None:
        """A block of a received burst has a good CRC. Blocks come before the statistics of their burst."""
        self._blocks_ok.setdefault(burst, set()).add(block)

    def burst_came(self, burst: BurstStatistics) -> Iterator[tuple[int, str]]:
        """A burst was received: settles its frames, and those of bursts before it as missed."""
        blocks_ok = self._blocks_ok.pop(burst.burst, set())
        for at, sent in enumerate(self._waiting):
            distance = burst.start_sample - sent.start_sample
            if abs(distance - self._drift) <= SAME_BURST_SAMPLES:
                self._drift = distance
                for _ in range(at):
                    yield from self._missed()
                self._waiting.popleft()
                bad = CRC if burst.header_ok else HEADER
                outcomes = (DELIVERED if block in blocks_ok else bad for block in range(len(sent.numbers)))
                yield from zip(sent.numbers, outcomes, strict=True)
                return

    def overdue(self, now_s: float | None = None) -> Iterator[tuple[int, str]]:
        """Settles bursts of which nothing was heard for too long."""
        now_s = time.monotonic() if now_s is None else now_s
        while self._waiting and now_s - self._waiting[0].made_at_s > PATIENCE_S:
            yield from self._missed()

    def _missed(self) -> Iterator[tuple[int, str]]:
        return ((number, MISSED) for number in self._waiting.popleft().numbers)
