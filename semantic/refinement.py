"""Asking by meaning: what a receiver wants more of, in words and in bytes, and the layers that answer it.

```
words ─ parse ─► Request ─ to_bytes ─► way back ─ from_bytes ─► Request ─ answer (picture, packet) ─► new layers
```

New layers take numbers that the packet does not use. A finer map or scene replaces the coarser one in the picture, for
the finest one of a kind is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from semcom.semantic import registry
from semcom.semantic.errors import PacketError, SemanticError
from semcom.semantic.extract.privacy import blank, hidden_categories
from semcom.semantic.extract.region_selector import Region, with_margin
from semcom.semantic.layers import Layer, LayerKey, LayerKind, Objects, SceneObject, encode_layer
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.systems.es_isc.operating_points import class_map_at, detail_map_at
from semcom.semantic.systems.es_isc.sub_images import SceneCoder, close_up_of
from semcom.semantic.systems.es_isc.system import EsIsc
from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.wire import ByteReader, ByteWriter

DEFAULT_BYTES = 1200
MIN_BYTES, MAX_BYTES = 100, 100_000
MAX_CATEGORIES = 16
MAX_REQUEST_BYTES = 64
DIVISORS = (1, 2, 3, 4, 6, 8, 12, 16)
"""Of finer maps, in pixels of the working picture."""
FINER = 0.8
"""Divisor of a finer map over that of the one at hand, at most: less of a difference is not worth the bytes."""


class Subject(IntEnum):
    """What is asked for. Numbers go on the air: append only."""

    OBJECT = 1
    CATEGORIES = 2
    CLASS_MAP = 3
    DETAIL_MAP = 4
    SCENE = 5


@dataclass(frozen=True)
class Request:
    """One question.

    Attributes
    ----------
    subject : Subject
    object_id : int
        Of the packet's object list, from 1; only with `Subject.OBJECT`.
    categories : tuple of int
        Of the vocabulary of the packet's object list; only with `Subject.CATEGORIES`.
    max_bytes : int
        Of the answer.
    """

    subject: Subject
    object_id: int = 0
    categories: tuple[int, ...] = ()
    max_bytes: int = DEFAULT_BYTES

    def to_bytes(self) -> bytes:
        """The request as bytes; raises `LayerError` for what `from_bytes` would refuse or read as another."""
        writer = ByteWriter("request").u8(self.subject)
        writer.varint(writer.bounded(self.max_bytes, "max_bytes", MIN_BYTES, MAX_BYTES))
        most = MAX_CATEGORIES if self.subject == Subject.CATEGORIES else 0
        writer.bounded(len(self.categories), "number of categories", min(1, most), most)
        if self.subject != Subject.OBJECT:
            writer.bounded(self.object_id, "object_id", 0, 0)
        if self.subject == Subject.OBJECT:
            writer.varint(self.object_id)
        if self.subject == Subject.CATEGORIES:
            writer.varint(len(self.categories))
            for category in self.categories:
                writer.u8(category)
        return writer.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Request:
        """Parse a question.

        Raises
        ------
        PacketError
            Field, rule, value.
        """
        if len(data) > MAX_REQUEST_BYTES:
            raise PacketError(f"request must be at most {MAX_REQUEST_BYTES} bytes, got {len(data)}")
        reader = ByteReader(data, "request")
        number, max_bytes = reader.u8("subject"), reader.varint("max_bytes")
        if number not in list(Subject):
            raise PacketError(f"request: subject must be 1..{max(Subject)}, got {number}")
        if not MIN_BYTES <= max_bytes <= MAX_BYTES:
            raise PacketError(f"request: max_bytes must be {MIN_BYTES}..{MAX_BYTES}, got {max_bytes}")
        object_id, categories = 0, ()
        if number == Subject.OBJECT:
            object_id = reader.varint("object_id")
        if number == Subject.CATEGORIES:
            count = reader.varint("categories")
            if not 1 <= count <= MAX_CATEGORIES:
                raise PacketError(f"request: categories must number 1..{MAX_CATEGORIES}, got {count}")
            categories = tuple(reader.u8("category") for _ in range(count))
        reader.end()
        return cls(Subject(number), object_id, categories, max_bytes)


_MAPS = {"detail map": Subject.DETAIL_MAP, "class map": Subject.CLASS_MAP, "scene": Subject.SCENE}
_OBJECT = re.compile(r"(?:the )?(?:(?:sub-image|close-up|picture) of )?object (\d{1,2})")
_FINER = re.compile(r"(?:a |the )?(?:finer |better )?(detail map|class map|scene)")
_ONLY = re.compile(r"(?:only )?(?:the )?([a-z &,-]+)")


def parse(words: str, vocabulary: Vocabulary, max_bytes: int = DEFAULT_BYTES) -> Request:
    """A question in words: ``object 3``, ``sub-image of object 3``, ``finer detail map``, ``scene``, ``only vehicles``.

    Raises
    ------
    SemanticError
        The words are none of these, or name what the vocabulary does not have.
    """
    if not MIN_BYTES <= max_bytes <= MAX_BYTES:
        raise SemanticError(f"bytes of an answer must be {MIN_BYTES} to {MAX_BYTES}, got {max_bytes}")
    text = " ".join(words.lower().split())
    if match := _OBJECT.fullmatch(text):
        return Request(Subject.OBJECT, int(match[1]), (), max_bytes)
    if match := _FINER.fullmatch(text):
        return Request(_MAPS[match[1]], 0, (), max_bytes)
    if match := _ONLY.fullmatch(text):
        names = [name.strip() for part in match[1].split(",") for name in part.split(" and ")]
        ids = [category for name in names for category in _category_ids(name, vocabulary)]
        if len(set(ids)) <= MAX_CATEGORIES:
            return Request(Subject.CATEGORIES, 0, tuple(dict.fromkeys(ids)), max_bytes)
    raise SemanticError(
        "question must be like 'object 3', 'only vehicles', 'finer detail map', 'finer class map' or 'scene', "
        f"got {words[:60]!r}"
    )


def answer(request: Request, image: np.ndarray, packet: SemanticPacket) -> list[Layer]:
    """Layers that answer a question about a packet that was made of `image`; none where there is nothing more to say.

    Raises
    ------
    SemanticError
        An object that the packet does not list.
    """
    numbers = iter(sorted(set(range(1, 256)) - {layer.key.layer for layer in packet.layers}))
    if request.subject in (Subject.OBJECT, Subject.CATEGORIES):
        objects = packet.content(LayerKind.OBJECTS)
        wanted = _wanted(request, objects)
        share = request.max_bytes // max(1, len(wanted))
        regions = [Region(item.object_id, with_margin(item, objects.width, objects.height)) for item in wanted]
        made = [close_up_of(image, region, share, LayerKey(*packet.identity, next(numbers))) for region in regions]
        return [layer for layer in made if layer is not None]
    key = LayerKey(*packet.identity, next(numbers))
    if request.subject == Subject.SCENE:
        layer = SceneCoder(image, packet.identity).layer(request.max_bytes)
        return [] if layer is None else [replace(layer, key=key)]
    return _finer_map(request, image, packet, key)


def shown_to_others(image: np.ndarray, without: Iterable[str] = ()) -> np.ndarray:
    """The picture as it may be sent: what was hidden from the packet stays hidden from every answer."""
    without = tuple(without)
    if not without:
        return image
    segmenter = registry.create("segmenters", EsIsc().segmenter)
    return blank(image, segmenter, hidden_categories(without, segmenter.vocabulary)).picture


def _finer_map(request: Request, image: np.ndarray, packet: SemanticPacket, key: LayerKey) -> list[Layer]:
    """The finest map that fits, if it is finer than the one of the packet."""
    system = EsIsc()
    seen = system.understand(image)
    kind = LayerKind.CLASS_MAP if request.subject == Subject.CLASS_MAP else LayerKind.DETAIL_MAP
    at_hand = packet.content(kind)
    for divisor in DIVISORS:
        if at_hand is not None and divisor * seen.reduction > FINER * at_hand.divisor:
            break
        if kind == LayerKind.CLASS_MAP:
            content = class_map_at(seen, system.preset, divisor)
        else:
            content = detail_map_at(seen, divisor, system.preset.detail_maps[-1][1])
        layer = encode_layer(key, kind, content)
        if len(layer.payload) <= request.max_bytes:
            return [layer]
    return []


def _wanted(request: Request, objects: Objects | None) -> list[SceneObject]:
    items = objects.items if objects is not None else ()
    if request.subject == Subject.CATEGORIES:
        return [item for item in items if item.category in request.categories]
    found = [item for item in items if item.object_id == request.object_id]
    if not items:
        raise SemanticError(f"object {request.object_id} is not there: the packet lists no objects")
    if not found:
        raise SemanticError(f"object must be 1 to {len(items)}, got {request.object_id}")
    return found


def _category_ids(name: str, vocabulary: Vocabulary) -> list[int]:
    """Ids of a category, of a whole group, or of either in the plural."""
    for known in (name, name.removesuffix("s"), {"people": "person"}.get(name, name)):
        group = [category.id for category in vocabulary if category.parent == known]
        if group:
            return group
        if known in vocabulary:
            return [vocabulary[known].id]
    raise SemanticError(f"question must name a category or group of {vocabulary.full_name}, got {name!r}")
