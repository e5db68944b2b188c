"""The two LDPC base graphs of 5G NR, lifted to any of the 51 lifting sizes.

A base graph is a small bipartite graph; each of its edges stands for a Z x Z identity matrix, cyclically shifted right:
row z of the block has its one in column (z + shift) mod Z.

          information      core parity   extension parity (one column per row, each of degree one)
        +----------------+-------------+---------------------+
        |                | dense, then |                     |
        |  A             | a staircase |          0          |   4 rows
        +----------------+-------------+---------------------+
        |  C             |      D      |          I          |   42 rows (graph 1), 38 rows (graph 2)
        +----------------+-------------+---------------------+
          22 or 10          4             42 or 38
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from semcom.phy.errors import ConfigurationError

NUM_CORE_ROWS = 4
NUM_PUNCTURED_COLUMNS = 2  # the first two information columns are never sent

_MAX_LIFTING_SIZE = 384
# Rows of TS 38.212 Table 5.3.2-1: set index -> odd factor. Every size is factor * 2^j, at most 384.
_SET_FACTORS = (2, 3, 5, 7, 9, 11, 13, 15)
_SET_OF_LIFTING_SIZE = {
    factor << j: index
    for index, factor in enumerate(_SET_FACTORS)
    for j in range(8)
    if factor << j <= _MAX_LIFTING_SIZE
}
LIFTING_SIZES: tuple[int, ...] = tuple(sorted(_SET_OF_LIFTING_SIZE))

_NUM_ROWS = {1: 46, 2: 42}
_NUM_INFORMATION_COLUMNS = {1: 22, 2: 10}


@dataclass(frozen=True, eq=False)
class BaseGraph:
    """A base graph with the shifts of one lifting size; edges are sorted by row, then by column.

    Attributes
    ----------
    number : int
        1 or 2.
    lifting_size : int
        Z, one of `LIFTING_SIZES`.
    num_rows, num_columns, num_information_columns : int
        46, 68, 22 for graph 1; 42, 52, 10 for graph 2.
    row_start : int32 [num_rows + 1]
        Edges of row r are `row_start[r]` to `row_start[r + 1]`.
    column, shift : int32 [num_edges]
        Column of each edge, and its shift, 0 to Z - 1.

    References
    ----------
    3GPP TS 38.212 §5.3.2, Tables 5.3.2-1 to 5.3.2-3
    """

    number: int
    lifting_size: int
    num_rows: int
    num_columns: int
    num_information_columns: int
    row_start: np.ndarray
    column: np.ndarray
    shift: np.ndarray

    @property
    def num_information_bits(self) -> int:
        """K, filler bits included."""
        return self.num_information_columns * self.lifting_size

    @property
    def num_buffer_bits(self) -> int:
        """N, the length of the circular buffer: all columns but the two punctured ones."""
        return (self.num_columns - NUM_PUNCTURED_COLUMNS) * self.lifting_size

    def parity_check_matrix(self) -> np.ndarray:
        """The lifted matrix, dense: uint8 [num_rows * Z, num_columns * Z]. For tests and small codes."""
        Z = self.lifting_size
        matrix = np.zeros((self.num_rows * Z, self.num_columns * Z), dtype=np.uint8)
        z = np.arange(Z)
        for row in range(self.num_rows):
            for edge in range(self.row_start[row], self.row_start[row + 1]):
                matrix[row * Z + z, self.column[edge] * Z + (z + self.shift[edge]) % Z] = 1
        return matrix


@lru_cache(maxsize=128)
def base_graph(number: int, lifting_size: int) -> BaseGraph:
    """Base graph 1 or 2 with the shifts for `lifting_size`. Raises ConfigurationError for any other number or size."""
    if number not in _NUM_ROWS:
        raise ConfigurationError(f"base graph must be 1 or 2, got {number}")
    if lifting_size not in _SET_OF_LIFTING_SIZE:
        raise ConfigurationError(f"lifting_size must be one of TS 38.212 Table 5.3.2-1, got {lifting_size}")
    table = _table(number)
    num_rows, num_information_columns = _NUM_ROWS[number], _NUM_INFORMATION_COLUMNS[number]
    row_start = np.searchsorted(table[:, 0], np.arange(num_rows + 1)).astype(np.int32)
    column = table[:, 1].astype(np.int32)
    shift = (table[:, 2 + _SET_OF_LIFTING_SIZE[lifting_size]] % lifting_size).astype(np.int32)
    for array in (row_start, column, shift):
        array.flags.writeable = False
    num_columns = num_information_columns + num_rows
    return BaseGraph(number, lifting_size, num_rows, num_columns, num_information_columns, row_start, column, shift)


@lru_cache(maxsize=2)
def _table(number: int) -> np.ndarray:
    """Rows of base_graph_<number>.csv: row, column, shift for set index 0 to 7; int32 [num_edges, 10]."""
    text = files(__package__).joinpath(f"base_graph_{number}.csv").read_text(encoding="ascii")
    table = np.array([[int(field) for field in line.split(",")] for line in text.splitlines()[1:]], dtype=np.int32)
    return table[np.lexsort((table[:, 1], table[:, 0]))]
