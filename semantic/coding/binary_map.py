"""Binary map ⇄ bytes: thin contours, each pixel predicted from the lines that come towards it.

Every pixel is one binary decision. Its contexts are templates of coded neighbours in four rows, from the ten nearest
to a window of 40, and how much contour there is around; the mixture learns which of them to believe. Where the whole
window is empty a short decision asks whether a new contour starts.

           row −3           · · o o o o o · ·
           row −2       · o o o o o o o o o o o ·
           row −1     o o o o o o o o o o o o o o o
           row  0     o o o o o o o X

Layout: docs/coding.md.

References
----------
ITU-T T.88 (JBIG2), 6.2, for the templates; [Mahoney 2005] for the mixing. See docs/coding.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numba import njit

from semcom.semantic.coding import range_coder
from semcom.semantic.coding.mixing import WEIGHT_ONE, Mixer, decide, fresh, new_mixer
from semcom.semantic.coding.prior import load_prior
from semcom.semantic.errors import LayerError, PacketError

MAX_MAP_PIXELS = 1 << 20
MAX_MAP_SIDE = 1 << 14

_REACH = 7  # pixels to the left and right that the window sees
_ROWS = 3
_LIMIT = 400
_STEP = 8
_MAX_INPUTS = 5

_EMPTY = 0
_NEAR = _EMPTY + 1024
_MIDDLE = _NEAR + 3 * (1 << 10)
_WIDE = _MIDDLE + 3 * (1 << 16)
_AHEAD = _WIDE + (1 << 18)
_DENSITY = _AHEAD + (1 << 18)
_NUM_SLOTS = _DENSITY + (1 << 16)

_NUM_SETS = 1 + 3 * 64


@njit(nogil=True, cache=True)
def _ones(bits):
    """How many bits are set."""
    count = 0
    while bits:
        bits &= bits - 1
        count += 1
    return count


@njit(nogil=True, cache=True)
def _style(links, diagonals):
    """0: too early to say; 1: lines go by sides (region borders); 2: they also go by corners (thinned lines)."""
    if links < 16:
        return 0
    return 2 if 16 * diagonals > links else 1


@njit(nogil=True, cache=True)
def _code_map(coder, data, mixer, grid):
    """Code a padded grid of 0 and 1; when decoding, fill it. Stops early at the end of hostile data."""
    height, width = grid.shape[0] - _ROWS, grid.shape[1] - 2 * _REACH
    slots = mixer.slots
    links = diagonals = 0
    for y in range(_ROWS, height + _ROWS):
        # Windows of 15 pixels, x-7..x+7, the rightmost in the lowest bit; the current row has its 7 coded ones.
        row1 = np.int64(0)
        row2 = np.int64(0)
        row3 = np.int64(0)
        row0 = np.int64(0)
        for x in range(2 * _REACH):
            row1 = row1 << 1 | grid[y - 1, x]
            row2 = row2 << 1 | grid[y - 2, x]
            row3 = row3 << 1 | grid[y - 3, x]
        for x in range(_REACH, width + _REACH):
            row1 = (row1 << 1 | grid[y - 1, x + _REACH]) & 0x7FFF
            row2 = (row2 << 1 | grid[y - 2, x + _REACH]) & 0x7FFF
            row3 = (row3 << 1 | grid[y - 3, x + _REACH]) & 0x7FFF
            bit = np.int64(grid[y, x])
            if row0 | row1 | row2 | row3 == 0:
                slots[0] = _EMPTY
                slots[1] = _EMPTY + 1 + (y == _ROWS) + 2 * (x == _REACH)
                bit = decide(coder, data, mixer, 2, 0, bit, _LIMIT, _STEP)
            else:
                near = (row0 & 15) | (row1 >> 5 & 31) << 4 | (row2 >> 7 & 1) << 9
                middle = (row0 & 15) | (row1 >> 4 & 127) << 4 | (row2 >> 5 & 31) << 11
                wide = (row0 & 63) | (row1 >> 3 & 511) << 6 | (row2 >> 4 & 127) << 15 | (row3 >> 6 & 7) << 22
                ahead = (row0 & 3) | (row1 & 0x1FF) << 2 | (row2 >> 1 & 255) << 11 | (row3 >> 2 & 63) << 19
                count = min(_ones(row0) + _ones(row1), 15) << 4 | min(_ones(row2) + _ones(row3), 15)
                style = _style(links, diagonals)
                slots[0] = _NEAR + style * 1024 + near
                slots[1] = _MIDDLE + style * 65536 + middle
                slots[2] = _WIDE + (wide * 0x9E3779B1 >> 12 & 0x3FFFF)
                slots[3] = _AHEAD + (ahead * 0x9E3779B1 >> 12 & 0x3FFFF)
                slots[4] = _DENSITY + (count << 8 | (row0 & 3) | (row1 >> 5 & 31) << 2 | (row2 >> 7 & 1) << 7)
                chosen = 1 + style * 64 + ((row0 & 3) | (row1 >> 6 & 7) << 2 | (row2 >> 6 & 7 != 0) << 5)
                bit = decide(coder, data, mixer, 5, chosen, bit, _LIMIT, _STEP)
            grid[y, x] = bit
            if bit and (row0 & 1 or row1 >> 7 & 3):  # joined to W, N or NW
                links += 1
                diagonals += (row0 & 1) == 0 and (row1 >> 7 & 1) == 0
            row0 = (row0 << 1 | bit) & 0x7F
        if range_coder.exhausted(coder):
            return


def new_model() -> Mixer:
    """The model before its first map."""
    return new_mixer(_NUM_SLOTS, _NUM_SETS, _MAX_INPUTS, WEIGHT_ONE * 2 // 5, _LIMIT)


@cache
def _primed() -> Mixer:
    return load_prior("binary_map", new_model())


def _model() -> Mixer:
    return fresh(_primed())


def _new_grid(height: int, width: int) -> np.ndarray:
    return np.zeros((height + _ROWS, width + 2 * _REACH), dtype=np.uint8)


def encode_binary_map(mask: np.ndarray) -> bytes:
    """Code a binary map without loss.

    Parameters
    ----------
    mask : bool [height, width]

    Raises
    ------
    LayerError : shape, type or size outside the rules
    """
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype != np.bool_:
        raise LayerError(f"binary map must be bool [height, width], got {mask.dtype} {list(mask.shape)}")
    height, width = mask.shape
    _check(height, width, LayerError)

    return code_with(_model, mask)


def code_with(begin: Callable[[], Mixer], mask: np.ndarray) -> bytes:
    """Code a checked map with the model that `begin` gives; the recipe of the prior gives one from map to map."""

    def model(coder: np.ndarray, data: np.ndarray) -> None:
        grid = _new_grid(*mask.shape)
        grid[_ROWS:, _REACH : _REACH + mask.shape[1]] = mask
        _code_map(coder, data, begin(), grid)

    return range_coder.encode(model, 4096 + mask.size // 16)


def decode_binary_map(data: bytes, height: int, width: int) -> np.ndarray:
    """Read back what `encode_binary_map` wrote.

    Returns
    -------
    bool [height, width]

    Raises
    ------
    PacketError : size outside the rules, data cut or left over
    """
    _check(height, width, PacketError)
    grid = _new_grid(height, width)
    range_coder.decode(lambda coder, coded: _code_map(coder, coded, _model(), grid), data, "binary map")
    return grid[_ROWS:, _REACH : _REACH + width].astype(bool)


def _check(height: int, width: int, error: type[Exception]) -> None:
    for name, side in (("height", height), ("width", width)):
        if not 1 <= side <= MAX_MAP_SIDE:
            raise error(f"binary map: {name} must be 1 to {MAX_MAP_SIDE}, got {side}")
    if height * width > MAX_MAP_PIXELS:
        raise error(f"binary map: height × width must be at most {MAX_MAP_PIXELS}, got {height * width}")
