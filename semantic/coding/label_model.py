"""The model behind label maps: which question is asked of a pixel, and what its answer is predicted from.

    is it W?  ── no ─→  is it N?  ── no ─→  next other label around?  ── no ─→  spell its number in the palette
       yes ↓               yes ↓                      yes ↓

Each question is one binary decision, predicted by a mixture of contexts: the shapes of `label_shapes` (which
neighbours are alike, where the asked label stands, how its edge came down the rows above), and which labels meet.
Deep inside a segment a single short question remains, and costs a thousandth of a bit.

References
----------
[Mahoney 2005] for the mixing; templates in the manner of JBIG2's generic regions (ITU-T T.88, 6.2). See docs/coding.md.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from semcom.semantic.coding import range_coder
from semcom.semantic.coding.label_shapes import (
    PAD,
    alike,
    edge_chain,
    has_label,
    has_label_further,
    run_length,
    run_slope,
)
from semcom.semantic.coding.mixing import WEIGHT_ONE, Mixer, decide, learn, new_mixer

_LIMIT = 400  # counters average over this many decisions, then forget
_STEP = 8
_FLAG_LIMIT = 30
_MAX_INPUTS = 9

# Counters, one block per context of each kind of question.
_INSIDE = 0  # deep inside a segment: any, by run above, by label
_INSIDE_RUN = _INSIDE + 1
_INSIDE_LABEL = _INSIDE_RUN + 33
_WEST_ALIKE = 512
_WEST_TEMPLATE = _WEST_ALIKE + (1 << 12)
_WEST_WIDE = _WEST_TEMPLATE + (1 << 16)
_WEST_NORTH = _WEST_WIDE + (1 << 16)
_WEST_SLOPE = _WEST_NORTH + (1 << 14)
_WEST_CHAIN = _WEST_SLOPE + (1 << 12)
_WEST_FOUR = _WEST_CHAIN + (1 << 10)
_WEST_PAIR = _WEST_FOUR + (1 << 16)
_WEST_PAIR_CHAIN = _WEST_PAIR + (1 << 16)
_OTHER_ALIKE = _WEST_PAIR_CHAIN + (1 << 16)
_OTHER_TEMPLATE = _OTHER_ALIKE + 3 * (1 << 12)
_OTHER_SLOPE = _OTHER_TEMPLATE + 3 * (1 << 16)
_OTHER_CHAIN = _OTHER_SLOPE + 3 * (1 << 10)
_OTHER_PAIR = _OTHER_CHAIN + 3 * (1 << 10)
_SPELL_ANY = _OTHER_PAIR + 3 * (1 << 16)
_SPELL_WEST = _SPELL_ANY + (1 << 8)
_SPELL_NORTH = _SPELL_WEST + (1 << 16)
_USED = _SPELL_NORTH + (1 << 16)
_NUM_SLOTS = _USED + 2

LABEL_BLOCKS = (
    (_INSIDE_LABEL, _WEST_ALIKE),
    (_WEST_FOUR, _OTHER_ALIKE),
    (_OTHER_PAIR, _NUM_SLOTS),
)
"""Counters that are about certain labels: they mean something within one map only. The others know shapes."""

# Weight sets.
_SET_INSIDE = 0
_SET_WEST = _SET_INSIDE + 1  # by which of N, NE, NW, NEE are W
_SET_OTHER = _SET_WEST + 16  # by rank and place of the candidate
_SET_SPELL = _SET_OTHER + 3 * 8
_NUM_SETS = _SET_SPELL + 1


@njit(nogil=True, cache=True)
def _hash16(value):
    return (value * 0x9E3779B1 >> 12) & 0xFFFF


@njit(nogil=True, cache=True)
def _ask_inside(coder, data, mixer, grid, y, x, is_west):
    """Deep inside a segment: does it go on?"""
    slots = mixer.slots
    slots[0] = _INSIDE
    slots[1] = _INSIDE_RUN + run_length(grid, y - 1, x, 32)
    slots[2] = _INSIDE_LABEL + grid[y, x - 1]
    return decide(coder, data, mixer, 3, _SET_INSIDE, is_west, _LIMIT, _STEP)


@njit(nogil=True, cache=True)
def _ask_west(coder, data, mixer, grid, y, x, template, is_west):
    """Near an edge: is it the label of W?"""
    slots = mixer.slots
    west, north = grid[y, x - 1], grid[y - 1, x]
    chain = edge_chain(grid, y, x, west)
    four = ((west * 31 + north) * 31 + grid[y - 1, x + 1]) * 31 + grid[y - 1, x - 1]
    corner = (grid[y - 1, x + 1] == west) << 1 | (grid[y, x - 2] == west)
    slots[0] = _WEST_ALIKE + alike(grid, y, x)
    slots[1] = _WEST_TEMPLATE + template
    slots[2] = _WEST_WIDE + _hash16(template << 7 | has_label_further(grid, y, x, west))
    slots[3] = _WEST_NORTH + ((has_label(grid, y, x, north) & 0x1FFF) << 1 | (north == west))
    slots[4] = _WEST_SLOPE + run_slope(grid, y, x)
    slots[5] = _WEST_CHAIN + chain
    slots[6] = _WEST_FOUR + _hash16(four)
    slots[7] = _WEST_PAIR + west * 256 + north
    slots[8] = _WEST_PAIR_CHAIN + _hash16((west * 256 + north) * 64 + chain // 63 * 4 + corner)
    return decide(coder, data, mixer, 9, _SET_WEST + (template >> 1 & 15), is_west, _LIMIT, _STEP)


@njit(nogil=True, cache=True)
def _candidate(grid, y, x, place):
    """Labels around that are asked for in turn."""
    if place == 0:
        return grid[y - 1, x]
    if place == 1:
        return grid[y - 1, x + 1]
    if place == 2:
        return grid[y - 1, x - 1]
    if place == 3:
        return grid[y - 1, x + 2]
    if place == 4:
        return grid[y - 2, x]
    if place == 5:
        return grid[y - 1, x + 3]
    return grid[y, x - 2]


@njit(nogil=True, cache=True)
def _ask_others(coder, data, mixer, grid, y, x, label):
    """Not W: is it one of up to three other labels around? Returns the label, or -1."""
    slots = mixer.slots
    west = grid[y, x - 1]
    same, slope = alike(grid, y, x), run_slope(grid, y, x)
    first, second = west, west
    rank = 0
    for place in range(7):
        candidate = _candidate(grid, y, x, place)
        if candidate in (west, first, second):
            continue
        slots[0] = _OTHER_ALIKE + rank * 4096 + same
        slots[1] = _OTHER_TEMPLATE + rank * 65536 + has_label(grid, y, x, candidate)
        slots[2] = _OTHER_SLOPE + rank * 1024 + slope
        slots[3] = _OTHER_CHAIN + rank * 1024 + edge_chain(grid, y, x, candidate)
        slots[4] = _OTHER_PAIR + rank * 65536 + west * 256 + candidate
        chosen = _SET_OTHER + rank * 8 + place
        if decide(coder, data, mixer, 5, chosen, int(label == candidate), _LIMIT, _STEP):
            return candidate
        first, second = candidate, first
        rank += 1
        if rank == 3:
            break
    return -1


@njit(nogil=True, cache=True)
def _spell(coder, data, mixer, grid, y, x, label, num_used):
    """A label that is new here: its number in the palette, most significant bit first."""
    slots = mixer.slots
    depth = 0
    while (1 << depth) < num_used:
        depth += 1
    node = 1
    for k in range(depth - 1, -1, -1):
        slots[0] = _SPELL_ANY + node
        slots[1] = _SPELL_WEST + grid[y, x - 1] * 256 + node
        slots[2] = _SPELL_NORTH + grid[y - 1, x] * 256 + node
        node = node * 2 + decide(coder, data, mixer, 3, _SET_SPELL, label >> k & 1, _LIMIT, _STEP)
    return min(node - (1 << depth), num_used - 1)


@njit(nogil=True, cache=True)
def _code_pixel(coder, data, mixer, grid, y, x, num_used):
    """Code the label at (y, x); returns it. What the grid holds there matters to an encoder only."""
    label, west = grid[y, x], grid[y, x - 1]
    template = has_label(grid, y, x, west)
    if template == 0xFFFF:
        if _ask_inside(coder, data, mixer, grid, y, x, int(label == west)):
            return west
    else:
        if _ask_west(coder, data, mixer, grid, y, x, template, int(label == west)):
            return west
        other = _ask_others(coder, data, mixer, grid, y, x, label)
        if other >= 0:
            return other
    return _spell(coder, data, mixer, grid, y, x, label, num_used)


@njit(nogil=True, cache=True)
def code_map(coder, data, mixer, grid, num_used):
    """Code a grid of palette numbers, or fill it when decoding; stops early at the end of hostile data.

    Parameters
    ----------
    grid : int64 [height + PAD, width + 2 * PAD]
        The map behind PAD rows and between PAD columns at each side; zeros around it.
    num_used : int
        Size of the palette, at least 2.
    """
    width = grid.shape[1] - 2 * PAD
    for y in range(PAD, grid.shape[0]):
        for x in range(PAD):
            grid[y, x] = grid[y - 1, PAD]
        for x in range(PAD, width + PAD):
            grid[y, x] = _code_pixel(coder, data, mixer, grid, y, x, num_used)
        for x in range(width + PAD, width + 2 * PAD):
            grid[y, x] = grid[y, width + PAD - 1]
        if range_coder.exhausted(coder):
            return


@njit(nogil=True, cache=True)
def code_used(coder, data, mixer, used):
    """Code which labels occur, int64 [num_labels + 1] of 0 and 1: one decision each, by whether the last one did."""
    last = 0
    for i in range(used.size):
        slot = _USED + last
        probability = min(max(np.int64(mixer.counters[slot] >> 16), 1), 65535)
        used[i] = range_coder.code_bit(coder, data, used[i], probability)
        learn(mixer.counters, slot, used[i], mixer.rates, _FLAG_LIMIT)
        last = used[i]


def new_model() -> Mixer:
    """The model before its first map."""
    return new_mixer(_NUM_SLOTS, _NUM_SETS, _MAX_INPUTS, WEIGHT_ONE * 2 // 5, _LIMIT)
