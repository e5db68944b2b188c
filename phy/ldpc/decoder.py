"""LDPC decoder: layered normalised min-sum on integers, vectorised over the lifting index.

One row of the base graph is Z checks that share no bit, so they are updated side by side, one check per vector lane.
Each column is kept turned the way its last row left it and written twice in a row, so that the next row, which wants it
turned by another shift, finds its Z values in one piece:

    posterior[column]   | v0 v1 ........ vZ-1 | v0 v1 ........ vZ-1 |
                              \\__ Z values from the difference of shifts on __/

Several codewords are decoded together by interleaving them, bit z of word b at z * B + b: that is again such a code,
with lifting size Z * B and shifts times B, so one kernel serves both.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from semcom.phy.errors import ConfigurationError
from semcom.phy.ldpc.base_graph import NUM_CORE_ROWS, NUM_PUNCTURED_COLUMNS, BaseGraph

DEFAULT_MAX_ITERATIONS = 20

_LANES = 32  # int16 lanes of the widest common vector register; rows are padded to a multiple
_MEAN_MAGNITUDE = 48  # mean of |input| after scaling: fine enough for quantisation, far from the limits
_INPUT_LIMIT = 1000
_MESSAGE_LIMIT = 2047
_POSTERIOR_LIMIT = 15000
_NORMALISATION = 12  # sixteenths


@dataclass(frozen=True, eq=False)
class LdpcResult:
    """Decisions on a batch of codewords.

    Attributes
    ----------
    bits : uint8 [batch, num_code_block_bits]
        Information bits without filler.
    num_iterations : int
        Passes over the graph until the whole batch satisfied its checks, or the limit.
    parity_ok : bool
        Every check in use is satisfied in all of the batch. Not a proof of correctness: that is the CRC's office.
    """

    bits: np.ndarray
    num_iterations: int
    parity_ok: bool


class LdpcDecoder:
    """Decoder for one base graph and one number of filler bits. Holds no state between calls; threads may share it.

    Parameters
    ----------
    graph : BaseGraph
    num_code_block_bits : int
        K', information bits that are not filler.
    max_iterations : int
        At least 1.

    Input
    -----
    soft : int16 [N] or [batch, N]
        Circular buffer of each codeword, any scale, positive favours zero, 0 where nothing was received. Rows of the
        graph whose own parity column was not received at all are left out: they say nothing.

    Output
    ------
    LdpcResult

    References
    ----------
    [Chen and Fossorier 2002] normalised min-sum; [Hocevar 2004] layered schedule; see docs/references.md
    """

    def __init__(self, graph: BaseGraph, num_code_block_bits: int, max_iterations: int = DEFAULT_MAX_ITERATIONS):
        if not 0 < num_code_block_bits <= graph.num_information_bits:
            raise ConfigurationError(
                f"num_code_block_bits must be 1 to {graph.num_information_bits}, got {num_code_block_bits}"
            )
        if max_iterations < 1:
            raise ConfigurationError(f"max_iterations must be at least 1, got {max_iterations}")
        self.graph = graph
        self.num_code_block_bits = num_code_block_bits
        self.max_iterations = max_iterations
        # Columns that are all filler are known zeros: their edges would carry infinity and change nothing.
        first_empty = max(-(-num_code_block_bits // graph.lifting_size), NUM_PUNCTURED_COLUMNS)
        used = (graph.column < first_empty) | (graph.column >= graph.num_information_columns)
        self._column, self._shift = graph.column[used], graph.shift[used]
        self._row_start = np.concatenate(([0], np.cumsum(used)))[graph.row_start].astype(np.int32)

    def decode(self, soft: np.ndarray) -> LdpcResult:
        """Decode the codeword or codewords of `soft`; a batch stops when all of it is done."""
        soft = np.atleast_2d(soft)
        if soft.dtype != np.int16 or soft.ndim != 2 or soft.shape[1] != self.graph.num_buffer_bits:
            raise ConfigurationError(
                f"soft must be int16 [batch, {self.graph.num_buffer_bits}], got {soft.dtype} {list(soft.shape)}"
            )
        bits = np.empty((soft.shape[0], self.num_code_block_bits), dtype=np.uint8)
        iterations, parity_ok = _decode(
            np.ascontiguousarray(soft),
            bits,
            self.graph.lifting_size,
            self.graph.num_information_columns,
            self._row_start,
            self._column,
            self._shift,
            self.max_iterations,
        )
        return LdpcResult(bits, iterations, parity_ok)


@njit(cache=True, nogil=True)
def _aligned(num_rows, width):
    """int16 [num_rows, width] on a cache line: a vector across two lines costs several times as much."""
    block = np.empty(num_rows * width + _LANES, np.int16)
    start = (-block.ctypes.data % 64) // 2
    return block[start : start + num_rows * width].reshape(num_rows, width)


@njit(cache=True, nogil=True)
def _load(posterior, soft, lifting_size, num_information_columns, num_code_block_bits):
    """Fill the columns from the circular buffers, scaled; return which columns hold anything received."""
    batch, num_buffer_bits = soft.shape
    num_columns, width = posterior.shape
    lanes = lifting_size * batch
    received = np.zeros(num_columns, np.bool_)
    posterior[:NUM_PUNCTURED_COLUMNS] = 0
    scaled = np.empty(lifting_size, np.int16)
    for b in range(batch):
        total = np.int64(0)
        count = np.int64(0)
        for i in range(num_buffer_bits):
            total += abs(np.int32(soft[b, i]))
            count += soft[b, i] != 0
        gain = np.float32(_MEAN_MAGNITUDE * count / max(total, 1))
        limit = np.float32(_INPUT_LIMIT)
        for column in range(NUM_PUNCTURED_COLUMNS, num_columns):
            start = (column - NUM_PUNCTURED_COLUMNS) * lifting_size
            values = soft[b, start : start + lifting_size]
            seen = np.int16(0)
            for z in range(lifting_size):
                value = np.float32(values[z]) * gain
                scaled[z] = np.int16(np.rint(min(max(value, -limit), limit)))
                seen = np.int16(seen | values[z])
            received[column] |= seen != 0
            posterior[column, b:lanes:batch] = scaled
    for i in range(num_code_block_bits, num_information_columns * lifting_size):
        column, z = divmod(i, lifting_size)
        posterior[column, z * batch : (z + 1) * batch] = _POSTERIOR_LIMIT
    for column in range(num_columns):
        for i in range(lanes, width):
            posterior[column, i] = posterior[column, i - lanes]
    return received


@njit(cache=True, nogil=True)
def _satisfied(posterior, turn, lanes, rows, row_start, column, shift):
    """True where the signs of all columns satisfy every check of `rows`."""
    parity = np.empty(lanes, np.int16)
    for row in rows:
        parity[:] = 0
        for edge in range(row_start[row], row_start[row + 1]):
            start = shift[edge] - turn[column[edge]]
            start += lanes if start < 0 else 0
            values = posterior[column[edge], start : start + lanes]
            for i in range(lanes):
                parity[i] ^= values[i]
        failed = np.int16(0)
        for i in range(lanes):
            failed = np.int16(failed | parity[i])
        if failed < 0:
            return False
    return True


@njit(cache=True, nogil=True)
def _decode(soft, bits, lifting_size, num_information_columns, row_start, column, base_shift, max_iterations):
    batch = soft.shape[0]
    num_columns = soft.shape[1] // lifting_size + NUM_PUNCTURED_COLUMNS
    lanes = lifting_size * batch
    padded = -(-lanes // _LANES) * _LANES
    shift = base_shift * batch

    posterior = _aligned(num_columns, -(-(lanes + padded) // _LANES) * _LANES)
    received = _load(posterior, soft, lifting_size, num_information_columns, bits.shape[1])
    rows = [row for row in range(row_start.size - 1) if row < NUM_CORE_ROWS or received[num_information_columns + row]]
    message = _aligned(column.size, padded)
    message[:] = 0
    turn = np.zeros(num_columns, np.int32)
    max_degree = 0
    for row in rows:
        max_degree = max(max_degree, row_start[row + 1] - row_start[row])
    extrinsic = _aligned(max_degree, padded)
    scratch = _aligned(4, padded)
    least, second, sign, parity = scratch[0], scratch[1], scratch[2], scratch[3]

    clean_rows = 0
    parity_ok = False
    iterations = 0
    while iterations < max_iterations and not parity_ok:
        iterations += 1
        for row in rows:
            first = row_start[row]
            end = row_start[row + 1]
            for i in range(padded):
                least[i] = np.int16(32767)
                second[i] = np.int16(32767)
                sign[i] = np.int16(0)
                parity[i] = np.int16(0)
            for edge in range(first, end):
                start = shift[edge] - turn[column[edge]]
                start += lanes if start < 0 else 0
                values = posterior[column[edge], start : start + padded]
                old = message[edge]
                difference = extrinsic[edge - first]
                for i in range(padded):
                    x = np.int16(values[i] - old[i])
                    difference[i] = x
                    magnitude = np.int16(abs(x))
                    larger = max(least[i], magnitude)
                    least[i] = min(least[i], magnitude)
                    second[i] = min(second[i], larger)
                    sign[i] = np.int16(sign[i] ^ x)
                    parity[i] = np.int16(parity[i] ^ values[i])
            failed = np.int16(0)
            for i in range(lanes):
                failed = np.int16(failed | parity[i])
            clean_rows = 0 if failed < 0 else clean_rows + 1
            for edge in range(first, end):
                values = posterior[column[edge]]
                new = message[edge]
                difference = extrinsic[edge - first]
                for i in range(padded):
                    x = difference[i]
                    magnitude = second[i] if np.int16(abs(x)) == least[i] else least[i]
                    magnitude = min(magnitude, np.int16(_MESSAGE_LIMIT))
                    magnitude = np.int16(np.int16(magnitude * np.int16(_NORMALISATION)) >> 4)
                    v = np.int16(-magnitude) if np.int16(sign[i] ^ x) < 0 else magnitude
                    new[i] = v
                    y = np.int16(x + v)
                    values[i] = min(max(y, np.int16(-_POSTERIOR_LIMIT)), np.int16(_POSTERIOR_LIMIT))
                again = posterior[column[edge], lanes:]
                for i in range(padded):  # computed anew: as a plain copy it becomes a slower call of memmove
                    y = np.int16(difference[i] + new[i])
                    again[i] = min(max(y, np.int16(-_POSTERIOR_LIMIT)), np.int16(_POSTERIOR_LIMIT))
                turn[column[edge]] = shift[edge]
            if clean_rows >= len(rows):
                parity_ok = _satisfied(posterior, turn, lanes, rows, row_start, column, shift)
                if parity_ok:
                    break
                clean_rows = 0

    for b in range(batch):
        for start in range(0, bits.shape[1], lifting_size):
            c = start // lifting_size
            values = posterior[c, (lanes - turn[c]) % lanes + b :]
            for z in range(min(lifting_size, bits.shape[1] - start)):
                bits[b, start + z] = values[z * batch] <= 0  # undecided is one: silence must not be all zeros
    return iterations, parity_ok
