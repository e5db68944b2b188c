"""Codes of label sets: what each allows, and who rides a bicycle."""

from __future__ import annotations

import numpy as np

from semcom.semantic.benchmark import labels
from semcom.semantic.vocabulary import Vocabulary

VOC_BICYCLE, VOC_PERSON = 2, 15


def test_a_code_allows_itself_or_the_members_of_its_set() -> None:
    table, vocabulary = labels.allowed_table(), labels.VOCABULARY
    assert set(np.unique(table)) == {0, 1}
    for category in vocabulary:
        assert table[category.id].sum() == 1 and table[category.id, category.id] == 1
    for name, members in labels.SETS.items():
        assert {vocabulary[int(number)].name for number in np.flatnonzero(table[labels.CODES[name]])} == set(members)


def test_people_beside_a_bicycle_may_be_cyclists() -> None:
    with_bicycle = labels.from_voc(np.array([[VOC_BICYCLE, VOC_PERSON]], np.uint8))
    assert with_bicycle.tolist() == [[labels.CODES["BICYCLE_OR_CYCLIST"], labels.CODES["PERSON_OR_CYCLIST"]]]
    alone = labels.from_voc(np.array([[VOC_PERSON]], np.uint8))
    assert alone.tolist() == [[labels.CODES["person"]]]


def test_a_general_label_is_right_where_its_group_is() -> None:
    vocabulary = Vocabulary.load("everyday-2")
    names = ("car", "truck", "vehicle", "animal", "road")
    said = np.array([[vocabulary[name].id for name in names]], np.uint8)
    for truth, right in (
        ("car", "car vehicle"),
        ("dog", "animal"),
        ("animal", "animal"),
        ("road", "road"),
        ("sky", ""),
    ):
        there = np.full(said.shape, labels.CODES[truth], np.uint8)
        found = labels.is_right(said, there, vocabulary)[0]
        assert {name for name, one in zip(names, found, strict=True) if one} == set(right.split())
        assert labels.is_right(said, there, labels.VOCABULARY)[0].tolist() == (said == there)[0].tolist()
    unknown = np.full(said.shape, labels.IGNORE, np.uint8)
    assert not labels.is_right(said, unknown, vocabulary).any()
