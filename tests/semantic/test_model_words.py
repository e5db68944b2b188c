"""What a free captioner alone says of a picture, as `inspect` marks it."""

from __future__ import annotations

import pytest

from semcom.apps.report.inspection import as_dict
from semcom.semantic import LayerKind, SemanticPacket
from semcom.semantic.layers import Caption, LayerKey, encode_layer
from semcom.semantic.layers.region_caption import RegionCaption
from semcom.semantic.model_words import MARK, model_words


def saying(*captions: Caption, kinds: tuple[LayerKind, ...] = (), packet: SemanticPacket) -> SemanticPacket:
    """The captions, and layers of some kinds of another packet."""
    layers = [encode_layer(LayerKey(3, 0, 7, 40), LayerKind.CAPTION, captions[0])]
    for field, caption in enumerate(captions[1:]):
        content = RegionCaption(96, 64, 2, 2, field, caption)
        layers.append(encode_layer(LayerKey(3, 0, 7, 41 + field), LayerKind.REGION_CAPTION, content))
    layers += [layer for layer in packet.layers if layer.kind in kinds]
    return SemanticPacket.build((96, 64), "multi-sc", layers, (3, 0, 7))


def test_nouns_that_nothing_backs(packet: SemanticPacket) -> None:
    caption = Caption("A dog and a car below the sky.", ((6 + 6, 6 + 9),))
    assert caption.entity_words == ("car",)
    assert model_words(saying(caption, packet=packet)) == ["dog", "sky"]
    shown = saying(caption, kinds=(LayerKind.CLASS_MAP,), packet=packet)
    assert model_words(shown) == ["dog"], "the map shows the sky"


def test_fields_count_and_each_word_once(packet: SemanticPacket) -> None:
    said = [
        Caption("Nothing of note."),
        Caption("A cat sleeps."),
        Caption("A Cat, two horses."),
        Caption("It is blue."),
    ]
    assert model_words(saying(*said, packet=packet)) == ["cat", "horses"]
    assert model_words(SemanticPacket.build((96, 64), "es-isc", [])) == []


@pytest.mark.parametrize("word", ["horses", "horse"])
def test_inspect_marks_them(packet: SemanticPacket, word: str) -> None:
    told = as_dict(saying(Caption(f"Some {word} run."), packet=packet), 100)
    assert told["backing"] == {word: MARK}
