"""What a receiver measured of a burst, small enough for every viewer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from semcom.flowgraphs.live.spectrum import Spectrum
from semcom.flowgraphs.loopback.burst_view import read_view
from semcom.flowgraphs.loopback.result import BurstStatistics, ReceivedFrame

_SMOOTHING = 0.3


def smoothed(before: float | None, value: float) -> float | None:
    """A mean over the last bursts; what is no number changes nothing."""
    if not np.isfinite(value):
        return before
    return value if before is None else before + _SMOOTHING * (value - before)


@dataclass
class CameInBurst:
    """Of the frames of one burst: kinds of the layers that they completed, bytes, and how many came by repeats."""

    layers: list[str] = field(default_factory=list)
    num_bytes: int = 0
    repaired: int = 0

    def take(self, frame: ReceivedFrame, layers: list[str]) -> None:
        self.layers += layers
        self.num_bytes += len(frame.data or b"")
        self.repaired += frame.data is not None and frame.num_transmissions > 1


def burst_event(burst: BurstStatistics, came: CameInBurst) -> dict[str, Any]:
    """A line of the timeline: when, how long, which layers it completed, bytes, what became of it."""
    return {
        "type": "burst",
        "time_s": round(time.time(), 3),
        "burst": burst.burst,
        "mcs": burst.mcs,
        "header_ok": burst.header_ok,
        "blocks": burst.num_blocks,
        "blocks_ok": burst.num_blocks_ok,
        "channel_uses": burst.channel_uses,
        "snr_db": _number(burst.snr_db),
        "cfo_hz": _number(burst.cfo_hz),
        "evm_db": _number(burst.evm_db),
        "layers": came.layers,
        "bytes": came.num_bytes,
        "repaired": came.repaired,
        "note": burst.note,
    }


def radio_event(burst: BurstStatistics) -> dict[str, Any]:
    """Constellation and channel of a burst: points [real, imaginary], and |H| in dB over the used carriers."""
    channel_db, points = read_view(burst.view)
    return {"type": "radio", "mcs": burst.mcs, "constellation": points, "channel_db": channel_db}


def spectrum_event(spectrum: Spectrum) -> dict[str, Any]:
    """Power spectral density of what is heard: dB of each bin, which span the sample rate."""
    rate_hz = _number(spectrum.sample_rate_hz)
    return {"type": "spectrum", "sample_rate_hz": rate_hz, "spectrum_db": spectrum.levels_db}


def _number(value: float) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None
