"""Which object is the main one: size, middle, certainty; never what is hidden."""

from __future__ import annotations

import numpy as np

from semcom.semantic.systems.multi_sc.main_object import find_main_object
from semcom.semantic.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load("everyday-1")
CAR, BUS, ROAD = (VOCABULARY[name].id for name in ("car", "bus", "road"))


def scene(*things: tuple[int, tuple[int, int, int, int]]) -> tuple[np.ndarray, np.ndarray]:
    labels = np.full((60, 90), ROAD, np.uint8)
    for category, (x0, y0, x1, y1) in things:
        labels[y0:y1, x0:x1] = category
    return labels, np.full(labels.shape, 0.9, np.float32)


def test_of_equal_ones_the_one_in_the_middle() -> None:
    labels, score = scene((CAR, (0, 0, 20, 20)), (BUS, (35, 20, 55, 40)))
    found = find_main_object(labels, score, VOCABULARY)
    assert found.subject == "bus" and found.box == (35, 20, 55, 40) and found.mask.sum() == 400
    large, score = scene((CAR, (0, 0, 40, 40)), (BUS, (40, 25, 50, 35)))
    assert find_main_object(large, score, VOCABULARY).subject == "car"
    assert find_main_object(large, score, VOCABULARY, centrality=4.0).subject == "bus"


def test_stuff_and_what_is_too_small_or_too_large_is_none() -> None:
    assert find_main_object(*scene(), VOCABULARY) is None
    assert find_main_object(*scene((CAR, (40, 30, 44, 34))), VOCABULARY) is None
    assert find_main_object(*scene((CAR, (0, 0, 90, 55))), VOCABULARY) is None
    assert find_main_object(*scene((CAR, (0, 0, 90, 55))), VOCABULARY, most_area=1.0) is not None


def test_what_is_hidden_is_never_cut_out_not_even_inside_another() -> None:
    labels, score = scene((CAR, (30, 10, 60, 50)), (BUS, (40, 20, 50, 40)))
    hidden = frozenset({BUS})
    found = find_main_object(labels, score, VOCABULARY, hidden)
    assert found.subject == "car" and not found.mask[20:40, 40:50].any()
    assert find_main_object(labels, score, VOCABULARY, frozenset({CAR, BUS})) is None


def test_holes_are_filled_and_the_surer_one_wins() -> None:
    labels, score = scene((CAR, (30, 10, 60, 50)), (ROAD, (40, 20, 45, 30)))
    assert find_main_object(labels, score, VOCABULARY).mask[20:30, 40:45].all()
    labels, score = scene((CAR, (20, 20, 40, 40)), (BUS, (50, 20, 70, 40)))
    score[labels == CAR] = 0.3
    assert find_main_object(labels, score, VOCABULARY).subject == "bus"
