"""Latents of learned picture codecs ⇄ bytes: whole numbers, each with a row of a table of probabilities.

A number is said by decisions: not zero? negative? larger than 1, 2, ... 16? and what is beyond as an Exp-Golomb code. A
row of a table has the probabilities of these decisions as integers, counted over training pictures; no network and no
floating-point number takes part in coding, so what one machine codes any other decodes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from semcom.semantic.coding.range_coder import code_bit, decode, encode, exhausted
from semcom.semantic.errors import LayerError, PacketError

LARGEST_TOLD = 16
"""Numbers up to this size have probabilities of their own."""
ROW_LENGTH = 2 + LARGEST_TOLD
LARGEST = 1 << 12
_EVEN = 1 << 15
_LONGEST_ESCAPE = 13


@njit(nogil=True, cache=True)
def _code_number(coder, data, value, row):
    if not code_bit(coder, data, value != 0, row[0]):
        return 0
    negative = code_bit(coder, data, value < 0, row[1])
    size, number = 1, abs(value)
    while size <= LARGEST_TOLD:
        if not code_bit(coder, data, number > size, row[1 + size]):
            return -size if negative else size
        size += 1
    beyond, bits = number - size + 1, 0
    while bits < _LONGEST_ESCAPE and code_bit(coder, data, beyond >> (bits + 1) != 0, _EVEN):
        bits += 1
    rest = 1
    for place in range(bits - 1, -1, -1):
        rest = rest << 1 | code_bit(coder, data, (beyond >> place) & 1, _EVEN)
    size += rest - 1
    return -size if negative else size


@njit(nogil=True, cache=True)
def _code_numbers(coder, data, numbers, rows, table):
    for place in range(len(numbers)):
        numbers[place] = _code_number(coder, data, numbers[place], table[rows[place]])
        if place & 255 == 0 and exhausted(coder):
            break


def encode_latents(numbers: np.ndarray, rows: np.ndarray, table: np.ndarray) -> bytes:
    """Bytes of whole numbers.

    Parameters
    ----------
    numbers : int64, any shape
        At most `LARGEST` in size.
    rows : int64, the same shape
        Row of the table for each.
    table : int64 [rows, ROW_LENGTH]
        Probabilities of a yes, 1..65535 in units of 2^-16.

    Raises
    ------
    LayerError
        A number that is too large.
    """
    flat, where = numbers.ravel().astype(np.int64), rows.ravel().astype(np.int64)
    if flat.size and np.abs(flat).max() > LARGEST:
        raise LayerError(f"latents must be within ±{LARGEST}, got {np.abs(flat).max()}")
    return encode(lambda coder, data: _code_numbers(coder, data, flat, where, table), 1 << 16)


def decode_latents(coded: bytes, rows: np.ndarray, table: np.ndarray, field: str) -> np.ndarray:
    """int64, of the shape of `rows`, as `encode_latents` was given them.

    Raises
    ------
    PacketError
        Bytes that are no such numbers.
    """
    numbers, where = np.zeros(rows.size, np.int64), rows.ravel().astype(np.int64)
    decode(lambda coder, data: _code_numbers(coder, data, numbers, where, table), coded, field)
    if numbers.size and np.abs(numbers).max() > LARGEST:
        raise PacketError(f"{field}: numbers must be within ±{LARGEST}, got {np.abs(numbers).max()}")
    return numbers.reshape(rows.shape)


def counted_table(numbers: np.ndarray, rows: np.ndarray, count: int, trust: float = 4.0) -> np.ndarray:
    """int64 [count, ROW_LENGTH]: how often each decision was a yes in these numbers, by row.

    `trust` decisions, half of them a yes, count as seen before the first.
    """
    table = np.empty((count, ROW_LENGTH), np.int64)
    for row in range(count):
        sizes, own = np.abs(numbers[rows == row]), numbers[rows == row]
        decisions = [(np.count_nonzero(sizes), sizes.size), (np.count_nonzero(own < 0), np.count_nonzero(sizes))]
        decisions += [(np.count_nonzero(sizes > k), np.count_nonzero(sizes >= k)) for k in range(1, LARGEST_TOLD + 1)]
        for place, (yes, seen) in enumerate(decisions):
            table[row, place] = min(max(round(65536 * (yes + trust / 2) / (seen + trust)), 1), 65535)
    return table
