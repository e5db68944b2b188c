"""LDPC encoder: information bits -> every bit of the mother code, or as many parity columns as will be sent.

The first four rows are solved along their staircase. Added up, everything but one shifted copy of the first parity
column cancels; each row then gives the next parity column. The extension rows are plain sums, one new column each.
"""

import numpy as np
from numba import njit

from semcom.phy.coding.ldpc.base_graph import NUM_CORE_ROWS, BaseGraph
from semcom.phy.errors import ConfigurationError


def encode(graph: BaseGraph, information: np.ndarray, num_columns: int | None = None) -> np.ndarray:
    """Encode one code block.

    Parameters
    ----------
    graph : BaseGraph
    information : uint8 [K]
        Bits 0 and 1, filler bits as 0.
    num_columns : int
        How many columns of the graph are wanted, from the left; all of them by default. The core is always computed.

    Returns
    -------
    codeword : uint8 [num_columns * Z]
        Systematic: starts with `information`, the two punctured columns included.

    References
    ----------
    3GPP TS 38.212 §5.3.2
    """
    Z, k = graph.lifting_size, graph.num_information_bits
    if information.shape != (k,) or information.dtype != np.uint8:
        raise ConfigurationError(f"information must be uint8 [{k}], got {information.dtype} {list(information.shape)}")
    core_columns = graph.num_information_columns + NUM_CORE_ROWS
    num_columns = graph.num_columns if num_columns is None else max(num_columns, core_columns)
    if num_columns > graph.num_columns:
        raise ConfigurationError(f"num_columns must be at most {graph.num_columns}, got {num_columns}")
    codeword = np.zeros((num_columns, Z), dtype=np.uint8)
    codeword[: graph.num_information_columns] = information.reshape(-1, Z)
    _encode(codeword, graph.num_information_columns, graph.row_start, graph.column, graph.shift)
    return codeword.reshape(-1)


@njit(cache=True, nogil=True)
def _add_shifted(total, block, shift):
    """total[z] ^= block[(z + shift) mod Z]"""
    Z = block.shape[0]
    for z in range(Z - shift):
        total[z] ^= block[z + shift]
    for z in range(shift):
        total[Z - shift + z] ^= block[z]


@njit(cache=True, nogil=True)
def _encode(codeword, first_parity, row_start, column, shift):
    num_columns, Z = codeword.shape
    total = np.empty(Z, np.uint8)

    # Sum of the four core rows over the information part; the first parity column's shifts cancel in pairs but for one.
    total[:] = 0
    remaining_shift = 0
    for edge in range(row_start[NUM_CORE_ROWS]):
        if column[edge] < first_parity:
            _add_shifted(total, codeword[column[edge]], shift[edge])
        elif column[edge] == first_parity:
            remaining_shift ^= shift[edge]
    _add_shifted(codeword[first_parity], total, (Z - remaining_shift) % Z)

    for row in range(num_columns - first_parity):
        if row == NUM_CORE_ROWS - 1:
            continue  # its last column is known already from the row above
        unknown = first_parity + row + 1 if row < NUM_CORE_ROWS else first_parity + row
        total[:] = 0
        for edge in range(row_start[row], row_start[row + 1]):
            if column[edge] != unknown:
                _add_shifted(total, codeword[column[edge]], shift[edge])
        codeword[unknown] = total
