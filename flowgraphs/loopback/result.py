"""What came of a loopback run, and what became of each frame sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

DELIVERED, MISSED, HEADER, CRC = "delivered", "missed", "header", "crc"
"""Outcomes of a frame: it came; its burst was not noticed; its signal field was lost; its own CRC failed."""

SAME_BURST_SAMPLES = 256
"""A received burst that starts within this of a sent one is that one: less than any preamble, more than any echo."""


@dataclass(frozen=True, kw_only=True)
class _InStream:
    """Unit of ``start_sample``, and when and where that sample was, as far as it is known (`blocks.burst_time`)."""

    sample_rate_hz: float = 0.0
    center_freq_hz: float | None = None
    rx_time_full_s: int | None = None
    rx_time_frac_s: float | None = None
    utc: str = ""
    utc_source: str = ""


@dataclass(frozen=True)
class ReceivedFrame(_InStream):
    """A frame as the receiver reports it; ``data`` is None where its CRC failed (of soft text: of the coded part)."""

    data: bytes | None
    crc_ok: bool
    snr_db: float
    cfo_hz: float
    evm_db: float
    mcs: str
    burst: int
    block: int
    start_sample: int
    source: int = 0
    process: int = 0
    redundancy_version: int = 0
    new_data: bool = True
    num_transmissions: int = 1
    llr: bytes = b""
    """Of soft text: LLRs of the bits at its end, one signed byte each."""

    @property
    def combined(self) -> bytes:
        """Number of transmissions as a message RECEIVED has it: one byte, empty for one transmission."""
        return bytes((min(self.num_transmissions, 255),)) if self.num_transmissions > 1 else b""

    @classmethod
    def from_received(cls, body: Mapping[str, Any]) -> ReceivedFrame:
        """The frame of a message RECEIVED."""
        told = {name: value for name, value in body.items() if name not in ("number", "frame", "combined")}
        combined = body.get("combined")
        return cls(data=body["frame"], num_transmissions=combined[0] if combined else 1, **told)


@dataclass(frozen=True, eq=False)
class BurstStatistics(_InStream):
    """A burst as the receiver reports it: ``channel`` complex64 [used carriers], ``constellation`` [up to 1024]."""

    burst: int
    start_sample: int
    header_ok: bool
    mcs: str | None
    snr_db: float
    cfo_hz: float
    evm_db: float
    clock_offset_ppm: float
    num_clipped: int
    channel_uses: int
    num_blocks: int
    num_blocks_ok: int
    channel: np.ndarray = field(repr=False)
    constellation: np.ndarray = field(repr=False)
    note: str = ""
    """Why nothing of it can be received, and what to do."""
    view: bytes = field(default=b"", repr=False)
    """Channel and constellation as `burst_view` packs them: all that another process is told of them."""

    @classmethod
    def from_burst(cls, body: Mapping[str, Any]) -> BurstStatistics:
        """The burst of a message BURST."""
        nothing = np.zeros(0, np.complex64)
        told = {**body, "mcs": body["mcs"] or None}
        return cls(**told, num_clipped=0, channel=nothing, constellation=nothing)


@dataclass(frozen=True)
class SentBurst:
    """A burst as it was sent."""

    num_frames: int
    frame_bytes: int
    mcs: str
    channel_uses: int
    start_sample: int


@dataclass(frozen=True, eq=False)
class LoopbackResult:
    """All that a loopback run gave.

    Attributes
    ----------
    frames : tuple of ReceivedFrame
        In the order of arrival, the failed ones too.
    bursts : tuple of BurstStatistics
        Received.
    sent_bursts : tuple of SentBurst
    nominal_rate_hz : float
    """

    frames: tuple[ReceivedFrame, ...]
    bursts: tuple[BurstStatistics, ...]
    sent_bursts: tuple[SentBurst, ...]
    nominal_rate_hz: float

    @property
    def channel_uses(self) -> int:
        """Samples on air at the nominal rate."""
        return sum(burst.channel_uses for burst in self.sent_bursts)

    @property
    def airtime_s(self) -> float:
        return self.channel_uses / self.nominal_rate_hz

    @property
    def snr_db(self) -> float | None:
        """Median of the receiver's estimates; None where no burst was read."""
        return self._median("snr_db")

    @property
    def cfo_hz(self) -> float | None:
        """Median of the receiver's estimates; None where no burst was read."""
        return self._median("cfo_hz")

    @property
    def shown_burst(self) -> BurstStatistics | None:
        """The read burst with the most symbols: the one to look at. None where none was read."""
        read = [burst for burst in self.bursts if burst.header_ok]
        return max(read, key=lambda burst: len(burst.constellation), default=None)

    def outcomes(self) -> list[str]:
        """What became of each frame, in the order of sending: `DELIVERED`, `MISSED`, `HEADER` or `CRC`.

        Bursts are matched by where they lie in the stream; the sample clocks may drift apart slowly.
        """
        received_blocks = {(frame.burst, frame.block): frame for frame in self.frames}
        outcomes: list[str] = []
        drift, candidates = 0, list(self.bursts)
        for sent in self.sent_bursts:
            near = [b for b in candidates if abs(b.start_sample - sent.start_sample - drift) <= SAME_BURST_SAMPLES]
            match = max(near, key=lambda burst: (burst.header_ok, burst.num_blocks_ok), default=None)
            if match is not None:
                drift = match.start_sample - sent.start_sample
                candidates = [burst for burst in candidates if burst.start_sample > match.start_sample]
            for block in range(sent.num_frames):
                frame = received_blocks.get((match.burst, block)) if match else None
                outcomes.append(_outcome(match, frame))
        return outcomes

    def _median(self, name: str) -> float | None:
        values = [getattr(burst, name) for burst in self.bursts if burst.header_ok]
        return float(np.median(values)) if values else None


def _outcome(burst: BurstStatistics | None, frame: ReceivedFrame | None) -> str:
    if burst is None:
        return MISSED
    if not burst.header_ok:
        return HEADER
    return DELIVERED if frame is not None and frame.crc_ok else CRC
