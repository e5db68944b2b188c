from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.semantic.captioning.picture_words import SPACE_WEIGHTS  # noqa: E402
from semcom.semantic.nets.caption_space import NUM_DIMENSIONS, RANK, CaptionSpace  # noqa: E402
from semcom.semantic.nets.loading import load_weights, read_header  # noqa: E402
from semcom.semantic.word_lists import caption_words  # noqa: E402


def shipped() -> tuple[CaptionSpace, list[str]]:
    words = read_header(SPACE_WEIGHTS)[1]["words"].split(" ")
    space = CaptionSpace(len(words))
    load_weights(SPACE_WEIGHTS, space)
    return space, words


def test_the_shipped_space_has_a_vector_for_each_of_its_words() -> None:
    space, words = shipped()
    assert len(set(words)) == len(words) == len(space.words) - 1 and set(words) <= set(caption_words())
    with torch.inference_mode():
        assert space(torch.zeros(2, RANK)).shape == (2, NUM_DIMENSIONS)


def test_words_that_mean_much_the_same_lie_together() -> None:
    space, words = shipped()
    vector = {word: row / row.norm() for word, row in zip(words, space.words, strict=False)}
    assert vector["pizza"] @ vector["plate"] > vector["pizza"] @ vector["skateboard"]
    assert vector["dog"] @ vector["dogs"] > vector["dog"] @ vector["train"]
