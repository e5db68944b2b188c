"""BLIP, LLaVA and SmolVLM from a folder in the published layout: a sentence that can be sent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semcom.semantic import registry
from semcom.semantic.backends import captioners
from semcom.semantic.backends.captioners import QUERY
from semcom.semantic.errors import ModelError
from semcom.semantic.layers import LayerKey, LayerKind, Objects, encode_layer
from semcom.semantic.vocabulary import Vocabulary

from ...stand_ins import street, street_labels

NAMES = ("blip", "llava-interleave", "smolvlm")
NOTHING = Objects(96, 64, Vocabulary.load("everyday-1"), ())


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captioners, "MAX_TOKENS", 12)


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("name", NAMES)
def test_by_name_from_the_folder_of_models(name: str) -> None:
    captioner = registry.create("captioners", name)
    for image, labels in ((street(), street_labels()), (street(16, 16), street_labels(16, 16))):
        caption = captioner(image, labels, NOTHING)
        assert caption.text == captioner(image, labels, NOTHING).text != ""
        encode_layer(LayerKey(0, 0, 1, 1), LayerKind.CAPTION, caption)


@pytest.mark.parametrize(("name", "said"), [("llava-interleave", "a car on a road"), ("smolvlm", "A dog")])
def test_the_paper_s_query_is_asked_and_the_answer_alone_is_taken(
    models: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    """The model is made to answer; what it was asked is read back from its input."""
    import torch

    captioner = registry.create("captioners", name)
    model, processor = captioner._loaded.model, captioner._loaded.processor
    asked: list[str] = []

    def generate(input_ids: torch.Tensor, **given: torch.Tensor) -> torch.Tensor:
        asked.append(processor.decode(input_ids[0], skip_special_tokens=True))
        assert given["pixel_values"].dtype == torch.float32 and given["max_new_tokens"] == 12
        answer = processor.tokenizer(said, return_tensors="pt")["input_ids"]
        return torch.cat([input_ids, answer], 1)

    monkeypatch.setattr(model, "generate", generate)
    caption = captioner(street(), street_labels(), NOTHING)
    assert QUERY in asked[0]
    assert caption.text.rstrip(".") == said[0].upper() + said[1:]
    assert caption.entity_words == (("car", "road") if "car" in said else ())


def test_a_folder_of_ones_own_and_one_of_another_class(tiny_models: Path) -> None:
    part = registry.create("captioners", "blip", {"folder": str(tiny_models / "blip")})
    assert part(street(), street_labels(), NOTHING).text
    with pytest.raises(ModelError, match="must hold one of type llava, got 'blip'"):
        registry.create("captioners", "llava-interleave", {"folder": str(tiny_models / "blip")})


def test_different_pictures_may_differ(models: Path) -> None:
    """The pixels reach the network: its features are not those of another picture."""
    captioner = registry.create("captioners", "blip")
    model, processor = captioner._loaded.model, captioner._loaded.processor
    one, other = (
        model.vision_model(processor(images=image, return_tensors="pt")["pixel_values"])[0]
        for image in (street(), np.zeros((64, 96, 3), np.uint8))
    )
    assert not np.allclose(one.numpy(), other.numpy())
