"""The model behind label maps: which question is asked of a pixel, and what its answer is predicted from.

    is it W?  ── no ─→  is it N?  ── no ─→  next other label around?  ── no ─→  spell its number in the palette
       yes ↓               yes ↓                      yes ↓

Each question is one binary decision, predicted by a mixture of contexts: which neighbours are alike (`alike`), where
in a template of 16 the asked label stands (`_is`), how its edge came down the rows above (`_chain`), and which labels
meet. Deep inside a segment a single short question remains, and costs a thousandth of a bit.

        NN at y−3           · · o o o · ·
        NN at y−2         · o o o o o ·
        N  at y−1       · o o o o o o ·
        W  at y         · o o o X

References
----------
[Mahoney 2005] for the mixing; templates in the manner of JBIG2's generic regions (ITU-T T.88, 6.2). See docs/coding.md.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from semcom.semantic.coding import range_coder
from semcom.semantic.coding.mixing import WEIGHT_ONE, Mixer, decide, learn, new_mixer

PAD = 3
"""Rows above and columns at either side that the grid holds besides the map: how far the templates reach."""

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
def _is(grid, y, x, label):
    """Bits of the 16 nearest coded neighbours that have `label`, the nearest in the lowest bits."""
    bits = (grid[y, x - 1] == label) << 0
    bits |= (grid[y - 1, x] == label) << 1
    bits |= (grid[y - 1, x + 1] == label) << 2
    bits |= (grid[y - 1, x - 1] == label) << 3
    bits |= (grid[y - 1, x + 2] == label) << 4
    bits |= (grid[y - 2, x] == label) << 5
    bits |= (grid[y, x - 2] == label) << 6
    bits |= (grid[y - 1, x - 2] == label) << 7
    bits |= (grid[y - 2, x + 1] == label) << 8
    bits |= (grid[y - 2, x - 1] == label) << 9
    bits |= (grid[y - 1, x + 3] == label) << 10
    bits |= (grid[y - 2, x + 2] == label) << 11
    bits |= (grid[y - 2, x - 2] == label) << 12
    bits |= (grid[y, x - 3] == label) << 13
    bits |= (grid[y - 3, x] == label) << 14
    bits |= (grid[y - 3, x + 1] == label) << 15
    return bits


@njit(nogil=True, cache=True)
def _is_further(grid, y, x, label):
    """The same for the seven next ones."""
    bits = (grid[y - 1, x - 3] == label) << 0
    bits |= (grid[y - 2, x + 3] == label) << 1
    bits |= (grid[y - 3, x - 1] == label) << 2
    bits |= (grid[y - 3, x + 2] == label) << 3
    bits |= (grid[y - 3, x - 2] == label) << 4
    bits |= (grid[y - 3, x + 3] == label) << 5
    bits |= (grid[y - 2, x - 3] == label) << 6
    return bits


@njit(nogil=True, cache=True)
def _alike(grid, y, x):
    """Which neighbours have the same label as another one, 12 bits."""
    west, north = grid[y, x - 1], grid[y - 1, x]
    north_west, north_east = grid[y - 1, x - 1], grid[y - 1, x + 1]
    bits = (north == west) << 0
    bits |= (north_west == west) << 1
    bits |= (north_east == north) << 2
    bits |= (north_west == north) << 3
    bits |= (north_east == west) << 4
    bits |= (grid[y - 2, x] == north) << 5
    bits |= (grid[y - 1, x + 2] == north_east) << 6
    bits |= (grid[y, x - 2] == west) << 7
    bits |= (grid[y - 2, x + 1] == north_east) << 8
    bits |= (grid[y - 2, x - 1] == north_west) << 9
    bits |= (grid[y - 1, x - 2] == north_west) << 10
    bits |= (grid[y - 2, x + 1] == north) << 11
    return bits


@njit(nogil=True, cache=True)
def _run(grid, y, x, longest):
    """How many pixels from x on to the right have the same label, up to `longest`."""
    label = grid[y, x]
    length = 1
    while length < longest and x + length < grid.shape[1] and grid[y, x + length] == label:
        length += 1
    return length


@njit(nogil=True, cache=True)
def _slope(grid, y, x):
    """How long the labels above go on to the right, and how that changed from row to row; less than 2^10."""
    run = _run(grid, y - 1, x, 16)
    change = min(max(_run(grid, y - 2, x, 20) - run, -4), 4) + 4
    north = grid[y - 1, x]
    return ((change * 17 + run) * 2 + (north == grid[y, x - 1])) * 2 + (grid[y - 2, x] == north)


@njit(nogil=True, cache=True)
def _edge(grid, y, x, label, longest):
    """Steps from x to where `label` ends in row y, seen from the left; negative where it ended before."""
    step = 0
    if grid[y, x - 1] == label:
        while step < longest and x + step < grid.shape[1] and grid[y, x + step] == label:
            step += 1
    else:
        while step > -longest and x + step > 1 and grid[y, x + step - 1] != label:
            step -= 1
    return step


@njit(nogil=True, cache=True)
def _chain(grid, y, x, label):
    """How the right edge of `label` came down the three rows above: where it was last and two steps; less than 2^10."""
    first = _edge(grid, y - 1, x, label, 7)
    column = min(x + first, grid.shape[1] - 1)
    second = _edge(grid, y - 2, column, label, 4)
    column = min(max(column + second, 1), grid.shape[1] - 1)
    third = _edge(grid, y - 3, column, label, 3)
    return ((first + 7) * 9 + second + 4) * 7 + third + 3


@njit(nogil=True, cache=True)
def _hash16(value):
    return (value * 0x9E3779B1 >> 12) & 0xFFFF


@njit(nogil=True, cache=True)
def _ask_inside(coder, data, mixer, grid, y, x, is_west):
    """Deep inside a segment: does it go on?"""
    slots = mixer.slots
    slots[0] = _INSIDE
    slots[1] = _INSIDE_RUN + _run(grid, y - 1, x, 32)
    slots[2] = _INSIDE_LABEL + grid[y, x - 1]
    return decide(coder, data, mixer, 3, _SET_INSIDE, is_west, _LIMIT, _STEP)


@njit(nogil=True, cache=True)
def _ask_west(coder, data, mixer, grid, y, x, template, is_west):
    """Near an edge: is it the label of W?"""
    slots = mixer.slots
    west, north = grid[y, x - 1], grid[y - 1, x]
    chain = _chain(grid, y, x, west)
    four = ((west * 31 + north) * 31 + grid[y - 1, x + 1]) * 31 + grid[y - 1, x - 1]
    corner = (grid[y - 1, x + 1] == west) << 1 | (grid[y, x - 2] == west)
    slots[0] = _WEST_ALIKE + _alike(grid, y, x)
    slots[1] = _WEST_TEMPLATE + template
    slots[2] = _WEST_WIDE + _hash16(template << 7 | _is_further(grid, y, x, west))
    slots[3] = _WEST_NORTH + ((_is(grid, y, x, north) & 0x1FFF) << 1 | (north == west))
    slots[4] = _WEST_SLOPE + _slope(grid, y, x)
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
    alike, slope = _alike(grid, y, x), _slope(grid, y, x)
    first, second = west, west
    rank = 0
    for place in range(7):
        candidate = _candidate(grid, y, x, place)
        if candidate in (west, first, second):
            continue
        slots[0] = _OTHER_ALIKE + rank * 4096 + alike
        slots[1] = _OTHER_TEMPLATE + rank * 65536 + _is(grid, y, x, candidate)
        slots[2] = _OTHER_SLOPE + rank * 1024 + slope
        slots[3] = _OTHER_CHAIN + rank * 1024 + _chain(grid, y, x, candidate)
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
    template = _is(grid, y, x, west)
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
