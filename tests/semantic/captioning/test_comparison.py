from __future__ import annotations

import pytest

from semcom.semantic.captioning.comparison import content_words, found_words, right_words, stem, tokens
from semcom.semantic.layers.caption import Caption

PEOPLE = [
    "A man rides his bike down the street.",
    "Two men riding bicycles.",
    "A man on a bicycle in a city.",
    "A dog.",
]


def test_spellings_numbers_and_forms_of_verbs_are_one_word() -> None:
    assert tokens("A guy rides a motorbike.") == ["a", "man", "riding", "a", "motorcycle"]
    assert stem("buses") == "bus" and stem("dogs") == "dog" and stem("glass") == "glass"


def test_content_words_are_listed_words_and_entities() -> None:
    assert content_words(Caption("A macaw sitting on a tree.", ((2, 7),))) == ["macaw", "sitting", "tree"]
    assert content_words(Caption("A macaw sitting on a tree.")) == ["sitting", "tree"]


@pytest.mark.parametrize(
    ("text", "right", "found"),
    [
        ("A man riding a bicycle.", (3, 3), (2, 2)),
        ("A woman riding a horse.", (3, 1), (2, 0)),
        ("A man.", (1, 1), (2, 1)),
        ("", (0, 0), (2, 0)),
    ],
)
def test_words_are_counted_against_people_s(text: str, right: tuple, found: tuple) -> None:
    assert right_words(Caption(text), PEOPLE) == right
    assert found_words(Caption(text), PEOPLE) == found
