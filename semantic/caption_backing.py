"""What backs the words of a received caption: objects and map of the same packet, or only the sender's word.

Where a noun is neither an object's category nor a segment of the map, nor a word that belongs to one ("macaw" to
bird), the sender named it from the whole picture: the packet then holds nothing to check it against.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from semcom.semantic.layers import LayerKind
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.word_lists import categories_of

LEAST_SHARE = 0.005
"""Of the picture: a smaller patch of the map backs no word that a person would look for."""


def backing(packet: SemanticPacket) -> list[tuple[str, str]]:
    """(entity, what backs it) for each named entity of the caption, in its order.

    Parameters
    ----------
    packet : SemanticPacket
        Any subset of layers.
    """
    caption = packet.content(LayerKind.CAPTION)
    if caption is None:
        return []
    return [(word, "; ".join(_found(packet, word.lower())) or "the sender's word") for word in caption.entity_words]


def _found(packet: SemanticPacket, word: str) -> Iterator[str]:
    """Objects with the word's category, the best first; its share of the class map."""
    objects, class_map = packet.content(LayerKind.OBJECTS), packet.content(LayerKind.CLASS_MAP)
    if objects is not None:
        wanted = _names(word, objects.vocabulary)
        for item in objects.items:
            name = objects.vocabulary[item.category].name
            if name in wanted:
                yield f"object {item.object_id} ({name}, {item.score:.0%})"
                break
    if class_map is not None:
        wanted = _names(word, class_map.vocabulary)
        ids = [category.id for category in class_map.vocabulary if category.name in wanted]
        share = float(np.isin(class_map.labels, ids).mean())
        if share >= LEAST_SHARE:
            yield f"map ({share:.0%} of the picture)"


def _names(word: str, vocabulary: Vocabulary) -> set[str]:
    """Names of the categories that a word stands for or belongs to, and of what the map says where it doubts them."""
    spoken = {word, word.split()[-1]}
    own = {category.name for category in vocabulary if spoken & {category.name, category.plural, category.parent}}
    own |= set().union(*(categories_of(one) for one in spoken))
    groups = {vocabulary[name].parent for name in own if name in vocabulary}
    return own | {general for group, general in vocabulary.general if group in groups}
