"""Class map: what a person reads of it."""

from __future__ import annotations

import numpy as np

from semcom.semantic.layers import ClassMap
from semcom.semantic.layers.class_map import ClassMapKind
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary


def test_categories_are_named_with_the_largest_first() -> None:
    vocabulary = Vocabulary.load()
    labels = np.full((10, 10), vocabulary["sky"].id, np.uint8)
    labels[5:] = vocabulary["grass"].id
    labels[4, :] = NO_LABEL
    labels[9, 0] = vocabulary["sky"].id
    content = ClassMap(20, 20, vocabulary, 2, labels)
    assert ClassMapKind().describe(content).endswith(": grass 49%, sky 41%, none 10%")
