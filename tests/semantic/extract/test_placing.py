"""Where objects are, in words, on boxes and class maps made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.extract.placing import distance, place, relation, support
from semcom.semantic.layers import SceneObject
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

VOCABULARY = Vocabulary.load("everyday-1")


def thing(name: str, box: tuple[int, int, int, int]) -> SceneObject:
    return SceneObject(1, VOCABULARY[name].id, box, 0.9)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (("person", (20, 5, 40, 60)), ("horse", (10, 30, 60, 90)), "on"),
        (("person", (20, 5, 40, 95)), ("horse", (10, 30, 60, 90)), "in front of"),  # ends below it: stands before it
        (("person", (61, 5, 81, 60)), ("horse", (10, 30, 60, 90)), "to the right of"),  # its middle is beside it
        (("car", (0, 10, 20, 30)), ("car", (50, 10, 70, 30)), "to the left of"),
        (("car", (50, 10, 70, 30)), ("car", (0, 10, 20, 30)), "to the right of"),
        (("bird", (10, 0, 20, 10)), ("car", (5, 8, 40, 40)), "above"),
        (("car", (5, 8, 40, 40)), ("bird", (10, 0, 20, 10)), "below"),
        (("car", (10, 20, 50, 60)), ("bus", (15, 0, 60, 50)), "in front of"),
        (("bus", (15, 0, 60, 50)), ("car", (10, 20, 50, 60)), "behind"),
    ],
)
def test_one_object_is_seen_from_another(first, second, words):
    assert relation(thing(*first), thing(*second), VOCABULARY) == words


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        ([(0, 0, 40, 100)], "close up"),  # 40 % of the picture
        ([(0, 0, 39, 100)], None),
        ([(0, 0, 60, 100), (60, 0, 100, 100)], None),  # two are never close up
        ([(0, 0, 10, 14), (20, 0, 30, 14)], "far away"),
        ([(0, 0, 10, 14), (20, 0, 30, 15)], None),
    ],
)
def test_distance_is_told_for_one_large_or_for_only_small_ones(boxes, words):
    assert distance([thing("car", box) for box in boxes], 100, 100) == words


@pytest.mark.parametrize(
    ("middles", "words"),
    [([35], "on the left"), ([36], "in the middle"), ([64], "in the middle"), ([65], "on the right"), ([10, 90], None),
     ([80, 90], "on the right")],
)  # fmt: skip
def test_the_part_of_the_picture_is_where_all_of_them_are(middles, words):
    assert place([thing("car", (middle - 5, 0, middle + 5, 10)) for middle in middles], 100) == words


def ground_map(rows: list[tuple[int, str | None]]) -> np.ndarray:
    """A class map of 100 columns: so many rows of each category, from the top."""
    parts = [np.full((count, 100), NO_LABEL if name is None else VOCABULARY[name].id, np.uint8) for count, name in rows]
    return np.concatenate(parts)


def test_the_ground_is_looked_for_as_deep_as_the_object_is_high():
    """An eighth of 80 rows below the box: three rows of road lie before seven of grass."""
    labels = ground_map([(85, "car"), (3, "road"), (12, "grass")])
    assert support(labels, VOCABULARY, [thing("car", (10, 5, 60, 85))]) == "grass"


def test_low_objects_stand_on_the_three_rows_below_them():
    labels = ground_map([(50, "sky"), (4, "road"), (46, "grass")])
    assert support(labels, VOCABULARY, [thing("car", (10, 42, 60, 50))]) == "road"


def test_ground_is_told_only_where_it_is_shared_known_and_possible():
    labels = ground_map([(50, "sky"), (25, "road"), (25, "grass")])
    on_road, on_grass = thing("car", (10, 30, 60, 60)), thing("car", (10, 30, 60, 90))
    assert support(labels, VOCABULARY, [on_road]) == "road"
    assert support(labels, VOCABULARY, [on_road, on_road]) == "road"
    assert support(labels, VOCABULARY, [on_road, on_grass]) is None
    assert support(labels, VOCABULARY, [thing("car", (10, 10, 60, 30))]) is None  # a car in the sky is none
    assert support(labels, VOCABULARY, [thing("bird", (10, 10, 60, 30))]) == "sky"
    assert support(ground_map([(100, None)]), VOCABULARY, [on_road]) is None
    assert (
        support(ground_map([(60, "road"), (40, "building")]), VOCABULARY, [thing("person", (10, 20, 30, 62))]) is None
    )


def test_an_object_does_not_stand_on_its_own_kind():
    labels = ground_map([(60, "sky"), (5, "car"), (35, "road")])
    assert support(labels, VOCABULARY, [thing("car", (10, 20, 60, 64))]) == "road"
