"""Shapes around a pixel of a label map, as small numbers: what the model looks its counters up by.

All look at coded neighbours only: the pixels to the left in row y and the three rows above.

        NN at y−3           · · o o o · ·
        NN at y−2         · o o o o o ·
        N  at y−1       · o o o o o o ·
        W  at y         · o o o X

`grid` is int64 [height + PAD, width + 2 * PAD] of palette numbers; (y, x) lies within the map. Numbers are ints.
"""

from __future__ import annotations

from numba import njit

PAD = 3
"""Rows above and columns at either side that the grid holds besides the map: how far the shapes reach."""


@njit(nogil=True, cache=True)
def has_label(grid, y, x, label):
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
def has_label_further(grid, y, x, label):
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
def alike(grid, y, x):
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
def run_length(grid, y, x, longest):
    """How many pixels from x on to the right have the same label, up to `longest`."""
    label = grid[y, x]
    length = 1
    while length < longest and x + length < grid.shape[1] and grid[y, x + length] == label:
        length += 1
    return length


@njit(nogil=True, cache=True)
def run_slope(grid, y, x):
    """How long the labels above go on to the right, and how that changed from row to row; less than 2^10."""
    run = run_length(grid, y - 1, x, 16)
    change = min(max(run_length(grid, y - 2, x, 20) - run, -4), 4) + 4
    north = grid[y - 1, x]
    return ((change * 17 + run) * 2 + (north == grid[y, x - 1])) * 2 + (grid[y - 2, x] == north)


@njit(nogil=True, cache=True)
def edge_offset(grid, y, x, label, longest):
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
def edge_chain(grid, y, x, label):
    """How the right edge of `label` came down the three rows above: where it was last and two steps; less than 2^10."""
    first = edge_offset(grid, y - 1, x, label, 7)
    column = min(x + first, grid.shape[1] - 1)
    second = edge_offset(grid, y - 2, column, label, 4)
    column = min(max(column + second, 1), grid.shape[1] - 1)
    third = edge_offset(grid, y - 3, column, label, 3)
    return ((first + 7) * 9 + second + 4) * 7 + third + 3
