"""Nouns of a free captioner that nothing else backs: no entity, and neither among the objects nor in the map.

Our own captioners mark each noun as an entity, so that what stands unmarked came from a model that says what it likes.
"""

from __future__ import annotations

import numpy as np

from semcom.semantic.layers import Caption, LayerKind
from semcom.semantic.layers.caption import word_spans
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary
from semcom.semantic.word_lists import categories_of

MARK = "the model's word"


def model_words(packet: SemanticPacket) -> list[str]:
    """Such words of the captions of a packet, each once, in the order in which they stand.

    Nouns are told by our lists of words: what these do not know (an abstract noun, a verb) is not among them.
    """
    captions = [packet.content(LayerKind.CAPTION)]
    captions += [layer.content.caption for layer in packet.of_kind(LayerKind.REGION_CAPTION)]
    backed = _shown(packet)
    found = (word for caption in captions if caption is not None for word in _nouns(caption) if not _of(word) & backed)
    return list(dict.fromkeys(found))


def _nouns(caption: Caption) -> list[str]:
    """Known nouns of a caption outside its entities, lower case."""
    inside = [range(first, last) for first, last in caption.entities]
    outside = [(first, last) for first, last in word_spans(caption.text) if not any(first in span for span in inside)]
    return [word for first, last in outside if _of(word := caption.text[first:last].lower())]


def _of(word: str) -> set[str]:
    """Names of the categories of ``everyday-1`` that a word names or belongs to."""
    named = {one.name for one in Vocabulary.load("everyday-1") if word in (one.name, one.plural)}
    return named | categories_of(word)


def _shown(packet: SemanticPacket) -> set[str]:
    """Names of the categories that objects, map or cut-out of the packet show."""
    objects, class_map = packet.content(LayerKind.OBJECTS), packet.content(LayerKind.CLASS_MAP)
    names = {layer.content.subject.lower() for layer in packet.of_kind(LayerKind.CUT_OUT)}
    if objects is not None:
        names |= {objects.vocabulary[item.category].name for item in objects.items}
    if class_map is not None:
        numbers = (int(label) for label in np.unique(class_map.labels) if label != NO_LABEL)
        names |= {class_map.vocabulary[number].name for number in numbers if number < len(class_map.vocabulary)}
    return names
