"""Outlines of a detail map as they are shown, and the page that is made of them."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.experiments.semantic.boundary_as_received import Received, as_markdown, outlines
from semcom.experiments.training.boundary_matching import BoundaryScore
from semcom.semantic.layers import DetailMap


def test_one_line_between_two_segments() -> None:
    edges = np.zeros((8, 12), bool)
    edges[:, 5] = True
    lines = outlines(DetailMap(35, 24, 3, edges))
    assert lines.shape == (24, 35)
    assert (lines.sum(axis=1) == 1).all(), "one pixel wide"
    (column,) = np.unique(np.nonzero(lines)[1])
    assert 3 * 5 - 1 <= column < 3 * 6


@pytest.mark.parametrize("everywhere", [False, True])
def test_without_segments_there_is_no_line(everywhere: bool) -> None:
    assert not outlines(DetailMap(20, 10, 2, np.full((5, 10), everywhere))).any()


def test_the_page_has_a_row_for_each_way() -> None:
    score = BoundaryScore()
    line = np.zeros((40, 60), bool)
    line[20] = True
    score.add(line, line.astype(np.float32), line)
    page = as_markdown({("tasks", "best"): Received(score, 2, 100)}, 4, 25)
    assert "boundary_as_received --every 25`, 4 photos" in page
    assert "| tasks | best | **1.000** | 1.000 | 1.000 | 1.000 | 2 | 50 |" in page
