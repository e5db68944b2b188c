"""Captions ⇄ plain text layers: what a request for soft text asks for, and what a receiver reads of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace

from semcom.semantic.layers import Caption, Layer, LayerKind, PlainText, encode_layer
from semcom.semantic.layers.context import printable
from semcom.semantic.layers.plain_text import MAX_CHARACTERS
from semcom.semantic.layers.region_caption import RegionCaption, field_of_place, place_number
from semcom.semantic.packet import SemanticPacket

_TRIES = 4
_ASCII = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})


def with_plain_texts(packet: SemanticPacket) -> SemanticPacket:
    """The packet with a plain text layer in the place of each caption, also of those of fields.

    Named entities are not marked there.
    """
    if packet.header is None:
        return packet
    layers = [_plain(layer) for layer in packet.layers if layer.kind != LayerKind.HEADER]
    rebuilt = SemanticPacket.build(
        (packet.header.width, packet.header.height), packet.header.system, layers, packet.identity
    )
    return replace(rebuilt, damaged=packet.damaged, left_out=packet.left_out)


def plain_within(code: Callable[[int | None], SemanticPacket], budget_bytes: int | None) -> SemanticPacket:
    """The packet of `code` with plain texts, within the budget: plain text is longer, so the other layers give way.

    `code` takes a budget. Where no budget is low enough for it, the smallest packet is returned.
    """
    packet = with_plain_texts(code(budget_bytes))
    less = budget_bytes
    for _ in range(_TRIES):
        excess = 0 if budget_bytes is None else len(packet.to_bytes()) - budget_bytes
        if excess <= 0:
            break
        less -= excess
        packet = with_plain_texts(code(less))
    return packet


def plain(text: str) -> str:
    """A text in Latin-1, ASCII where that loses nothing but typography; at most `MAX_CHARACTERS` characters."""
    text = printable(unicodedata.normalize("NFC", text.translate(_ASCII)))[:MAX_CHARACTERS]
    return text.encode("latin-1", "replace").decode("latin-1")


def caption_of(packet: SemanticPacket) -> Caption | None:
    """The caption layer's content; without one, what plain text layers say: of the whole picture, else of its parts."""
    caption = packet.content(LayerKind.CAPTION)
    if caption is not None:
        return caption
    texts = [layer.content for layer in packet.layers if isinstance(layer.content, PlainText)]
    whole = [text for text in texts if text.place == 0]
    if not texts:
        return None
    words, guessed = "", []
    for text in whole[:1] or sorted(texts, key=lambda text: text.place):
        words += " " * bool(words)
        guessed += [(first + len(words), last + len(words)) for first, last in text.guessed]
        words += text.text
    return Caption(words, guessed=tuple(guessed))


def field_captions(packet: SemanticPacket) -> list[RegionCaption]:
    """Captions of the fields of a grid, by field: region captions, and plain texts whose place is a field."""
    found = [layer.content for layer in packet.of_kind(LayerKind.REGION_CAPTION)]
    texts = [layer.content for layer in packet.layers if isinstance(layer.content, PlainText)]
    for text in texts:
        if text.place and (field := field_of_place(text.place)):
            found.append(RegionCaption(*(packet.size or (1, 1)), *field, text.caption))
    return sorted(found, key=lambda caption: caption.field)


def _plain(layer: Layer) -> Layer:
    content = layer.content
    caption = content.caption if isinstance(content, RegionCaption) else content
    if not isinstance(caption, Caption) or not caption.text:
        return layer
    place = 0 if caption is content else place_number(content.columns, content.rows, content.field)
    content = PlainText(plain(caption.text), place)
    made = encode_layer(layer.key, LayerKind.PLAIN_TEXT, content, layer.importance, layer.requires)
    return replace(made, soft=True)
