"""Masks: a grid of points, stable ones, each once, and where they end."""

from __future__ import annotations

import numpy as np

from semcom.semantic.backends.mask_filters import boundaries, boxes_of, point_grid, stability, suppress


def test_points_are_the_middles_of_cells() -> None:
    np.testing.assert_allclose(point_grid(2), [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]])
    assert point_grid(16).shape == (256, 2)


def test_a_mask_that_hardly_moves_is_stable() -> None:
    steep, flat = np.full((2, 10, 10), -9.0, np.float32)
    steep[2:6] = 9.0
    flat[:] = np.linspace(-2.5, 2.5, 10)[:, None]
    np.testing.assert_allclose(stability(np.stack([steep, flat])), [1.0, 3 / 7])
    assert stability(np.full((1, 4, 4), -5.0, np.float32))[0] == 0.0


def test_boxes_go_around_masks() -> None:
    masks = np.zeros((2, 8, 9), bool)
    masks[0, 2:5, 3:7] = True
    np.testing.assert_array_equal(boxes_of(masks), [[3, 2, 7, 5], [0, 0, 0, 0]])


def test_of_boxes_that_overlap_the_best_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10], [0, 0, 10, 6]], np.float32)
    scores = np.array([0.8, 0.9, 0.5, 0.7], np.float32)
    assert suppress(boxes, scores, 0.7).tolist() == [1, 3, 2]
    assert suppress(boxes, scores, 0.4).tolist() == [1, 2]
    assert suppress(boxes[:0], scores[:0], 0.7).tolist() == []


def test_edges_take_the_score_of_the_best_mask_and_the_rim_is_none() -> None:
    masks = np.zeros((2, 6, 6), bool)
    masks[0, :, :3] = True
    masks[1, 2:5, 1:5] = True
    edges = boundaries(masks, np.array([0.9, 0.5], np.float32))
    np.testing.assert_allclose(edges[0], [0, 0, 0.9, 0, 0, 0], rtol=1e-6)
    np.testing.assert_allclose(edges[3], [0, 0.5, 0.9, 0, 0.5, 0], rtol=1e-6)
    np.testing.assert_allclose(edges[5], [0, 0, 0.9, 0, 0, 0], rtol=1e-6)
    assert boundaries(masks[:0], np.zeros(0, np.float32)).max() == 0
