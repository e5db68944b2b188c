"""The map's say in which words are likely."""

import numpy as np
import pytest

from semcom.semantic.captioning.weighing import as_several, cautious, only_sure, several_people, weighed
from semcom.semantic.layers import Objects, SceneObject
from semcom.semantic.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load("everyday-1")
LARGE, SMALL = (0, 0, 100, 100), (110, 0, 120, 20)


def objects_of(*found: tuple[str, float, tuple[int, int, int, int]]) -> Objects:
    """Objects (name, score, box) of a picture of 240 × 160 pixels."""
    items = tuple(
        SceneObject(number, VOCABULARY[name].id, box, score) for number, (name, score, box) in enumerate(found, start=1)
    )
    return Objects(240, 160, VOCABULARY, items)


def map_of(name: str) -> np.ndarray:
    return np.full((160, 240), VOCABULARY[name].id, np.uint8)


@pytest.mark.parametrize(
    ("said", "found", "raised"),
    [
        ({"giraffe": 0.07, "animal": 0.02}, ("animal", 0.9), "animal"),
        ({"giraffe": 0.2, "animal": 0.02}, ("animal", 0.9), "giraffe"),
        ({"laptop": 0.11, "tv": 0.05}, ("screen", 0.7), None),
        ({"laptop": 0.13, "tv": 0.05}, ("screen", 0.7), "laptop"),
        ({"train": 0.02}, ("train", 0.7), "train"),
    ],
)
def test_an_object_raises_a_word_that_is_likely_by_itself(said, found, raised) -> None:
    name, score = found
    weights = weighed(said, map_of(name), VOCABULARY, objects_of((name, score, LARGE)))
    for word, probability in said.items():
        expected = 1 - (1 - probability) * (1 - score / 2) if word == raised else probability
        assert weights[word] == pytest.approx(expected)


def test_a_group_that_is_found_may_be_any_of_its_members() -> None:
    vocabulary = Vocabulary.load("everyday-2")
    labels = np.full((160, 240), vocabulary["vehicle"].id, np.uint8)
    found = Objects(240, 160, vocabulary, (SceneObject(1, vocabulary["vehicle"].id, LARGE, 0.9),))
    weights = weighed({"car": 0.1, "bus": 0.4, "dog": 0.4}, labels, vocabulary, found)
    assert weights["bus"] == pytest.approx(1 - 0.6 * (1 - 0.9 / 2)) and weights["car"] == 0.1  # not seen to be absent
    assert weights["dog"] == pytest.approx(0.35 * 0.4)


def test_who_is_small_beside_the_largest_is_not_counted() -> None:
    player_and_head = objects_of(("person", 0.9, LARGE), ("person", 0.9, SMALL))
    assert [item.box for item in only_sure(player_and_head).items] == [LARGE]
    assert not several_people(player_and_head)
    assert several_people(objects_of(("person", 0.9, LARGE), ("person", 0.9, (120, 0, 200, 80))))
    assert len(only_sure(objects_of(("person", 0.9, LARGE), ("dog", 0.9, SMALL))).items) == 2


def test_of_several_the_plural_takes_the_better_probability() -> None:
    assert as_several({"person": 0.7, "people": 0.2, "dog": 0.4}) == {"person": 0.0, "people": 0.7, "dog": 0.4}


def test_men_and_women_are_told_apart_only_where_sure() -> None:
    assert cautious({"man": 0.5, "woman": 0.4, "person": 0.1}, {"man": 0.5, "woman": 0.4, "person": 0.1}) == {
        "person": 0.5
    }
