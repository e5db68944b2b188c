"""Analog payload: complex symbols sent as they are on the data carriers, and as the receiver equalised them.

```
bytes → complex symbols, from the start again until every carrier of the last OFDM symbol is taken → (pilots, IFFT)
equalised symbols, noise variance of each → repeats combined by maximum ratio → symbols, noise variance → bytes
```

A symbol is four bytes: in-phase and quadrature as big-endian int16 in steps of 1 / `STEPS_PER_UNIT`. Its noise variance
travels beside it as one byte, in steps of a quarter of a decibel below `LARGEST_NOISE_DB`. Nothing is decided and
nothing scrambled: whoever makes the symbols gives them mean power 1 and spreads what must not be lost together.
"""

from __future__ import annotations

import numpy as np

from semcom.phy.errors import ConfigurationError

BYTES_PER_SYMBOL = 4
STEPS_PER_UNIT = 1024
"""Amplitudes up to 32, 30 dB above the mean power; the rounding error lies 68 dB below it."""
LARGEST_POWER = 2.0
"""Of the mean of a block's symbols: more would overdrive what is set for bursts of mean power 1."""
LARGEST_NOISE_DB = 20.0
NOISE_STEPS_PER_DB = 4

_LARGEST_STEPS = 32767


def to_bytes(symbols: np.ndarray) -> bytes:
    """Complex symbols [n] as bytes; what is not finite is sent as zero, what is too large is clipped."""
    axes = np.ascontiguousarray(symbols, np.complex64).view(np.float32)
    steps = np.rint(STEPS_PER_UNIT * np.nan_to_num(axes, nan=0.0, posinf=0.0, neginf=0.0))
    return np.clip(steps, -_LARGEST_STEPS, _LARGEST_STEPS).astype(">i2").tobytes()


def from_bytes(data: bytes) -> np.ndarray:
    """Complex64 [len(data) / 4]; `ConfigurationError` where the bytes are no whole number of symbols."""
    if len(data) % BYTES_PER_SYMBOL:
        raise ConfigurationError(f"analog symbols must be {BYTES_PER_SYMBOL} bytes each, got {len(data)} bytes")
    axes = np.frombuffer(data, ">i2").astype(np.float32) / np.float32(STEPS_PER_UNIT)
    return axes.view(np.complex64)


def noise_to_bytes(noise_var: np.ndarray) -> bytes:
    """Noise variance float32 [n], linear, as one byte each: rounded up where it lies between two steps."""
    known = np.nan_to_num(noise_var, nan=np.inf, posinf=np.inf)
    below_db = LARGEST_NOISE_DB - 10 * np.log10(np.clip(known, 1e-9, 10 ** (LARGEST_NOISE_DB / 10)))
    return np.clip(np.floor(NOISE_STEPS_PER_DB * below_db + 1e-6), 0, 255).astype(np.uint8).tobytes()


def noise_from_bytes(data: bytes) -> np.ndarray:
    """Noise variance float32 [len(data)], linear."""
    below_db = np.frombuffer(data, np.uint8) / np.float32(NOISE_STEPS_PER_DB)
    return (10 ** ((LARGEST_NOISE_DB - below_db) / 10)).astype(np.float32)


def spread(symbols: np.ndarray, num_places: int) -> np.ndarray:
    """The symbols on their places, those from the start again on what is left over: complex64 [num_places]."""
    return np.resize(symbols, num_places).astype(np.complex64)


def combine(symbols: np.ndarray, noise_var: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The first `count` symbols with their repeats, weighted by what each is worth.

    Parameters
    ----------
    symbols : complex64 [num_places]
        Equalised.
    noise_var : float32 [num_places]
    count : int
        At most num_places.

    Returns
    -------
    symbols : complex64 [count]
    noise_var : float32 [count]
        What is not finite counts as nothing known: zero, under the largest noise variance.
    """
    known = np.isfinite(symbols) & np.isfinite(noise_var) & (noise_var > 0)
    weight = np.where(known, 1 / np.where(known, noise_var, 1), 0).astype(np.float64)
    rows = -(-len(symbols) // count)
    weights, sums = np.zeros(rows * count), np.zeros(rows * count, np.complex128)
    weights[: len(symbols)] = weight
    sums[: len(symbols)] = np.where(known, symbols, 0) * weight
    total = weights.reshape(rows, count).sum(axis=0)
    largest = 10 ** (LARGEST_NOISE_DB / 10)
    mean = sums.reshape(rows, count).sum(axis=0) / np.maximum(total, 1e-12)
    return mean.astype(np.complex64), np.minimum(1 / np.maximum(total, 1e-12), largest).astype(np.float32)


def check_power(symbols: np.ndarray) -> None:
    """Refuse symbols whose mean power is no burst's."""
    power = float(np.mean(np.abs(symbols) ** 2))
    if power > LARGEST_POWER:
        raise ConfigurationError(f"mean power of analog symbols must be 1, at most {LARGEST_POWER:g}, got {power:.2f}")
