"""Label map ⇄ bytes: one category a pixel, coded by how the boundaries of its neighbourhood go on.

Pixels go row by row. Most are their western neighbour's label; where that fails, the other labels around are asked in
turn, and a label that is new to the neighbourhood is spelt out last:

    is it W?  ── no ─→  is it N?  ── no ─→  next other label around?  ── no ─→  spell its number in the palette
       yes ↓               yes ↓                      yes ↓

Each question is one binary decision, predicted by a mixture of contexts: which neighbours are alike, where in a
template of 16 the asked label stands, which labels meet, and how the edge above has been moving. Deep inside a
segment a single short question remains, and costs a thousandth of a bit.

Layout: docs/coding.md.

References
----------
[Mahoney 2005] for the mixing; contexts in the manner of JBIG2's generic regions (ITU-T T.88, 6.2). See docs/coding.md.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from semcom.semantic.coding import range_coder
from semcom.semantic.coding.mixing import WEIGHT_ONE, Mixer, decide, learn, new_mixer
from semcom.semantic.errors import LayerError, PacketError

MAX_MAP_PIXELS = 1 << 20
MAX_MAP_SIDE = 1 << 14
NO_LABEL = 255
MAX_LABELS = 255
"""Labels are 0..num_labels-1, and NO_LABEL."""

_PAD = 3  # how far the template reaches
_LIMIT = 400  # counters average over this many decisions, then forget
_STEP = 10

# Counters, one block per context of each kind of decision.
_INSIDE = 0  # deep inside a segment: 3 contexts
_WEST = _INSIDE + 1024
_WEST_ALIKE = _WEST
_WEST_TEMPLATE = _WEST_ALIKE + (1 << 14)
_WEST_NORTH = _WEST_TEMPLATE + (1 << 16)
_WEST_SLOPE = _WEST_NORTH + (1 << 14)
_WEST_LABELS = _WEST_SLOPE + (1 << 12)
_WEST_PAIR = _WEST_LABELS + (1 << 16)
_OTHER_ALIKE = _WEST_PAIR + (1 << 16)
_OTHER_TEMPLATE = _OTHER_ALIKE + (1 << 14)
_OTHER_SLOPE = _OTHER_TEMPLATE + (1 << 18)
_OTHER_PAIR = _OTHER_SLOPE + (1 << 14)
_SPELL_ANY = _OTHER_PAIR + (1 << 18)
_SPELL_WEST = _SPELL_ANY + 256
_SPELL_NORTH = _SPELL_WEST + (1 << 16)
_USED = _SPELL_NORTH + (1 << 16)
_NUM_SLOTS = _USED + 4

# Weight sets.
_SET_INSIDE = 0
_SET_WEST = 1
_SET_OTHER = _SET_WEST + 32
_SET_SPELL = _SET_OTHER + 64
_NUM_SETS = _SET_SPELL + 1


@njit(nogil=True, cache=True)
def _run(grid, row, column, longest):
    """How many pixels from `column` on to the right have the same label, up to `longest`."""
    label = grid[row, column]
    length = 1
    while length < longest and column + length < grid.shape[1] and grid[row, column + length] == label:
        length += 1
    return length


@njit(nogil=True, cache=True)
def _is(grid, y, x, label):
    """Bits of the 16 nearest coded neighbours that have `label`, the nearest in the lowest bits."""
    bits = 0
    bits |= (grid[y, x - 1] == label) << 0
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
def _code_pixel(coder, data, mixer, grid, y, x, num_used):
    """Code the label at (y, x) of the padded grid; when decoding, write it there."""
    slots = mixer.slots
    west, north = grid[y, x - 1], grid[y - 1, x]
    north_west, north_east = grid[y - 1, x - 1], grid[y - 1, x + 1]
    label = grid[y, x]
    is_west = _is(grid, y, x, west)
    if is_west == 0xFFFF:
        slots[0] = _INSIDE
        slots[1] = _INSIDE + 1 + west
        slots[2] = _INSIDE + 512 + min(_run(grid, y - 1, x, 32), 32)
        if decide(coder, data, mixer, 3, _SET_INSIDE, label == west, _LIMIT, _STEP):
            grid[y, x] = west
            return
    else:
        alike = (
            (north == west)
            | (north_west == west) << 1
            | (north_east == north) << 2
            | (north_west == north) << 3
            | (north_east == west) << 4
            | (grid[y - 2, x] == north) << 5
            | (grid[y - 1, x + 2] == north_east) << 6
            | (grid[y, x - 2] == west) << 7
            | (grid[y - 2, x + 1] == north_east) << 8
            | (grid[y - 2, x - 1] == north_west) << 9
            | (grid[y - 1, x - 2] == north_west) << 10
            | (grid[y - 2, x + 1] == north) << 11
        )
        is_north = _is(grid, y, x, north)
        run_north = _run(grid, y - 1, x, 16)
        run_two_north = _run(grid, y - 2, x, 20)
        slope = min(max(run_two_north - run_north, -4), 4) + 4
        slope = (slope * 17 + run_north) * 4 + 2 * (north == west) + (grid[y - 2, x] == north)
        slots[0] = _WEST_ALIKE + alike
        slots[1] = _WEST_TEMPLATE + is_west
        slots[2] = _WEST_NORTH + ((is_north & 0x1FFF) << 1 | (north == west))
        slots[3] = _WEST_SLOPE + slope
        slots[4] = _WEST_LABELS + (((west * 31 + north) * 31 + north_east) * 31 + north_west) % 65521
        slots[5] = _WEST_PAIR + west * 256 + north
        if decide(coder, data, mixer, 6, _SET_WEST + (is_west >> 1 & 15), label == west, _LIMIT, _STEP):
            grid[y, x] = west
            return
        second = np.int64(-1)
        third = np.int64(-1)
        rank = 0
        for k in range(7):
            if k == 0:
                candidate = north
            elif k == 1:
                candidate = north_east
            elif k == 2:
                candidate = north_west
            elif k == 3:
                candidate = grid[y - 1, x + 2]
            elif k == 4:
                candidate = grid[y - 2, x]
            elif k == 5:
                candidate = grid[y - 1, x + 3]
            else:
                candidate = grid[y, x - 2]
            if candidate == west or candidate == second or candidate == third:
                continue
            slots[0] = _OTHER_ALIKE + rank * 4096 + alike
            slots[1] = _OTHER_TEMPLATE + rank * 65536 + _is(grid, y, x, candidate)
            slots[2] = _OTHER_SLOPE + rank * 1024 + slope
            slots[3] = _OTHER_PAIR + rank * 65536 + west * 256 + candidate
            if decide(coder, data, mixer, 4, _SET_OTHER + rank * 8 + min(k, 7), label == candidate, _LIMIT, _STEP):
                grid[y, x] = candidate
                return
            rank += 1
            if rank == 1:
                second = candidate
            elif rank == 2:
                third = candidate
            else:
                break
    node = 1
    depth = 0
    while (1 << depth) < num_used:
        depth += 1
    for k in range(depth - 1, -1, -1):
        slots[0] = _SPELL_ANY + node
        slots[1] = _SPELL_WEST + west * 256 + node
        slots[2] = _SPELL_NORTH + north * 256 + node
        node = node * 2 + decide(coder, data, mixer, 3, _SET_SPELL, label >> k & 1, _LIMIT, _STEP)
    grid[y, x] = min(node - (1 << depth), num_used - 1)


@njit(nogil=True, cache=True)
def _code_map(coder, data, mixer, grid, num_used):
    """Code a whole padded grid of palette numbers; stops early at the end of hostile data."""
    height, width = grid.shape[0] - _PAD, grid.shape[1] - 2 * _PAD
    for y in range(_PAD, height + _PAD):
        for x in range(_PAD):
            grid[y, x] = grid[y - 1, _PAD]
        for x in range(_PAD, width + _PAD):
            _code_pixel(coder, data, mixer, grid, y, x, num_used)
        for x in range(width + _PAD, width + 2 * _PAD):
            grid[y, x] = grid[y, width + _PAD - 1]
        if range_coder.exhausted(coder):
            return


@njit(nogil=True, cache=True)
def _code_used(coder, data, mixer, used, limit):
    """Code which labels occur: one decision each, by how common the last two made it look."""
    last = 1
    for i in range(used.size):
        slot = _USED + last
        p = max(np.int64(mixer.counters[slot] >> 16), 1)
        used[i] = range_coder.code_bit(coder, data, used[i], p)
        learn(mixer.counters, slot, used[i], mixer.rates, limit)
        last = used[i]


def _new_mixer() -> Mixer:
    return new_mixer(_NUM_SLOTS, _NUM_SETS, 6, WEIGHT_ONE * 2 // 5, _LIMIT)


def _new_grid(height: int, width: int) -> np.ndarray:
    return np.zeros((height + _PAD, width + 2 * _PAD), dtype=np.int64)


def encode_label_map(labels: np.ndarray, num_labels: int) -> bytes:
    """Code a label map without loss.

    Parameters
    ----------
    labels : uint8 [height, width]
        0..num_labels-1, or NO_LABEL.
    num_labels : int
        1..MAX_LABELS; the decoder must be given the same.

    Raises
    ------
    LayerError : shape, size or a label outside the rules
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or labels.dtype != np.uint8:
        raise LayerError(f"label map must be uint8 [height, width], got {labels.dtype} {list(labels.shape)}")
    height, width = labels.shape
    _check(height, width, num_labels, LayerError)
    present = np.bincount(labels.ravel(), minlength=256) > 0
    wrong = np.flatnonzero(present[:NO_LABEL])
    if wrong.size and wrong[-1] >= num_labels:
        raise LayerError(f"label must be less than num_labels ({num_labels}) or {NO_LABEL}, got {wrong[-1]}")
    used = np.append(present[:num_labels], present[NO_LABEL]).astype(np.int64)
    palette = np.append(np.arange(num_labels), NO_LABEL)[used > 0]
    number = np.zeros(256, dtype=np.int64)
    number[palette] = np.arange(palette.size)
    indices = number[labels]

    def model(coder: np.ndarray, data: np.ndarray) -> None:
        mixer, grid = _new_mixer(), _new_grid(height, width)
        grid[_PAD:, _PAD : _PAD + width] = indices
        _code_used(coder, data, mixer, used, 30)
        if palette.size > 1:
            _code_map(coder, data, mixer, grid, palette.size)

    return range_coder.encode(model, 4096 + labels.size // 16)


def decode_label_map(data: bytes, height: int, width: int, num_labels: int) -> np.ndarray:
    """Read back what `encode_label_map` wrote.

    Returns
    -------
    uint8 [height, width]

    Raises
    ------
    PacketError : size or number of labels outside the rules, data cut or left over, no label used
    """
    _check(height, width, num_labels, PacketError)
    used = np.zeros(num_labels + 1, dtype=np.int64)
    grid = _new_grid(height, width)

    def model(coder: np.ndarray, coded: np.ndarray) -> None:
        mixer = _new_mixer()
        _code_used(coder, coded, mixer, used, 30)
        num_used = int(used.sum())
        if num_used > 1:
            _code_map(coder, coded, mixer, grid, num_used)

    range_coder.decode(model, data, "label map")
    palette = np.append(np.arange(num_labels), NO_LABEL)[used > 0].astype(np.uint8)
    if palette.size == 0:
        raise PacketError("label map: at least one label must be used, got none")
    return palette[grid[_PAD:, _PAD : _PAD + width]]


def _check(height: int, width: int, num_labels: int, error: type[Exception]) -> None:
    for name, side in (("height", height), ("width", width)):
        if not 1 <= side <= MAX_MAP_SIDE:
            raise error(f"label map: {name} must be 1 to {MAX_MAP_SIDE}, got {side}")
    if height * width > MAX_MAP_PIXELS:
        raise error(f"label map: height × width must be at most {MAX_MAP_PIXELS}, got {height * width}")
    if not 1 <= num_labels <= MAX_LABELS:
        raise error(f"label map: num_labels must be 1 to {MAX_LABELS}, got {num_labels}")
