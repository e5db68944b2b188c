"""Which of a set of numbered things lies where: a map of indices ⇄ bytes, in integers.

A cell is said by the first of these that fits, each a decision with a probability that adapts:

    as expected │ the next index that was not met yet │ the index after the left neighbour's │ the upper neighbour's │
    none │ the index itself, in equally likely bits

Maps that repeat what a receiver expects, or that walk through the indices in their order, cost little.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from semcom.semantic.coding.range_coder import code_bit, decode, encode, exhausted
from semcom.semantic.errors import PacketError

AS_EXPECTED = -1
_EVEN = 1 << 15
_RATE = 4
_NUM_CONTEXTS = 24


@njit(nogil=True, cache=True)
def code_adaptive(coder, data, bit, contexts, number):
    """Code a decision with the probability of a context, uint16-ranged int64 [contexts], which then learns it."""
    bit = code_bit(coder, data, bit, contexts[number])
    if bit:
        contexts[number] += (65536 - contexts[number]) >> _RATE
    else:
        contexts[number] -= contexts[number] >> _RATE
    contexts[number] = min(max(contexts[number], 64), 65536 - 64)
    return bit


@njit(nogil=True, cache=True)
def _code_cell(coder, data, cells, y, x, count, expecting, state):
    """One cell, with index `count` for none; state holds contexts, and in its last entry the next index not met."""
    known, value = 0, cells[y, x]
    up = cells[y - 1, x] if y else -2
    left = cells[y, x - 1] if x else -2
    if expecting:
        context = (left == -1) + 2 * (up == -1)
        if code_adaptive(coder, data, value == -1, state, context):
            return -1
    following = state[_NUM_CONTEXTS]
    if following < count:
        context = 4 + (left == following - 1) + 2 * (up >= 0)
        if code_adaptive(coder, data, value == following, state, context):
            return following
    if 0 <= left < count - 1:
        known = left + 1
        if known != following:
            context = 8 + (up == known)
            if code_adaptive(coder, data, value == known, state, context):
                return known
    if 0 <= up <= count:
        context = 10 + (left == up)
        if code_adaptive(coder, data, value == up, state, context):
            return up
    context = 12 + (left == count) + 2 * (up == count)
    if code_adaptive(coder, data, value == count, state, context):
        return count
    index, bits = 0, 0
    while (1 << bits) < count:
        bits += 1
    for place in range(bits - 1, -1, -1):
        index = index << 1 | code_bit(coder, data, (value >> place) & 1, _EVEN)
    return index


@njit(nogil=True, cache=True)
def _code_map(coder, data, cells, count, expecting, state):
    for y in range(cells.shape[0]):
        for x in range(cells.shape[1]):
            value = _code_cell(coder, data, cells, y, x, count, expecting, state)
            cells[y, x] = value
            if value == state[_NUM_CONTEXTS]:
                state[_NUM_CONTEXTS] += 1
        if exhausted(coder):
            break


def _new_state() -> np.ndarray:
    state = np.full(_NUM_CONTEXTS + 1, _EVEN, np.int64)
    state[_NUM_CONTEXTS] = 0
    return state


def encode_index_map(cells: np.ndarray, count: int, expecting: bool) -> bytes:
    """Bytes of a map.

    Parameters
    ----------
    cells : int32 [rows, columns]
        0..count - 1, `count` for none, and where `expecting` `AS_EXPECTED` for what the receiver expects there.
    count : int
        Of the things, 1 or more.
    expecting : bool
        Whether the receiver expects anything.
    """
    least = AS_EXPECTED if expecting else 0
    if cells.size and not least <= cells.min() <= cells.max() <= count:
        raise ValueError(f"indices must be {least}..{count}, got {cells.min()}..{cells.max()}")
    return encode(lambda coder, data: _code_map(coder, data, cells.astype(np.int64), count, expecting, _new_state()))


def decode_index_map(coded: bytes, rows: int, columns: int, count: int, expecting: bool) -> np.ndarray:
    """int32 [rows, columns], as `encode_index_map` was given it.

    Raises
    ------
    PacketError
        Bytes that are no such map.
    """
    cells = np.full((rows, columns), -2, np.int64)
    decode(lambda coder, data: _code_map(coder, data, cells, count, expecting, _new_state()), coded, "index map")
    if cells.size and cells.max() > count:
        raise PacketError(f"index map: indices must be at most {count}, got {cells.max()}")
    return cells.astype(np.int32)
