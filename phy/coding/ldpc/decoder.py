"""LDPC decoder: layered belief propagation on integers, vectorised over the lifting index.

One row of the base graph is Z checks that share no bit, so they are updated side by side, one check per vector lane.
Each column is stored with the cyclic shift of its last row and written twice in a row, so that the next row, which
needs another shift, finds its Z values contiguous:

    posterior[column]   | v0 v1 ........ vZ-1 | v0 v1 ........ vZ-1 |
                              |_ Z values from the difference of shifts _|

Several codewords are decoded together by interleaving them, bit z of word b at z * B + b: that is again such a code,
with lifting size Z * B and shifts times B, so one kernel serves both.

The check rule is min-sum with its correction term: the magnitudes of a check are folded together by `_box_plus`, all
but the smallest. The edge that brought the smallest gets that result, every other edge gets it with the smallest folded
in. It costs as much as normalised min-sum and stays close to the exact rule, where normalised min-sum loses a few
tenths of a dB at rate 1/2 and below (docs/results/ldpc.md).
"""

from dataclasses import dataclass

import numpy as np

from semcom.phy.coding.ldpc.base_graph import NUM_PUNCTURED_COLUMNS, BaseGraph
from semcom.phy.coding.ldpc.decoder_kernel import UNIT, decode_layered
from semcom.phy.errors import ConfigurationError

DEFAULT_MAX_ITERATIONS = 40
_CALL_US = 30.0  # work of a call, and of one check of an edge
_LANE_US = 3e-4


@dataclass(frozen=True, eq=False)
class LdpcResult:
    """Decoded bits of a batch of codewords.

    Attributes
    ----------
    bits : uint8 [batch, num_code_block_bits]
        Information bits without filler. A bit about which nothing is known is decided as one.
    num_iterations : int
        Passes over the graph until the whole batch satisfied its checks, or the limit.
    parity_ok : bool [batch]
        Every check in use is satisfied. No proof of correctness: the CRC decides.
    extrinsic : float32 [batch, N] or None
        Extrinsic LLR (a posteriori minus received) of every bit of the circular buffer; only where requested.
    work_us : float
        What it took, counted: microseconds on one core of a common processor.
    gave_up : bool
        Stopped early for lack of hope.
    """

    bits: np.ndarray
    num_iterations: int
    parity_ok: np.ndarray
    extrinsic: np.ndarray | None = None
    work_us: float = 0.0
    gave_up: bool = False


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
        Circular buffer of each codeword at any scale (see soft_scaling.py), positive favours zero, 0 where nothing was
        received. Rows of the graph whose own parity column was not received at all are left out: they carry no
        information.

    Output
    ------
    LdpcResult

    References
    ----------
    [Hocevar 2004] layered schedule; [Jones et al. 2003] the check rule (approximate min*); see docs/references.md
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

    def decode(self, soft: np.ndarray, want_extrinsic: bool = False, give_up: bool = False) -> LdpcResult:
        """Decode the codeword or codewords of `soft`; a batch stops when all of it is done.

        `give_up`: also where the number of unsatisfied checks says that there is no hope, see
        docs/results/ldpc_early_stop.md for what that loses and saves.
        """
        soft = np.atleast_2d(soft)
        if soft.dtype != np.int16 or soft.ndim != 2 or soft.shape[1] != self.graph.num_buffer_bits:
            raise ConfigurationError(
                f"soft must be int16 [batch, {self.graph.num_buffer_bits}], got {soft.dtype} {list(soft.shape)}"
            )
        bits = np.empty((soft.shape[0], self.num_code_block_bits), dtype=np.uint8)
        parity_ok = np.empty(soft.shape[0], dtype=np.bool_)
        extrinsic = np.empty(soft.shape if want_extrinsic else (0, 0), dtype=np.int16)
        num_iterations, num_edges = decode_layered(
            np.ascontiguousarray(soft),
            bits,
            parity_ok,
            extrinsic,
            self.graph.lifting_size,
            self.graph.num_information_columns,
            self._row_start,
            self._column,
            self._shift,
            self.max_iterations,
            give_up,
        )
        as_llr = extrinsic / np.float32(UNIT) if want_extrinsic else None
        work_us = _CALL_US + num_edges * soft.shape[0] * self.graph.lifting_size * _LANE_US
        gave_up = num_iterations < self.max_iterations and not parity_ok.all()
        return LdpcResult(bits, num_iterations, parity_ok, as_llr, work_us, gave_up)
