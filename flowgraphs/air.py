"""What a radio process needs of the air, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from .loopback_result import BurstStatistics, ReceivedFrame

ON_AIR = "on air"
"""Outcome of a frame that was sent by a radio that does not hear the other end."""


@dataclass(frozen=True)
class Settled:
    """What became of frames: (number, outcome), see `loopback_result`; or `ON_AIR`."""

    outcomes: Sequence[tuple[int, str]]


AirEvent = Settled | ReceivedFrame | BurstStatistics


class Air(Protocol):
    """Frames out, frames in; polled by one thread."""

    def fileno(self) -> int:
        """To wait on: readable when there are events."""

    def send(self, number: int, frame: bytes, mcs: str) -> None:
        """Send a frame. Raises `ConfigurationError` where no burst can carry it."""

    def events(self) -> Iterator[AirEvent]:
        """What happened since last asked; each frame sent is settled once."""

    def close(self) -> None:
        """Stop, whatever is on the way."""
