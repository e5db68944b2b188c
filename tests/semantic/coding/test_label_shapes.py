"""Shapes: what they say on drawn edges, and that no grid makes a number too large for its block of counters."""

import numpy as np
import pytest

from semcom.semantic.coding import label_shapes as shapes
from semcom.semantic.coding.label_shapes import PAD


def padded(rows):
    """A grid whose last given row is row y of the pixel at column `len // 2`."""
    return np.array([[int(label) for label in row] for row in rows], dtype=np.int64)


STEP_RIGHT = padded(["1112222222", "1111222222", "1111122222", "1111110000"])
"""The edge between 1 and 2 moves one pixel to the right each row; the next pixel is (3, 6)."""


def test_a_sloping_edge_is_followed_upwards():
    assert shapes.edge_offset(STEP_RIGHT, 2, 6, 1, 7) == -1  # one to the left of where it is asked
    assert shapes.edge_offset(STEP_RIGHT, 2, 3, 1, 7) == 2
    first, second, third = -1, -1, -1
    assert shapes.edge_chain(STEP_RIGHT, 3, 6, 1) == ((first + 7) * 9 + second + 4) * 7 + third + 3


def test_a_run_ends_at_its_label_or_at_the_longest():
    assert shapes.run_length(STEP_RIGHT, 2, 0, 16) == 5
    assert shapes.run_length(STEP_RIGHT, 2, 5, 3) == 3
    assert shapes.run_length(STEP_RIGHT, 2, 8, 16) == 2  # the grid's end


def test_neighbours_that_have_the_label_are_named_nearest_first():
    grid = np.zeros((4, 7), dtype=np.int64)
    grid[3, 2], grid[2, 3], grid[0, 4] = 5, 5, 5  # W, N and NNNE of (3, 3)
    assert shapes.has_label(grid, 3, 3, 5) == 1 << 0 | 1 << 1 | 1 << 15
    assert shapes.has_label_further(grid, 3, 3, 5) == 0
    assert shapes.has_label(np.zeros((4, 7), dtype=np.int64), 3, 3, 0) == 0xFFFF


NEIGHBOURS = [
    "W",
    "N",
    "NE",
    "NW",
    "NEE",
    "NN",
    "WW",
    "NWW",
    "NNE",
    "NNW",
    "NEEE",
    "NNEE",
    "NNWW",
    "WWW",
    "NNN",
    "NNNE",
]
FURTHER = ["NWWW", "NNEEE", "NNNW", "NNNEE", "NNNWW", "NNNEEE", "NNWWW"]
PAIRS = [
    ("N", "W"), ("NW", "W"), ("NE", "N"), ("NW", "N"), ("NE", "W"), ("NN", "N"), ("NEE", "NE"), ("WW", "W"),
    ("NNE", "NE"), ("NNW", "NW"), ("NWW", "NW"), ("NNE", "N"),
]  # fmt: skip
"""Bit by bit, as format version 1 has them."""


def at(steps):
    """Row and column of a neighbour of (3, 3)."""
    return 3 - steps.count("N"), 3 + steps.count("E") - steps.count("W")


@pytest.mark.parametrize(("shape", "neighbours"), [("has_label", NEIGHBOURS), ("has_label_further", FURTHER)])
def test_each_neighbour_has_its_bit(shape, neighbours):
    for bit, steps in enumerate(neighbours):
        grid = np.zeros((4, 7), dtype=np.int64)
        grid[at(steps)] = 5
        assert getattr(shapes, shape)(grid, 3, 3, 5) == 1 << bit, steps


def test_each_pair_that_is_alike_has_its_bit():
    for one, other in PAIRS:
        grid = np.arange(100, 128).reshape(4, 7)  # no two alike
        grid[at(one)] = grid[at(other)]
        expected = sum(1 << bit for bit, (a, b) in enumerate(PAIRS) if grid[at(a)] == grid[at(b)])
        assert shapes.alike(grid, 3, 3) == expected and expected & 1 << PAIRS.index((one, other))


@pytest.mark.parametrize(
    ("above", "north", "change", "run", "as_west", "as_above"),
    [
        ("3111111", "3333322", 2 + 4, 2, 1, 0),
        ("3333222", "3333333", -3 + 4, 4, 1, 1),
        ("4444444", "3344222", 3 + 4, 1, 0, 1),
    ],
)
def test_a_run_above_and_how_it_changed(above, north, change, run, as_west, as_above):
    """Of (3, 3), whose western neighbour is 3: labels on from column 3 of the two rows above."""
    grid = padded(["0000000", above, north, "3330000"])
    assert shapes.run_slope(grid, 3, 3) == ((change * 17 + run) * 2 + as_west) * 2 + as_above


@pytest.mark.parametrize("num_labels", [1, 2, 5, 256])
def test_every_number_fits_its_block(rng, num_labels):
    for _ in range(40):
        height, width = rng.integers(1, 12, 2)
        grid = rng.integers(0, num_labels, (height + PAD, width + 2 * PAD))
        for y in range(PAD, height + PAD):
            for x in range(PAD, width + PAD):
                label = int(grid[y, x - 1 - rng.integers(3)])
                assert 0 <= shapes.has_label(grid, y, x, label) < 1 << 16
                assert 0 <= shapes.has_label_further(grid, y, x, label) < 1 << 7
                assert 0 <= shapes.alike(grid, y, x) < 1 << 12
                assert 0 <= shapes.run_slope(grid, y, x) < 1 << 10
                assert 0 <= shapes.edge_chain(grid, y, x, label) < 1 << 10
                assert 1 <= shapes.run_length(grid, y - 1, x, 32) <= 32
