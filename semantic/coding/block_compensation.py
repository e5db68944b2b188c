"""Compensation block by block: how far what is shown of the reference lies away, and how much brighter it is.

A block's values are coded as whole numbers, each by its size in decisions with probabilities that adapt; blocks that
change nothing cost about a tenth of a bit.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from semcom.semantic.coding.index_map import code_adaptive
from semcom.semantic.coding.range_coder import code_bit, decode, encode, exhausted
from semcom.semantic.errors import PacketError

MAX_SHIFT, MAX_OFFSET = 15, 63
FIELDS = 3
"""Shift to the right and down, pixels; offset, in steps of `OFFSET_STEP`."""
OFFSET_STEP = 2
_EVEN = 1 << 15
_UNARY = 12
_PER_FIELD = 4 + _UNARY


@njit(nogil=True, cache=True)
def _code_number(coder, data, value, near, contexts, first):
    """One signed number: zero?, sign, then its size by ones, the rest in even bits."""
    if not code_adaptive(coder, data, value != 0, contexts, first + near):
        return 0
    negative = code_adaptive(coder, data, value < 0, contexts, first + 3)
    size, number = 1, abs(value)
    while size <= _UNARY:
        if not code_adaptive(coder, data, number > size, contexts, first + 3 + size):
            return -size if negative else size
        size += 1
    rest = 0
    for place in range(5, -1, -1):
        rest = rest << 1 | code_bit(coder, data, ((number - size) >> place) & 1, _EVEN)
    return -(size + rest) if negative else size + rest


@njit(nogil=True, cache=True)
def _code_blocks(coder, data, blocks, contexts):
    rows, columns, fields = blocks.shape
    for y in range(rows):
        for x in range(columns):
            for field in range(fields):
                near = (x > 0 and blocks[y, x - 1, field] != 0) + (y > 0 and blocks[y - 1, x, field] != 0)
                blocks[y, x, field] = _code_number(coder, data, blocks[y, x, field], near, contexts, field * _PER_FIELD)
        if exhausted(coder):
            break


def _contexts() -> np.ndarray:
    return np.full(FIELDS * _PER_FIELD, _EVEN, np.int64)


def check_blocks(blocks: np.ndarray) -> None:
    """Refuse values outside the limits."""
    for field, most in ((blocks[..., :2], MAX_SHIFT), (blocks[..., 2], MAX_OFFSET)):
        if field.size and np.abs(field).max() > most:
            raise PacketError(f"compensation: values must be within ±{most}, got {np.abs(field).max()}")


def encode_blocks(blocks: np.ndarray) -> bytes:
    """Bytes of blocks, int32 [rows, columns, FIELDS]."""
    check_blocks(blocks)
    return encode(lambda coder, data: _code_blocks(coder, data, blocks.astype(np.int64), _contexts()))


def decode_blocks(coded: bytes, rows: int, columns: int) -> np.ndarray:
    """int32 [rows, columns, FIELDS], as `encode_blocks` was given them.

    Raises
    ------
    PacketError
        Bytes that are no such blocks.
    """
    blocks = np.zeros((rows, columns, FIELDS), np.int64)
    decode(lambda coder, data: _code_blocks(coder, data, blocks, _contexts()), coded, "compensation")
    check_blocks(blocks)
    return blocks.astype(np.int32)


def shifted(reference: np.ndarray, blocks: np.ndarray, side: int) -> np.ndarray:
    """The reference, uint8 [rows · side, columns · side, 3], as blocks change it; beyond its edges it is repeated."""
    made = reference.astype(np.int16)
    padded = np.pad(reference, ((MAX_SHIFT,) * 2, (MAX_SHIFT,) * 2, (0, 0)), mode="edge")
    for y, x in np.argwhere(blocks.any(2)):
        right, down, offset = (int(value) for value in blocks[y, x])
        top, left = y * side + MAX_SHIFT + down, x * side + MAX_SHIFT + right
        block = padded[top : top + side, left : left + side].astype(np.int16) + OFFSET_STEP * offset
        made[y * side : (y + 1) * side, x * side : (x + 1) * side] = block
    return np.clip(made, 0, 255).astype(np.uint8)
