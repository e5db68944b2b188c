"""Doubtful areas join the surface they are part of: no boundary between, larger, surer; nothing else moves."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.extract.doubtful_areas import NO_BOUNDARY, SURE_SCORE, join_doubtful_areas
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

VOCABULARY = Vocabulary.load("everyday-2")
SKY, WALL, TREE, PERSON = (VOCABULARY[name].id for name in ("sky", "wall", "tree", "person"))


def scene(patch: int = SKY, doubt: float = 0.5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A wall of 40 × 60 with a patch of 10 × 12 in it, and no boundary anywhere."""
    labels, score = np.full((40, 60), WALL, np.uint8), np.full((40, 60), 0.8, np.float32)
    labels[20:30, 30:42], score[20:30, 30:42] = patch, doubt
    return labels, score, np.zeros((40, 60), np.float32)


def test_a_doubtful_patch_without_a_boundary_is_part_of_the_wall() -> None:
    labels, score, boundary = scene()
    assert (join_doubtful_areas(labels, score, boundary, VOCABULARY) == WALL).all()
    assert (labels == SKY).sum() == 120, "what was given stays as it was"


@pytest.mark.parametrize("column", [29, 30])
def test_a_boundary_keeps_them_apart_on_whichever_side_it_lies(column: int) -> None:
    labels, score, boundary = scene()
    outline = np.zeros((40, 60), bool)
    outline[19:31, 29:43] = True
    outline[21:29, 31:41] = False
    boundary[outline] = 1.5 * NO_BOUNDARY
    assert np.array_equal(join_doubtful_areas(labels, score, boundary, VOCABULARY), labels)
    boundary[outline] = 0.0
    boundary[20:30, column] = 1.0  # one side of four: the mean along the border counts
    assert (join_doubtful_areas(labels, score, boundary, VOCABULARY) == WALL).all()


def test_what_is_sure_or_a_thing_or_without_a_label_stays() -> None:
    for patch, doubt in ((SKY, SURE_SCORE + 0.01), (PERSON, 0.3), (NO_LABEL, 0.0)):
        labels, score, boundary = scene(patch, doubt)
        assert np.array_equal(join_doubtful_areas(labels, score, boundary, VOCABULARY), labels)
    labels, score, boundary = scene()
    labels[labels == WALL] = PERSON  # nothing joins a thing
    assert np.array_equal(join_doubtful_areas(labels, score, boundary, VOCABULARY), labels)


def test_nothing_joins_what_is_less_sure_or_smaller() -> None:
    labels, score, boundary = scene()
    score[labels == WALL] = 0.45
    assert np.array_equal(join_doubtful_areas(labels, score, boundary, VOCABULARY), labels)
    labels, score, boundary = scene(doubt=0.9)
    score[labels == WALL] = 0.5  # the large one is the doubtful one
    assert np.array_equal(join_doubtful_areas(labels, score, boundary, VOCABULARY), labels)


def test_a_touch_is_not_enough() -> None:
    """Of the border of the sky a small part lies against the wall, the rest against a person."""
    labels, score, boundary = scene()
    labels[18:32, 28:44] = PERSON
    labels[20:30, 30:42] = SKY
    labels[30:32, 30:36] = WALL
    assert np.array_equal(join_doubtful_areas(labels, score, boundary, VOCABULARY), labels)
    labels[30:32, 30:42] = labels[18:20, 30:42] = WALL
    assert SKY not in join_doubtful_areas(labels, score, boundary, VOCABULARY)


def test_areas_that_join_one_that_joins_end_with_the_last_name() -> None:
    labels, score, boundary = scene()
    labels[23:27, 34:38], score[23:27, 34:38] = TREE, 0.4
    assert (join_doubtful_areas(labels, score, boundary, VOCABULARY) == WALL).all()


def test_two_that_are_alike_do_not_change_places() -> None:
    labels = np.full((20, 40), SKY, np.uint8)
    labels[:, 20:] = WALL
    score = np.full((20, 40), 0.5, np.float32)
    joined = join_doubtful_areas(labels, score, np.zeros((20, 40), np.float32), VOCABULARY)
    assert len(np.unique(joined)) == 1


def test_the_longest_border_decides() -> None:
    labels, score, boundary = scene()
    labels[:, 42:] = TREE  # right of the patch; the wall lies on its three other sides
    joined = join_doubtful_areas(labels, score, boundary, VOCABULARY)
    assert (joined[20:30, 30:42] == WALL).all() and (joined[:, 42:] == TREE).all()


def test_any_shape_and_any_labels(rng: np.random.Generator) -> None:
    for shape in ((1, 1), (1, 30), (30, 1), (64, 48)):
        labels = rng.integers(0, 256, shape).astype(np.uint8)
        score, boundary = (rng.random(shape).astype(np.float32) for _ in range(2))
        joined = join_doubtful_areas(labels, score, boundary, VOCABULARY)
        things = np.isin(labels, [category.id for category in VOCABULARY if category.isthing])
        assert joined.shape == shape and joined.dtype == np.uint8 and np.array_equal(joined[things], labels[things])
        assert set(np.unique(joined)) <= set(np.unique(labels))
