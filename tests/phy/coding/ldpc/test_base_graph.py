"""Base graphs: sizes, structure the encoder relies on, and the tables of the standard."""

import csv

import numpy as np
import pytest

from semcom.phy.coding.ldpc.base_graph import LIFTING_SIZES, NUM_CORE_ROWS, base_graph
from semcom.phy.errors import ConfigurationError


def test_there_are_the_51_lifting_sizes_of_the_standard():
    assert len(LIFTING_SIZES) == 51
    assert LIFTING_SIZES[:15] == (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
    assert LIFTING_SIZES[-6:] == (240, 256, 288, 320, 352, 384)


@pytest.mark.parametrize(("number", "rows", "columns", "edges"), [(1, 46, 68, 316), (2, 42, 52, 197)])
def test_dimensions(number, rows, columns, edges):
    graph = base_graph(number, 384)
    assert (graph.num_rows, graph.num_columns, graph.column.size) == (rows, columns, edges)
    assert graph.row_start[-1] == edges
    assert graph.num_information_bits == (8448 if number == 1 else 3840)
    assert graph.num_buffer_bits == (columns - 2) * 384


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("lifting_size", LIFTING_SIZES)
def test_parity_part_can_be_solved_along_the_staircase(number, lifting_size):
    graph = base_graph(number, lifting_size)
    first = graph.num_information_columns
    edges = {
        (row, int(graph.column[e])): int(graph.shift[e])
        for row in range(graph.num_rows)
        for e in range(graph.row_start[row], graph.row_start[row + 1])
    }
    shifts = [shift for (row, column), shift in edges.items() if column == first and row < NUM_CORE_ROWS]
    assert len(shifts) == 3
    assert len({shift for shift in shifts if shifts.count(shift) == 1}) == 1  # two of the three cancel
    assert all(edges[row, first + row + 1] == 0 for row in range(NUM_CORE_ROWS - 1))
    assert all(edges[row, first + row] == 0 for row in range(NUM_CORE_ROWS, graph.num_rows))
    assert max(column for row, column in edges if row < NUM_CORE_ROWS) == first + 3


def test_dense_matrix_is_the_lifted_graph():
    graph = base_graph(2, 3)
    matrix = graph.parity_check_matrix()
    assert matrix.shape == (42 * 3, 52 * 3)
    assert matrix.sum() == 197 * 3
    assert np.array_equal(matrix[4 * 3 :, 14 * 3 :], np.eye(38 * 3, dtype=np.uint8))


@pytest.mark.parametrize("number", [1, 2])
def test_shifts_are_those_of_the_published_table(number, shared_dir):
    lines = (shared_dir / f"data/radio/nr_ldpc/5G_bg{number}.csv").read_text().splitlines()[2:]
    expected, row = {}, 0
    for fields in csv.reader(lines, delimiter=";"):
        row = int(fields[0]) if fields[0] else row
        expected[row, int(fields[1])] = [int(value) for value in fields[2:10]]
    for lifting_size in LIFTING_SIZES:
        odd = lifting_size >> ((lifting_size & -lifting_size).bit_length() - 1)
        set_index = {1: 0, 3: 1, 5: 2, 7: 3, 9: 4, 11: 5, 13: 6, 15: 7}[odd]
        graph = base_graph(number, lifting_size)
        found = {
            (row, int(graph.column[e])): int(graph.shift[e])
            for row in range(graph.num_rows)
            for e in range(graph.row_start[row], graph.row_start[row + 1])
        }
        assert found == {key: values[set_index] % lifting_size for key, values in expected.items()}


def test_refuses_what_does_not_exist():
    with pytest.raises(ConfigurationError, match="base graph must be 1 or 2, got 3"):
        base_graph(3, 8)
    with pytest.raises(ConfigurationError, match=r"lifting_size must be .* got 17"):
        base_graph(1, 17)
