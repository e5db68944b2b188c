from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.captioning.closeness import Closeness, WordVectors
from semcom.semantic.captioning.phrase_graph import START, PhraseGraph
from semcom.semantic.captioning.sentence_search import SearchRules, best_phrase

NORTH, EAST = np.array([0, 1.0]), np.array([1.0, 0])
VECTORS = WordVectors({"dog": NORTH, "cat": EAST, "wall": -NORTH}, np.zeros(2))


def test_it_is_the_cosine_of_the_sum() -> None:
    near = Closeness(3 * NORTH, VECTORS)
    assert near(["dog"]) == pytest.approx(1) and near(["cat"]) == pytest.approx(0)
    assert near(["dog", "cat"]) == near(["cat", "dog"]) == pytest.approx(np.sqrt(0.5))
    assert near(["dog", "never heard"]) == near(["dog"])


def test_nothing_is_near_to_nothing() -> None:
    assert Closeness(NORTH, VECTORS)([]) == 0 and Closeness(np.zeros(2), VECTORS)(["dog"]) == 0


def test_of_two_likely_words_the_search_takes_the_one_that_fits() -> None:
    graph = PhraseGraph({(START, "a", "dog"): 10, (START, "a", "cat"): 10}, set())
    evidence = {"dog": 0.6, "cat": 0.62}
    said = {
        name: best_phrase(evidence, graph, SearchRules(), near).words
        for name, near in (("alone", None), ("north", Closeness(NORTH, VECTORS)), ("east", Closeness(EAST, VECTORS)))
    }
    assert said == {"alone": ("cat",), "north": ("dog",), "east": ("cat",)}


def test_what_fits_but_is_not_in_the_evidence_is_not_said() -> None:
    graph = PhraseGraph({(START, "a", "dog"): 10, (START, "a", "cat"): 10}, set())
    assert best_phrase({"cat": 0.5}, graph, SearchRules(), Closeness(NORTH, VECTORS)).words == ("cat",)
