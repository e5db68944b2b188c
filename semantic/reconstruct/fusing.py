"""Captions of fields → one caption of the picture (Multi-SC, §II-B)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from semcom.semantic.layers import Caption, LayerKey, LayerKind, encode_layer
from semcom.semantic.layers.region_caption import RegionCaption
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.plain_texts import caption_of, field_captions

MAX_CHARACTERS = 3500
"""Of a fused caption: what lies beyond is left to the captions of the fields themselves."""


def fuse(parts: Iterable[RegionCaption]) -> Caption | None:
    """The captions one after the other, each after the name of its field; None without any.

    What several fields say in the same words is said once, of all of them. Entities and guessed ranges come along.
    """
    said: dict[str, list[RegionCaption]] = {}
    for part in sorted(parts, key=lambda part: part.field):
        if part.caption.text:
            said.setdefault(part.caption.text, []).append(part)
    text, entities, guessed = "", [], []
    for sentence, owners in said.items():
        places = [owner.place for owner in owners]
        lead = "" if owners[0].columns * owners[0].rows == 1 else f"{_listed(places).capitalize()}: "
        start = len(text) + bool(text) + len(lead)
        if start + len(sentence) > MAX_CHARACTERS:
            break
        text = f"{text} {lead}{sentence}" if text else lead + sentence
        entities += [(first + start, last + start) for first, last in owners[0].caption.entities]
        guessed += [(first + start, last + start) for first, last in owners[0].caption.guessed]
    return Caption(text, tuple(entities), tuple(guessed)) if text else None


def with_fused_caption(packet: SemanticPacket) -> SemanticPacket:
    """The packet with the fused caption among its layers, for reconstructors are led by the words of a whole picture.

    As it is where it has a caption layer, or no words at all.
    """
    caption = fuse(field_captions(packet)) or caption_of(packet)
    numbers = {layer.key.layer for layer in packet.layers}
    free = next((number for number in range(1, 256) if number not in numbers), None)
    if caption is None or free is None or packet.of_kind(LayerKind.CAPTION):
        return packet
    layer = encode_layer(LayerKey(*packet.identity, free), LayerKind.CAPTION, caption)
    return replace(packet, layers=tuple(sorted((*packet.layers, layer), key=lambda one: one.key.layer)))


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
