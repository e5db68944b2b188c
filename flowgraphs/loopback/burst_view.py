"""Channel and constellation of a burst, coarse, in few bytes: for whoever looks at them from another process.

One byte: number of carriers; for each, |H| in dB; then symbols, real and imaginary part in fortieths. All int8.
"""

from __future__ import annotations

import numpy as np

MOST_CARRIERS = 64
MOST_SYMBOLS = 200
MAX_VIEW_BYTES = 1 + MOST_CARRIERS + 2 * MOST_SYMBOLS
LEAST_DB = -40.0
_STEPS = 40.0
"""To 1: symbols reach as far as 3.2."""


def pack_view(channel: np.ndarray, constellation: np.ndarray) -> bytes:
    """channel complex64 [used carriers], constellation complex64 [symbols]; empty where there is neither."""
    size = np.abs(channel[:: -(-len(channel) // MOST_CARRIERS) or 1])
    points = constellation[:: -(-len(constellation) // MOST_SYMBOLS) or 1]
    if not len(size) and not len(points):
        return b""
    level_db = 20 * np.log10(np.maximum(size, 10 ** (LEAST_DB / 20)))
    parts = _STEPS * np.stack([points.real, points.imag], axis=1).ravel()
    return bytes((len(size),)) + b"".join(_int8(np.nan_to_num(values)) for values in (level_db, parts))


def read_view(data: bytes) -> tuple[list[int], list[list[float]]]:
    """|H| in dB and points [real, imaginary]; what is no view has none of either."""
    if not 1 <= len(data) <= MAX_VIEW_BYTES or len(data) < 1 + data[0] or (len(data) - 1 - data[0]) % 2:
        return [], []
    values = np.frombuffer(data, np.int8, offset=1)
    points = values[data[0] :].reshape(-1, 2) / _STEPS
    return values[: data[0]].tolist(), points.round(2).tolist()


def _int8(values: np.ndarray) -> bytes:
    return np.rint(values).clip(-128, 127).astype(np.int8).tobytes()
