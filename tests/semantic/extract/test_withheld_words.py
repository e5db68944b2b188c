"""Sentences that name what must not be named go, synonyms included; the others stay with their entities."""

from __future__ import annotations

import pytest

from semcom.semantic.extract.privacy import hidden_categories
from semcom.semantic.extract.withheld_words import _table, withheld_words, without_words
from semcom.semantic.layers import Caption
from semcom.semantic.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load("everyday-1")
PEOPLE = withheld_words(hidden_categories(["person"], VOCABULARY), VOCABULARY)


@pytest.mark.parametrize(
    "text",
    [
        "A person stands there.", "Two PERSONS.", "a man riding a horse", "The women's bags!", "A snow-boarder-girl.",
        "Persons, and a dog.", "someone is here", "A cyclist passes.",
    ],
)  # fmt: skip
def test_a_sentence_with_such_a_word_goes(text: str) -> None:
    assert without_words(Caption(text), PEOPLE).text == ""


@pytest.mark.parametrize("text", ["A manhole is in the road.", "A personal computer.", "Human-free?"[5:], "A kidney."])
def test_words_that_only_contain_one_stay(text: str) -> None:
    assert without_words(Caption(text), PEOPLE).text == text


def test_the_other_sentences_stay_with_their_entities() -> None:
    text = "A man waits. A red car is on a road. He smokes! Trees are behind it."
    entities = tuple((text.index(word), text.index(word) + len(word)) for word in ("man", "car", "road", "Trees"))
    left = without_words(Caption(text, entities), PEOPLE)
    assert left.text == "A red car is on a road. Trees are behind it."
    assert left.entity_words == ("car", "road", "Trees")


def test_nothing_is_withheld_without_a_wish() -> None:
    caption = Caption("A man waits.", ((2, 5),))
    assert without_words(caption, frozenset()) is caption


def test_one_category_hides_its_own_synonyms_and_its_groups_words() -> None:
    words = withheld_words(frozenset({VOCABULARY["dog"].id}), VOCABULARY)
    assert {"dog", "dogs", "puppy", "animal", "pets"} <= words and "cat" not in words


def test_the_table_speaks_of_the_vocabulary() -> None:
    known = {name for category in VOCABULARY for name in (category.name, category.parent)}
    assert set(_table()) <= known
    assert all(isinstance(word, str) and word == word.lower() for words in _table().values() for word in words)
