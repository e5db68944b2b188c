"""Sentences as vectors: near where they mean nearly the same, nothing where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.semantic.reconstruct.sentence_vector import MAX_WORDS, NUM_DIMENSIONS, sentence_vector


def test_sentences_about_the_same_are_near() -> None:
    said = [sentence_vector(text) for text in ("A man riding a horse.", "A person on a HORSE", "A plate of food.")]
    for vector in said:
        assert vector.shape == (NUM_DIMENSIONS,) and vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    assert said[0] @ said[1] > said[0] @ said[2] + 0.1
    np.testing.assert_array_equal(said[0], sentence_vector("riding horse man"))


@pytest.mark.parametrize("text", ["", "Xyzzy qwrt.", "\u0000 123"])
def test_nothing_known_is_nothing(text: str) -> None:
    assert not sentence_vector(text).any()


def test_long_texts_are_bounded() -> None:
    words = " ".join(["horse"] * MAX_WORDS)
    np.testing.assert_array_equal(sentence_vector(words), sentence_vector(words + " food" * 100_000))
