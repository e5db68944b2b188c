"""Compensation by small blocks: shifts in quarters of a pixel and brightness, each said by what its neighbours have.

A block first says whether its shift is the median of the left, the upper and the upper right one's; if not, how far
from it, by the number of bits and then the bits. Brightness follows as a number of steps. All decisions have
probabilities that adapt; what lies between pixels is computed in whole numbers, so that every machine shows the same.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from semcom.semantic.coding.block_compensation import MAX_OFFSET, OFFSET_STEP
from semcom.semantic.coding.index_map import code_adaptive
from semcom.semantic.coding.range_coder import code_bit, decode, encode, exhausted
from semcom.semantic.errors import PacketError

QUARTERS = 4
"""Steps of a shift in a pixel."""
MAX_SHIFT = 31 * QUARTERS
"""Of a block to each side, quarters of a pixel."""
SIDES = (8, 16, 32)
"""Of blocks, pixels."""
FIELDS = 3
_EVEN = 1 << 15
_SAME, _NEAR = 3, 3
"""Contexts of whether the shift is as predicted, and of whether a number is zero."""
_BITS = 9
_PER_NUMBER = _NEAR + 1 + _BITS + _BITS
_NUM_CONTEXTS = _SAME + FIELDS * _PER_NUMBER


@njit(nogil=True, cache=True)
def _code_number(coder, data, value, near, contexts, first):
    """One signed number: zero?, sign, how many bits, the first of them below the leading one, the rest even."""
    if not code_adaptive(coder, data, value != 0, contexts, first + near):
        return 0
    negative = code_adaptive(coder, data, value < 0, contexts, first + _NEAR)
    number, bits = abs(value), 1
    while bits < _BITS and code_adaptive(coder, data, (number >> bits) != 0, contexts, first + _NEAR + bits):
        bits += 1
    found = 1
    for place in range(bits - 2, -1, -1):
        bit = (number >> place) & 1
        if place == bits - 2:
            bit = code_adaptive(coder, data, bit, contexts, first + _NEAR + _BITS + bits)
        else:
            bit = code_bit(coder, data, bit, _EVEN)
        found = found << 1 | bit
    return -found if negative else found


@njit(nogil=True, cache=True)
def _median(a, b, c):
    return max(min(a, b), min(max(a, b), c))


@njit(nogil=True, cache=True)
def predicted(blocks, y, x, field):
    """Shift that is expected of a block from those before it in reading order; 0 beyond the edges."""
    left = blocks[y, x - 1, field] if x > 0 else 0
    if y == 0:
        return left
    corner = blocks[y - 1, x + 1, field] if x + 1 < blocks.shape[1] else 0
    return _median(left, blocks[y - 1, x, field], corner)


@njit(nogil=True, cache=True)
def _code_field(coder, data, blocks, contexts):
    rows, columns, _ = blocks.shape
    told = np.zeros((rows + 1, columns + 1), np.int64)  # whether a block's shift was not as predicted
    for y in range(rows):
        for x in range(columns):
            right, down = predicted(blocks, y, x, 0), predicted(blocks, y, x, 1)
            near = told[y + 1, x] + told[y, x + 1]
            other = blocks[y, x, 0] != right or blocks[y, x, 1] != down
            other = code_adaptive(coder, data, other, contexts, near)
            told[y + 1, x + 1] = other
            if other:
                for field, start in ((0, right), (1, down)):
                    found = _code_number(
                        coder, data, blocks[y, x, field] - start, near, contexts, _SAME + field * _PER_NUMBER
                    )
                    blocks[y, x, field] = start + found
            else:
                blocks[y, x, 0], blocks[y, x, 1] = right, down
            near = (x > 0 and blocks[y, x - 1, 2] != 0) + (y > 0 and blocks[y - 1, x, 2] != 0)
            blocks[y, x, 2] = _code_number(coder, data, blocks[y, x, 2], near, contexts, _SAME + 2 * _PER_NUMBER)
            if max(abs(blocks[y, x, 0]), abs(blocks[y, x, 1])) > MAX_SHIFT or abs(blocks[y, x, 2]) > MAX_OFFSET:
                return False
        if exhausted(coder):
            break
    return True


def _coded(coder: np.ndarray, data: np.ndarray, blocks: np.ndarray) -> None:
    if not _code_field(coder, data, blocks, np.full(_NUM_CONTEXTS, _EVEN, np.int64)):
        raise PacketError(f"motion field: shifts must be within ±{MAX_SHIFT}, brightness within ±{MAX_OFFSET}")


def encode_field(blocks: np.ndarray) -> bytes:
    """Bytes of blocks, int32 [rows, columns, FIELDS]: shift to the right and down, quarters of a pixel; brightness, in
    steps of `OFFSET_STEP`."""
    return encode(lambda coder, data: _coded(coder, data, blocks.astype(np.int64)))


def decode_field(coded: bytes, rows: int, columns: int) -> np.ndarray:
    """int32 [rows, columns, FIELDS], as `encode_field` was given them.

    Raises
    ------
    PacketError
        Bytes that are no such field, or one beyond the limits.
    """
    blocks = np.zeros((rows, columns, FIELDS), np.int64)
    decode(lambda coder, data: _coded(coder, data, blocks), coded, "motion field")
    return blocks.astype(np.int32)


@njit(nogil=True, cache=True)
def sampled(reference, y, x, channel):
    """Sixteen times the reference, uint8 [H, W, 3], at a place in quarters of a pixel: bilinear, edges repeated."""
    height, width, _ = reference.shape
    top, left, part_y, part_x = y >> 2, x >> 2, y & 3, x & 3
    y0, y1 = min(max(top, 0), height - 1), min(max(top + 1, 0), height - 1)
    x0, x1 = min(max(left, 0), width - 1), min(max(left + 1, 0), width - 1)
    upper = (4 - part_x) * np.int64(reference[y0, x0, channel]) + part_x * np.int64(reference[y0, x1, channel])
    lower = (4 - part_x) * np.int64(reference[y1, x0, channel]) + part_x * np.int64(reference[y1, x1, channel])
    return (4 - part_y) * upper + part_y * lower


@njit(nogil=True, cache=True)
def _compensated(reference, blocks, side, made):
    for row in range(blocks.shape[0]):
        for column in range(blocks.shape[1]):
            right, down, offset = blocks[row, column, 0], blocks[row, column, 1], blocks[row, column, 2]
            for y in range(row * side, min((row + 1) * side, made.shape[0])):
                for x in range(column * side, min((column + 1) * side, made.shape[1])):
                    for channel in range(3):
                        value = (sampled(reference, 4 * y + down, 4 * x + right, channel) + 8) >> 4
                        made[y, x, channel] = min(max(value + OFFSET_STEP * offset, 0), 255)


def compensated(reference: np.ndarray, blocks: np.ndarray, side: int) -> np.ndarray:
    """The reference, uint8 [H, W, 3], as blocks of `side` pixels change it; beyond its edges it is repeated."""
    made = np.empty_like(reference)
    _compensated(reference, blocks.astype(np.int64), side, made)
    return made
