"""What models say, made fit to be sent: hallucinations, prompts, control characters, nothing at all."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.backends.sentences import MAX_CHARACTERS, MAX_WORDS, caption_of, tidy
from semcom.semantic.layers import LayerKey, LayerKind, Objects, encode_layer
from semcom.semantic.layers.caption import word_spans
from semcom.semantic.vocabulary import Vocabulary

from ...stand_ins import street, street_labels

OURS = Vocabulary.load("everyday-1")
NOTHING = Objects(96, 64, OURS, ())


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("a red car on a road", "A red car on a road."),
        ("  Two dogs.\n\nThey run!  ", "Two dogs. They run!"),
        ("a \x1b[2Jcar\x00 \u202eback", "A [2Jcar back."),
        ("<image> Assistant: a car", "Assistant: a car."),
        ("assistant\na car", "A car."),
        ("the the the the the the", "The."),
        ("A dog. A dog. A dog. A cat.", "A dog. A cat."),
        ("", ""),
        (" .,;\n", ""),
        ("<|im_end|>", ""),
        ("\ufffd\ufffd", ""),
    ],
)
def test_what_is_said_becomes_whole_sentences(said: str, text: str) -> None:
    assert tidy(said) == text


def test_the_prompt_is_not_part_of_the_answer() -> None:
    assert tidy("Relay a brief account. A car.", ("Relay a brief\naccount.",)) == "A car."


def test_two_hundred_words_are_cut_at_a_sentence_or_at_a_word() -> None:
    text = tidy("A car is on a road. " + " ".join(f"and{number} more" for number in range(100)))
    assert text == "A car is on a road."
    endless = tidy(" ".join(f"word{number}" for number in range(200)))
    assert len(word_spans(endless)) <= MAX_WORDS and len(endless) <= MAX_CHARACTERS + 1 and endless.endswith(".")
    assert len(tidy("x" * 5000)) <= MAX_CHARACTERS + 1


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_said_can_be_sent(seed: int) -> None:
    rng = np.random.default_rng(seed)
    letters = list("ab .,!?<>|\n\x00\x1b\x02\ufffd’-é" + "\U0001f600\ud800"[:1])
    said = "".join(rng.choice(letters, int(rng.integers(0, 900))))
    caption = caption_of(said, street(), street_labels(), NOTHING)
    layer = encode_layer(LayerKey(0, 0, 1, 1), LayerKind.CAPTION, caption)
    assert caption.text and len(layer.payload) < 1000


def test_what_the_maps_back_is_marked_and_the_rest_is_the_models_word() -> None:
    caption = caption_of("An automobile and a horse on a road, with trees", street(), street_labels(), NOTHING)
    assert caption.entity_words == ("automobile", "road")


def test_silence_is_composed_from_the_maps() -> None:
    caption = caption_of("<pad>", street(), street_labels(), NOTHING)
    assert "road" in caption.text.lower() or "sky" in caption.text.lower()
