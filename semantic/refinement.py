"""Refinement requests: what a receiver wants more of, by meaning, in words and in bytes.

```
words ─ from_words ─► RefinementRequest ─ to_bytes ─► feedback channel ─ from_bytes ─► api.refine ─► new layers
```

New layers take numbers that the packet does not use. A finer map or scene replaces the coarser one in the picture, for
the finest one of a kind is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from semcom.semantic.errors import PacketError, SemanticError
from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.wire import ByteReader, ByteWriter

DEFAULT_BYTES = 1200
MIN_BYTES, MAX_BYTES = 100, 100_000
MAX_CATEGORIES = 16
MAX_REQUEST_BYTES = 64


class Subject(IntEnum):
    """What is requested. Numbers go on the air: append only."""

    OBJECT = 1
    CATEGORIES = 2
    CLASS_MAP = 3
    DETAIL_MAP = 4
    SCENE = 5


_MAPS = {"detail map": Subject.DETAIL_MAP, "class map": Subject.CLASS_MAP, "scene": Subject.SCENE}
_OBJECT = re.compile(r"(?:the )?(?:(?:sub-image|close-up|picture) of )?object (\d{1,2})")
_FINER = re.compile(r"(?:a |the )?(?:finer |better )?(detail map|class map|scene)")
_ONLY = re.compile(r"(?:only )?(?:the )?([a-z &,-]+)")


@dataclass(frozen=True)
class RefinementRequest:
    """What a receiver wants more of.

    Attributes
    ----------
    subject : Subject
    object_id : int
        Of the packet's object list, from 1; only with `Subject.OBJECT`.
    categories : tuple of int
        Of the vocabulary of the packet's object list; only with `Subject.CATEGORIES`.
    max_bytes : int
        Of the layers that answer it.
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
    def from_words(cls, words: str, vocabulary: Vocabulary, max_bytes: int = DEFAULT_BYTES) -> RefinementRequest:
        """A refinement request in words: ``object 3``, ``finer detail map``, ``scene``, ``only vehicles``.

        Raises
        ------
        SemanticError
            The words are none of these, or name what the vocabulary does not have.
        """
        if not MIN_BYTES <= max_bytes <= MAX_BYTES:
            raise SemanticError(f"bytes of a refinement must be {MIN_BYTES} to {MAX_BYTES}, got {max_bytes}")
        text = " ".join(words.lower().split())
        if match := _OBJECT.fullmatch(text):
            return cls(Subject.OBJECT, int(match[1]), (), max_bytes)
        if match := _FINER.fullmatch(text):
            return cls(_MAPS[match[1]], 0, (), max_bytes)
        if match := _ONLY.fullmatch(text):
            names = [name.strip() for part in match[1].split(",") for name in part.split(" and ")]
            ids = [category for name in names for category in _category_ids(name, vocabulary)]
            if len(set(ids)) <= MAX_CATEGORIES:
                return cls(Subject.CATEGORIES, 0, tuple(dict.fromkeys(ids)), max_bytes)
        raise SemanticError(
            "refinement request must be like 'object 3', 'only vehicles', 'finer detail map', 'finer class map' "
            f"or 'scene', got {words[:60]!r}"
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> RefinementRequest:
        """Parse a refinement request.

        Raises
        ------
        PacketError
            Field, rule, value.
        """
        if len(data) > MAX_REQUEST_BYTES:
            raise PacketError(f"refinement request must be at most {MAX_REQUEST_BYTES} bytes, got {len(data)}")
        reader = ByteReader(data, "refinement request")
        number, max_bytes = reader.u8("subject"), reader.varint("max_bytes")
        if number not in list(Subject):
            raise PacketError(f"refinement request: subject must be 1..{max(Subject)}, got {number}")
        if not MIN_BYTES <= max_bytes <= MAX_BYTES:
            raise PacketError(f"refinement request: max_bytes must be {MIN_BYTES}..{MAX_BYTES}, got {max_bytes}")
        object_id, categories = 0, ()
        if number == Subject.OBJECT:
            object_id = reader.varint("object_id")
        if number == Subject.CATEGORIES:
            count = reader.varint("categories")
            if not 1 <= count <= MAX_CATEGORIES:
                raise PacketError(f"refinement request: categories must number 1..{MAX_CATEGORIES}, got {count}")
            categories = tuple(reader.u8("category") for _ in range(count))
        reader.end()
        return cls(Subject(number), object_id, categories, max_bytes)


def _category_ids(name: str, vocabulary: Vocabulary) -> list[int]:
    """Ids of a category, of a whole group, or of either in the plural."""
    for known in (name, name.removesuffix("s"), {"people": "person"}.get(name, name)):
        group = [category.id for category in vocabulary if category.parent == known]
        if group:
            return group
        if known in vocabulary:
            return [vocabulary[known].id]
    raise SemanticError(f"refinement request must name a category or group of {vocabulary.full_name}, got {name!r}")
