"""What a radio process needs of the air, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from semcom.flowgraphs.live.spectrum import Spectrum
from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame
from semcom.link.messages import Kind

ON_AIR = "on air"
"""Outcome of a frame that was sent by a radio that does not hear the other end."""


@dataclass(frozen=True)
class Settled:
    """What became of frames: (number, outcome), see `loopback_result`; or `ON_AIR`."""

    outcomes: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Told:
    """What the other end told, see `Air.tell`."""

    kind: Kind
    body: dict[str, Any]


AirEvent = Settled | ReceivedFrame | BurstStatistics | Spectrum | Told


class Air(Protocol):
    """Frames out, frames in; polled by one thread."""

    has_feedback_channel: bool
    """Whether `tell` reaches the other end."""
    hears_itself: bool
    """Whether what is received was sent here: then no feedback channel is needed."""
    transmits: bool
    receives: bool
    is_up: bool
    """Whether frames leave now. Else they wait, and are not lost: what makes the air is away."""

    def status(self) -> dict[str, Any]:
        """What a person should know: ``state``, and numbers."""

    def waits_on(self) -> Sequence[Any]:
        """Sockets and file descriptors that are readable when there are events."""

    def send(self, number: int, frame: bytes, mcs: str, repeat: Mapping[str, Any] | None = None) -> None:
        """Send a frame; `repeat` may name process, redundancy_version and new_data.

        Raises `ConfigurationError` where no burst can carry it.
        """

    def tell(self, kind: Kind, body: dict[str, Any]) -> bool:
        """A receipt, feedback or credit for the other end, beside the radio; False where it cannot be sent now."""

    def events(self) -> Iterator[AirEvent]:
        """What happened since last asked; each frame sent is settled once."""

    def close(self) -> None:
        """Stop, whatever is on the way."""
