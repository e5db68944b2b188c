"""Shifts of small blocks in the reference, chosen among a few candidates by what they leave and what they cost.

The sum of absolute differences in luma, and a weight for each bit that the motion field is expected to take: as video
encoders choose [Sullivan 1998]. Only the sender does this; what it chooses are whole numbers.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from semcom.semantic.coding.block_compensation import MAX_OFFSET, OFFSET_STEP
from semcom.semantic.coding.motion_field import MAX_SHIFT, QUARTERS, predicted
from semcom.semantic.nets.learned import learned

BIT_WEIGHTS = (40.0, 200.0)
"""Of a bit, in levels of luma of one pixel: few bytes for the residual want few for the motion."""
LEAST_OFFSET = 2
"""Steps of brightness: smaller differences are left to the residual."""
SIDES_TRIED = (32, 16)
"""Of blocks, pixels."""
_NO_BITS, _FLAG_BITS = 0.3, 1.7
"""What a block is expected to take that is as predicted, or is not, before the numbers."""


@njit(nogil=True, cache=True)
def _number_bits(value):
    bits, number = 1.0, abs(value)
    while number > 0:
        bits += 2.0
        number >>= 1
    return bits


@njit(nogil=True, cache=True)
def _shift_bits(right, down, by_right, by_down):
    if right == by_right and down == by_down:
        return _NO_BITS
    return _FLAG_BITS + _number_bits(right - by_right) + _number_bits(down - by_down)


@njit(nogil=True, cache=True)
def _differences(wanted, luma, top, left, side, right, down, found):
    """What the block at (top, left) wants less what lies at a shift, float64 [side, side], into `found`; its mean."""
    height, width = luma.shape
    part_y, part_x = (down & 3) / 4.0, (right & 3) / 4.0
    total = 0.0
    for y in range(side):
        y0 = min(max(top + y + (down >> 2), 0), height - 1)
        y1 = min(max(top + y + (down >> 2) + 1, 0), height - 1)
        for x in range(side):
            x0 = min(max(left + x + (right >> 2), 0), width - 1)
            x1 = min(max(left + x + (right >> 2) + 1, 0), width - 1)
            upper = luma[y0, x0] + part_x * (luma[y0, x1] - luma[y0, x0])
            lower = luma[y1, x0] + part_x * (luma[y1, x1] - luma[y1, x0])
            found[y, x] = wanted[top + y, left + x] - upper - part_y * (lower - upper)
            total += found[y, x]
    return total / (side * side)


@njit(nogil=True, cache=True)
def _left(found, offset):
    left = 0.0
    for y in range(found.shape[0]):
        for x in range(found.shape[1]):
            left += abs(found[y, x] - OFFSET_STEP * offset)
    return left


@njit(nogil=True, cache=True)
def _chosen(wanted, luma, candidates, side, weight, refining, blocks):
    rows, columns, count, _ = candidates.shape
    found, tried, total = np.empty((side, side)), np.empty((count + 2, 2), np.int64), 0.0
    for row in range(rows):
        for column in range(columns):
            by_right, by_down = predicted(blocks, row, column, 0), predicted(blocks, row, column, 1)
            tried[0, 0], tried[0, 1], tried[1, 0], tried[1, 1] = by_right, by_down, 0, 0
            tried[2:] = candidates[row, column]
            best, best_right, best_down, best_offset = np.inf, 0, 0, 0
            step, number = refining, 0
            centre_right, centre_down = 0, 0
            while True:
                if number < count + 2:
                    right, down = tried[number, 0], tried[number, 1]
                elif step == 0:
                    break
                else:
                    place = (number - count - 2) % 9
                    if place == 0:
                        centre_right, centre_down = best_right, best_down
                    right = centre_right + step * (place % 3 - 1)
                    down = centre_down + step * (place // 3 - 1)
                    if place == 8:
                        step //= 2
                number += 1
                if max(abs(right), abs(down)) > MAX_SHIFT:
                    continue
                mean = _differences(wanted, luma, row * side, column * side, side, right, down, found)
                bits = _shift_bits(right, down, by_right, by_down)
                cost = _left(found, 0) + weight * (bits + _NO_BITS)
                if cost < best:
                    best, best_right, best_down, best_offset = cost, right, down, 0
                offset = min(max(round(mean / OFFSET_STEP), -MAX_OFFSET), MAX_OFFSET)
                if abs(offset) >= LEAST_OFFSET:
                    cost = _left(found, offset) + weight * (bits + _FLAG_BITS + _number_bits(offset))
                    if cost < best:
                        best, best_right, best_down, best_offset = cost, right, down, offset
            blocks[row, column, 0], blocks[row, column, 1] = best_right, best_down
            blocks[row, column, 2] = best_offset
            total += best
    return total


def choose(
    image: np.ndarray,
    reference: np.ndarray,
    candidates: np.ndarray,
    side: int,
    weight: float,
    refining: int = QUARTERS // 2,
) -> tuple[np.ndarray, float]:
    """The motion field that costs least, block by block in reading order, and its cost.

    Parameters
    ----------
    image : uint8 [height, width, 3]
    reference : uint8 [rows · side, columns · side, 3]
        As large as the picture or up to a patch larger.
    candidates : int [rows, columns, count, 2]
        Shifts to the right and down, quarters of a pixel, besides none and what the neighbours predict.
    side : int
        Of a block, pixels.
    weight : float
        Of a bit, in levels of luma of one pixel.
    refining : int
        Quarters of a pixel around the best that are tried first; half of them then, to one. 0 tries none.

    Returns
    -------
    blocks : int32 [rows, columns, 3]
    cost : float
        Absolute differences in luma that are left, and the weight of the bits.
    """
    pad = ((0, reference.shape[0] - image.shape[0]), (0, reference.shape[1] - image.shape[1]))
    wanted = np.pad(image.mean(2, dtype=np.float32), pad, mode="edge")
    luma = reference.mean(2, dtype=np.float32)
    blocks = np.zeros((*candidates.shape[:2], 3), np.int64)
    cost = _chosen(wanted, luma, candidates.astype(np.int64), side, weight, refining, blocks)
    return blocks.astype(np.int32), float(cost)


def flow_candidates(flow: np.ndarray, side: int) -> np.ndarray:
    """int64 [rows, columns, 2, 2]: mean and median shift in each block, quarters of a pixel.

    `flow` float32 [2, height, width] is in pixels of the picture, [right, down]; a block has `side` vectors a side.
    """
    rows, columns = flow.shape[1] // side, flow.shape[2] // side
    parts = flow[:, : rows * side, : columns * side].reshape(2, rows, side, columns, side)
    parts = parts.transpose(1, 3, 0, 2, 4).reshape(rows, columns, 2, -1)
    shifts = np.stack([parts.mean(3), np.median(parts, 3)], 2)
    return np.rint(QUARTERS * shifts).clip(-MAX_SHIFT, MAX_SHIFT).astype(np.int64)


def find_fields(image: np.ndarray, reference: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Motion fields by the flow network, for each of `BIT_WEIGHTS` the one that costs least: side of the blocks, and
    int32 [rows, columns, 3].

    Parameters
    ----------
    image : uint8 [height, width, 3]
    reference : uint8 [rows · PATCH_SIDE, columns · PATCH_SIDE, 3]

    Raises
    ------
    ModelError
        Torch is missing, or the network's weights.
    """
    with learned():
        from semcom.semantic.nets.flow_running import STEP, flow_between
    pad = ((0, reference.shape[0] - image.shape[0]), (0, reference.shape[1] - image.shape[1]), (0, 0))
    flow = flow_between(np.pad(image, pad, mode="edge"), reference)
    candidates = {side: flow_candidates(flow, side // STEP) for side in SIDES_TRIED}
    found = []
    for weight in BIT_WEIGHTS:
        tried = [(side, *choose(image, reference, candidates[side], side, weight)) for side in SIDES_TRIED]
        side, blocks, _ = min(tried, key=lambda one: one[2])
        found.append((side, blocks))
    return found
