"""Scrambling of coded bits with a Gold sequence, so that no payload causes a tone or high peaks."""

import numpy as np

from semcom.phy.pseudo_random import gold_sequence

_C_INIT = 0x5E3C0  # one sequence for all bursts; blocks take consecutive parts of it


def scramble(bits: np.ndarray) -> np.ndarray:
    """Coded bits xor the scrambling sequence, uint8 [num_bits]; applied twice it gives the bits back."""
    return bits ^ _sequence(len(bits))


def descramble_llr(llr: np.ndarray) -> np.ndarray:
    """LLRs of scrambled bits to LLRs of coded bits: the sign changes where the sequence is one, float32 [num_bits]."""
    return llr * (1.0 - 2.0 * _sequence(len(llr)).astype(np.float32))


def _sequence(length: int) -> np.ndarray:
    # Rounded up, so that bursts of all sizes share a few cached sequences.
    return gold_sequence(_C_INIT, 1 << max(12, (length - 1).bit_length()))[:length]
