"""In doubt the group, by hand-made probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.extract.general_labels import decided_generally
from semcom.semantic.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load("everyday-2")


def labelled(**probabilities: float) -> tuple[str, float]:
    """What is said of a picture of one place, and with which score."""
    planes = np.zeros((len(VOCABULARY), 1, 1), np.float32)
    for name, probability in probabilities.items():
        planes[VOCABULARY[name].id] = probability
    found = decided_generally(planes, VOCABULARY, 3, 5)
    assert found.labels.shape == found.score.shape == (3, 5) and found.score.dtype == np.float32
    (label,), (score,) = np.unique(found.labels), np.unique(found.score)
    return VOCABULARY[int(label)].name, score


@pytest.mark.parametrize(
    ("probabilities", "name", "score"),
    [
        ({"car": 0.9, "truck": 0.1}, "car", 0.9),
        ({"car": 0.51, "truck": 0.49}, "car", 0.51),
        ({"car": 0.45, "truck": 0.4, "bus": 0.1}, "vehicle", 0.95),
        ({"car": 0.2, "truck": 0.2, "bus": 0.2, "road": 0.4}, "road", 0.4),
        ({"car": 0.25, "truck": 0.25, "bus": 0.2, "road": 0.3}, "vehicle", 0.7),
        ({"mountain": 0.4, "tree": 0.3, "rock": 0.3}, "landscape", 1.0),
        ({"animal": 0.8, "dog": 0.2}, "animal", 1.0),  # said by itself, and right where it is a dog, too
        ({"road": 0.3, "pavement": 0.3, "floor": 0.3}, "road", 0.3),  # a group without a general word
    ],
)
def test_a_member_is_named_where_it_is_likelier_than_the_rest_of_its_group(probabilities, name, score) -> None:
    said, sureness = labelled(**probabilities)
    assert said == name and sureness == pytest.approx(score, abs=1e-6)


def test_without_general_words_the_best_category_is_said() -> None:
    first = Vocabulary.load("everyday-1")
    planes = np.zeros((len(first), 2, 2), np.float32)
    planes[first["car"].id], planes[first["truck"].id], planes[first["bus"].id] = 0.4, 0.3, 0.3
    found = decided_generally(planes, first, 2, 2)
    assert (found.labels == first["car"].id).all() and (found.score == np.float32(0.4)).all()
