"""What a receiver measured of a burst, small enough for every viewer."""

from __future__ import annotations

from typing import Any

import numpy as np

from semcom.flowgraphs.loopback.result import BurstStatistics

MOST_SYMBOLS = 200
MOST_CARRIERS = 64
_LEAST_DB = -40.0
_SMOOTHING = 0.3


def smoothed(before: float | None, value: float) -> float | None:
    """A mean over the last bursts; what is no number changes nothing."""
    if not np.isfinite(value):
        return before
    return value if before is None else before + _SMOOTHING * (value - before)


def burst_event(
    burst: BurstStatistics, layers: list[str], time_s: float, num_bytes: int | None = None, repaired: int = 0
) -> dict[str, Any]:
    """A line of the timeline: when, how long, which layers it completed, bytes, what became of it."""
    return {
        "type": "burst",
        "time_s": time_s,
        "burst": burst.burst,
        "mcs": burst.mcs,
        "header_ok": burst.header_ok,
        "blocks": burst.num_blocks,
        "blocks_ok": burst.num_blocks_ok,
        "channel_uses": burst.channel_uses,
        "snr_db": _number(burst.snr_db),
        "cfo_hz": _number(burst.cfo_hz),
        "evm_db": _number(burst.evm_db),
        "layers": layers,
        "bytes": num_bytes,
        "repaired": repaired,
        "note": burst.note,
    }


def radio_event(burst: BurstStatistics) -> dict[str, Any]:
    """Constellation and channel of a burst: points [real, imaginary], and |H| in dB over the used carriers."""
    points = burst.constellation[:: max(1, len(burst.constellation) // MOST_SYMBOLS)][:MOST_SYMBOLS]
    size = np.abs(burst.channel)
    step = max(1, len(size) // MOST_CARRIERS)
    with np.errstate(divide="ignore"):
        level_db = np.maximum(20 * np.log10(size[::step]), _LEAST_DB)
    return {
        "type": "radio",
        "mcs": burst.mcs,
        "constellation": [[round(float(point.real), 2), round(float(point.imag), 2)] for point in points],
        "channel_db": [round(float(level), 1) for level in level_db],
    }


def _number(value: float) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None
