"""Soft text: bits without a code, interleaved over time and carriers, and their LLRs at the receiver.

```
bytes → bits, from the start again until every place is taken → interleaver → (scrambler, constellation)
LLRs of the places → summed over the repeats of each bit → int8, in steps of 1/8
```

Bit n of the run takes place (n · stride) modulo the number of places. The stride is near 0.618 of that number: bits of
one character, and the repeats of a bit, then lie far apart in time and frequency.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd

import numpy as np

from semcom.phy.mcs import find_mcs

LLR_STEPS_PER_UNIT = 8
MAX_LLR_STEPS = 127
HEAD_MCS = "bpsk-1/3"
"""Of the coded part, unless all goes in a more robust one: it must arrive where one soft bit in five is wrong."""


def head_mcs(mcs: str) -> str:
    """The MCS of the coded part of soft text or analog symbols, in a transmission that else goes in `mcs`."""
    return min(mcs, HEAD_MCS, key=lambda name: find_mcs(name).efficiency)


def num_symbols(soft_bytes: int, bits_per_symbol: int, num_data: int) -> int:
    """OFDM symbols that so many bytes take on `num_data` carriers."""
    return -(-8 * soft_bytes // (bits_per_symbol * num_data))


def spread(payload: bytes, num_places: int) -> np.ndarray:
    """Bits on their places, each at least once, uint8 [num_places]."""
    bits = np.unpackbits(np.frombuffer(payload, np.uint8))
    places = np.empty(num_places, np.uint8)
    places[_order(num_places)] = np.resize(bits, num_places)
    return places


def combine(llr: np.ndarray, soft_bytes: int) -> np.ndarray:
    """LLRs of the bits, in steps of 1 / `LLR_STEPS_PER_UNIT`.

    Parameters
    ----------
    llr : float32 [num_places]
        Descrambled.
    soft_bytes : int

    Returns
    -------
    llr : int8 [8 * soft_bytes]
        Positive favours zero; at most `MAX_LLR_STEPS` either way. What is not finite counts as nothing known.
    """
    run = np.nan_to_num(llr[_order(len(llr))], nan=0.0).clip(-MAX_LLR_STEPS, MAX_LLR_STEPS)
    count = 8 * soft_bytes
    padded = np.zeros(-(-len(run) // count) * count, np.float32)
    padded[: len(run)] = run
    steps = np.rint(LLR_STEPS_PER_UNIT * padded.reshape(-1, count).sum(axis=0))
    return np.clip(steps, -MAX_LLR_STEPS, MAX_LLR_STEPS).astype(np.int8)


def decided(llr: np.ndarray) -> bytes:
    """Bytes of int8 [8 * n] by the sign of each bit; a bit of which nothing is known is zero."""
    return np.packbits(llr < 0).tobytes()


@lru_cache(maxsize=64)
def _order(num_places: int) -> np.ndarray:
    """Place of each bit of the run, int64 [num_places]."""
    stride = max(1, num_places * 618 // 1000)
    while gcd(stride, num_places) > 1:
        stride += 1
    order = np.arange(num_places, dtype=np.int64) * stride % num_places
    order.flags.writeable = False
    return order
