"""Rate matching and its inverse: positions of coded bits in the circular buffer, soft combining into it.

Bit selection, filler removal, repetition and bit interleaving are one table of positions. The sender reads through it,
the receiver adds through it; what was sent twice, or in another redundancy version, meets in the same place.
"""

import math

import numpy as np
from numba import njit

from semcom.phy.coding.ldpc.base_graph import NUM_PUNCTURED_COLUMNS, BaseGraph
from semcom.phy.errors import ConfigurationError

NUM_REDUNDANCY_VERSIONS = 4
SOFT_LIMIT = 32767

# TS 38.212 Table 5.4.2.1-2 for a buffer of full length: first column read, counted without the two punctured ones.
_FIRST_COLUMN = {1: (0, 17, 33, 56), 2: (0, 13, 25, 43)}


def rate_matching_positions(
    graph: BaseGraph, num_code_block_bits: int, num_coded_bits: int, redundancy_version: int, bits_per_symbol: int
) -> np.ndarray:
    """Positions in the circular buffer, in the order of sending.

    Parameters
    ----------
    num_code_block_bits : int
        K', information bits that are not filler.
    num_coded_bits : int
        E, a multiple of `bits_per_symbol`; beyond the buffer's length bits are repeated.
    redundancy_version : int
        0 to 3.

    Returns
    -------
    positions : int32 [num_coded_bits]
        0 to N - 1; the codeword without its two punctured columns is the buffer.

    References
    ----------
    3GPP TS 38.212 §5.4.2.1 (bit selection, no limited buffer), §5.4.2.2 (bit interleaving)
    """
    if redundancy_version not in range(NUM_REDUNDANCY_VERSIONS):
        raise ConfigurationError(f"redundancy_version must be 0 to 3, got {redundancy_version}")
    if num_coded_bits % bits_per_symbol:
        raise ConfigurationError(
            f"num_coded_bits must be a multiple of bits_per_symbol ({bits_per_symbol}), got {num_coded_bits}"
        )
    Z = graph.lifting_size
    buffer = np.arange(graph.num_buffer_bits, dtype=np.int32)
    first_filler = num_code_block_bits - NUM_PUNCTURED_COLUMNS * Z
    end_filler = graph.num_information_bits - NUM_PUNCTURED_COLUMNS * Z
    start = _FIRST_COLUMN[graph.number][redundancy_version] * Z
    rotated = np.concatenate((buffer[start:], buffer[:start]))
    sent = rotated[(rotated < first_filler) | (rotated >= end_filler)]
    selected = np.resize(sent, num_coded_bits)
    return np.ascontiguousarray(selected.reshape(bits_per_symbol, -1).T).reshape(-1)


def split_coded_bits(num_coded_bits: int, num_code_blocks: int, bits_per_symbol: int, num_layers: int = 1) -> list[int]:
    """Coded bits of each code block: equal numbers of symbols, the later blocks one more (TS 38.212 §5.4.2.1)."""
    unit = bits_per_symbol * num_layers
    if num_coded_bits % unit:
        raise ConfigurationError(f"num_coded_bits must be a multiple of bits_per_symbol ({unit}), got {num_coded_bits}")
    small, num_larger = divmod(num_coded_bits // unit, num_code_blocks)
    return [unit * (small + (block >= num_code_blocks - num_larger)) for block in range(num_code_blocks)]


@njit(cache=True, nogil=True)
def combine(soft, llr, positions, scale):
    """Add received values into the circular buffer, in place.

    soft : int16 [N]; llr : float32 [E]; positions : int32 [E]; scale : float, steps of `soft` per unit of `llr`.
    Sums saturate at +-SOFT_LIMIT; a value that is not a number counts as nothing received.
    """
    for i in range(positions.size):
        value = llr[i] * scale
        if math.isnan(value):
            continue
        value = min(max(value, -2.0 * SOFT_LIMIT), 2.0 * SOFT_LIMIT)
        total = soft[positions[i]] + round(value)
        soft[positions[i]] = min(max(total, -SOFT_LIMIT), SOFT_LIMIT)
