"""Gold sequence of 3GPP TS 38.211: the pseudo-random bits of preamble, pilots and scrambler.

Length-31 Gold sequence of §5.2.1; two different `c_init` give sequences with low cross-correlation.
"""

from functools import lru_cache

import numpy as np
from numba import njit

_DISCARDED = 1600  # N_C of the standard


@njit("uint8[:](uint32, int64)", cache=True, nogil=True)
def _gold(c_init, length):
    x1 = np.uint32(1)
    x2 = np.uint32(c_init)
    out = np.empty(length, np.uint8)
    for n in range(_DISCARDED + length):
        if n >= _DISCARDED:
            out[n - _DISCARDED] = (x1 ^ x2) & np.uint32(1)
        new1 = ((x1 >> np.uint32(3)) ^ x1) & np.uint32(1)
        new2 = ((x2 >> np.uint32(3)) ^ (x2 >> np.uint32(2)) ^ (x2 >> np.uint32(1)) ^ x2) & np.uint32(1)
        x1 = (x1 >> np.uint32(1)) | (new1 << np.uint32(30))
        x2 = (x2 >> np.uint32(1)) | (new2 << np.uint32(30))
    return out


@lru_cache(maxsize=64)
def gold_sequence(c_init: int, length: int) -> np.ndarray:
    """Pseudo-random bits c(0) .. c(length-1), uint8 [length] (read-only, cached).

    Parameters
    ----------
    c_init : int
        Initial state of the second register, 0 .. 2**31 - 1.
    length : int
        Number of bits.

    References
    ----------
    3GPP TS 38.211 §5.2.1
    """
    bits = _gold(np.uint32(c_init), length)
    bits.flags.writeable = False
    return bits


def qpsk_sequence(c_init: int, length: int) -> np.ndarray:
    """Unit-energy QPSK values drawn from the Gold sequence, complex64 [length]."""
    bits = gold_sequence(c_init, 2 * length).astype(np.float32)
    return (((1 - 2 * bits[0::2]) + 1j * (1 - 2 * bits[1::2])) / np.sqrt(2)).astype(np.complex64)


def bpsk_sequence(c_init: int, length: int) -> np.ndarray:
    """Values +1 and -1 drawn from the Gold sequence, float32 [length]."""
    return (1 - 2 * gold_sequence(c_init, length).astype(np.float32)).astype(np.float32)
