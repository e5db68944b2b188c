"""Regions for close-ups: objects first, parts of large ones, the densest place where there is none."""

from __future__ import annotations

import numpy as np

from semcom.semantic.extract.region_selector import select_regions
from semcom.semantic.layers import NAMELESS, Objects, SceneObject
from semcom.semantic.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load("everyday-1")
FLAT = np.full((50, 100), 0.1, np.float32)


def test_regions_skip_what_is_seen_already() -> None:
    car, person = VOCABULARY["car"].id, VOCABULARY["person"].id
    items = (
        SceneObject(1, car, (0, 0, 190, 95), 1.0),  # nearly the whole picture
        SceneObject(2, person, (20, 20, 60, 80), 1.0),
        SceneObject(3, person, (25, 25, 58, 78), 1.0),  # inside the one before
        SceneObject(4, car, (120, 50, 180, 90), 1.0),
    )
    regions = select_regions(Objects(200, 100, VOCABULARY, items), FLAT, 4, 6000)
    assert [region.object_id for region in regions] == [2, 4]
    for region in regions:
        x0, y0, x1, y1 = region.box
        assert 0 <= x0 < x1 <= 200 and 0 <= y0 < y1 <= 100
    assert regions[0].box == (18, 16, 62, 84)
    assert len(select_regions(Objects(200, 100, VOCABULARY, items), FLAT, 1, 6000)) == 1


def test_of_an_object_too_large_to_show_the_densest_part_is_taken() -> None:
    boundary = FLAT.copy()
    boundary[10:20, 30:40] = 0.9  # a face, in a map of half the picture's resolution
    person = SceneObject(1, VOCABULARY["person"].id, (40, 10, 110, 98), 1.0)
    (region,) = select_regions(Objects(200, 100, VOCABULARY, (person,)), boundary, 2, 900)
    x0, y0, x1, y1 = region.box
    assert (x1 - x0) * (y1 - y0) <= 900
    assert x0 <= 70 <= x1 and y0 <= 30 <= y1
    assert x0 >= 36 and x1 <= 114 and y0 >= 0 and y1 <= 100


def test_without_objects_dense_detail_is_shown_if_it_stands_out() -> None:
    nothing = Objects(200, 100, VOCABULARY, ())
    assert select_regions(nothing, FLAT, 2, 5000) == []
    lettering = FLAT.copy()
    lettering[30:45, 60:90] = 0.9
    (region,) = select_regions(nothing, lettering, 2, 5000)
    x0, y0, x1, y1 = region.box
    assert region.object_id == NAMELESS and x0 < 150 < x1 and y0 < 75 < y1
    assert x0 >= 0 and x1 <= 200 and y0 >= 0 and y1 <= 100
