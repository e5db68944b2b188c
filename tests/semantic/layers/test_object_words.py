from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.semantic.errors import SemanticError
from semcom.semantic.layers.object_words import LIST_VERSION, object_words
from semcom.semantic.layers.objects import KIND, Objects, SceneObject, as_list, decode, encode
from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.wire import ByteReader
from semcom.semantic.word_lists import categories_of

VOCABULARY = Vocabulary.load("everyday-1")


def objects(*pairs: tuple[str, str]) -> Objects:
    items = (
        SceneObject(number, VOCABULARY[category].id, (10, 10, 90, 80), 1.0, word)
        for number, (category, word) in enumerate(pairs, 1)
    )
    return Objects(100, 100, VOCABULARY, tuple(items))


def read(data: bytes) -> Objects:
    return decode(ByteReader(data, "objects"))


WORDED = [category.name for category in VOCABULARY if object_words(category.name)]


@given(
    st.lists(st.sampled_from(WORDED).flatmap(lambda c: st.tuples(st.just(c), st.sampled_from(["", *object_words(c)]))))
)
def test_words_come_back(pairs: list[tuple[str, str]]) -> None:
    found = read(encode(objects(*pairs[:64])))
    assert [(VOCABULARY[item.category].name, item.word) for item in found.items] == pairs[:64]


def test_words_cost_little_and_nothing_where_there_are_none() -> None:
    without, with_word = objects(("bird", ""), ("bird", "")), objects(("bird", "macaw"), ("bird", ""))
    assert len(encode(with_word)) - len(encode(without)) <= 4
    assert encode(without) == encode(replace(without))


def test_a_layer_of_before_has_no_words() -> None:
    data = encode(objects(("bird", "macaw"), ("person", "")))
    before = encode(objects(("bird", ""), ("person", "")))
    assert data.startswith(before) and all(not item.word for item in read(before).items)


def test_every_word_belongs_to_the_category_that_carries_it() -> None:
    assert "macaw" in object_words("bird") and "zebra" in object_words("animal")
    for category in WORDED:
        assert category not in object_words(category)
        assert all(category in categories_of(word) for word in object_words(category))


@pytest.mark.parametrize(("category", "word"), [("bird", "zebra"), ("bird", "bird"), ("sky", "macaw"), ("bird", "<b>")])
def test_other_words_are_refused(category: str, word: str) -> None:
    with pytest.raises(SemanticError, match="word"):
        encode(objects((category, word)))


def test_words_of_another_list_are_left_out() -> None:
    data = bytearray(encode(objects(("bird", "macaw"))))
    data[len(encode(objects(("bird", ""))))] = LIST_VERSION + 1
    (item,) = read(bytes(data)).items
    assert VOCABULARY[item.category].name == "bird" and item.word == ""


def test_words_that_do_not_tell_of_every_object_are_refused() -> None:
    start = encode(objects(("bird", ""), ("bird", "")))
    with pytest.raises(SemanticError, match="every object"):
        read(start + bytes([LIST_VERSION, 0]))
    with pytest.raises(SemanticError, match="length"):
        read(start + bytes([LIST_VERSION, 100]) + bytes(100))
    with pytest.raises(SemanticError, match="word"):
        read(encode(objects(("sky", ""))) + bytes([LIST_VERSION, 1, 0xFF]))
    with pytest.raises(SemanticError, match="nothing behind"):
        read(start + bytes([LIST_VERSION, 1, 0, 0]))


def test_words_are_shown() -> None:
    found = objects(("bird", "macaw"), ("person", ""))
    assert KIND.describe(found) == "bird (macaw) 100%, person 100%"
    assert [entry["word"] for entry in as_list(found)] == ["macaw", ""]
