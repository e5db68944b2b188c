"""Codes of label sets: what each allows, and who rides a bicycle."""

from __future__ import annotations

import numpy as np

from semcom.semantic.benchmark import labels
from semcom.semantic.vocabulary import Vocabulary

VOC_BICYCLE, VOC_PERSON = 2, 15


def test_a_code_allows_itself_or_the_members_of_its_set() -> None:
    table, vocabulary = labels.allowed_table(), Vocabulary.load()
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
