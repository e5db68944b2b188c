"""Scrambling of coded bits with a Gold sequence, so that no payload causes a tone or high peaks."""

from functools import lru_cache

import numpy as np

from semcom.phy.pseudo_random import gold_sequence

_C_INIT = 0x5E3C0  # one sequence for all bursts; blocks take consecutive parts of it


def scramble(bits: np.ndarray) -> np.ndarray:
    """Coded bits xor the scrambling sequence, uint8 [num_bits]; applied twice it gives the bits back."""
    return bits ^ _sequence(len(bits))


def descramble_llr(llr: np.ndarray) -> np.ndarray:
    """LLRs of scrambled bits to LLRs of coded bits: the sign changes where the sequence is one, float32 [num_bits]."""
    return llr * scrambling_signs(len(llr))


def scrambling_signs(length: int) -> np.ndarray:
    """-1 where the scrambling sequence is one, else +1, float32 [length]; read-only."""
    return _signs(_rounded_up(length))[:length]


@lru_cache(maxsize=16)
def _signs(length: int) -> np.ndarray:
    signs = 1 - 2 * gold_sequence(_C_INIT, length).astype(np.float32)
    signs.flags.writeable = False
    return signs


def _sequence(length: int) -> np.ndarray:
    return gold_sequence(_C_INIT, _rounded_up(length))[:length]


def _rounded_up(length: int) -> int:
    """A power of two, so that bursts of all sizes share a few cached sequences."""
    return 1 << max(12, (length - 1).bit_length())
