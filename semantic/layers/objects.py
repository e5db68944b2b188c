"""Objects layer: category, instance box and score of each object (A-seg's instances; ES-ISC, §II), and a word for some.

```
width height vocabulary | count | category score box, bits, each object | version of the words | a word or none, bits
```

The last two fields are there only where some object has a word.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw

from semcom.semantic.errors import LayerError
from semcom.semantic.illustration import write_words
from semcom.semantic.layers.context import read_size, read_vocabulary, write_size, write_vocabulary
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.layers.object_words import read_words, write_words_of
from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.wire import BitReader, BitWriter, ByteReader, ByteWriter

MAX_OBJECTS = 64
COORDINATE_BITS = 8
SCORE_BITS = 4


@dataclass(frozen=True)
class SceneObject:
    """One object.

    Attributes
    ----------
    object_id : int
        Position in the layer, from 1; sub-images refer to it.
    category : int
        Id in the vocabulary.
    box : (x0, y0, x1, y1)
        Pixels of the picture, last column and row excluded.
    score : float
        0..1, how sure the extractor is.
    word : str
        What the object is, closer than its category: "macaw" of a bird; one of `object_words`, empty where none is
        sure.
    """

    object_id: int
    category: int
    box: tuple[int, int, int, int]
    score: float
    word: str = ""


@dataclass(frozen=True)
class Objects:
    """The objects of a picture, most important first."""

    width: int
    height: int
    vocabulary: Vocabulary
    items: tuple[SceneObject, ...]


def quantise(objects: Objects) -> Objects:
    """The objects as the receiver will see them: box edges on a grid of 255 steps a side, scores in 15 steps."""
    return decode(ByteReader(encode(objects), "objects"))


def encode(objects: Objects) -> bytes:
    if len(objects.items) > MAX_OBJECTS:
        raise LayerError(f"objects must be at most {MAX_OBJECTS}, got {len(objects.items)}")
    writer = ByteWriter("objects")
    write_size(writer, objects.width, objects.height)
    write_vocabulary(writer, objects.vocabulary)
    writer.varint(len(objects.items))
    bits = BitWriter()
    for position, item in enumerate(objects.items, start=1):
        _check(writer, objects, item, position)
        bits.put(item.category, _category_bits(objects.vocabulary))
        bits.put(round(item.score * ((1 << SCORE_BITS) - 1)), SCORE_BITS)
        x0, x1 = _to_grid(item.box[0], item.box[2], objects.width)
        y0, y1 = _to_grid(item.box[1], item.box[3], objects.height)
        for value in (x0, y0, x1, y1):
            bits.put(value, COORDINATE_BITS)
    writer.raw(bits.to_bytes())
    write_words_of([(objects.vocabulary[item.category].name, item.word) for item in objects.items], writer)
    return writer.to_bytes()


def _check(writer: ByteWriter, objects: Objects, item: SceneObject, position: int) -> None:
    """Refuse an object that the layer cannot carry as it is."""
    x0, y0, x1, y1 = item.box
    writer.bounded(item.object_id, "object id", position, position)
    writer.bounded(item.category, "category", 0, len(objects.vocabulary.categories) - 1)
    writer.bounded(x0, "box left", 0, objects.width - 1)
    writer.bounded(y0, "box top", 0, objects.height - 1)
    writer.bounded(x1, "box right", x0 + 1, objects.width)
    writer.bounded(y1, "box bottom", y0 + 1, objects.height)
    if not 0.0 <= item.score <= 1.0:
        raise writer.fail("score", "must be in 0..1", item.score)


def decode(reader: ByteReader) -> Objects:
    width, height = read_size(reader)
    vocabulary = read_vocabulary(reader)
    count = reader.varint("number of objects", 0, MAX_OBJECTS)
    bits_each = _category_bits(vocabulary) + SCORE_BITS + 4 * COORDINATE_BITS
    bits = BitReader(reader.raw((count * bits_each + 7) // 8, "objects"))
    items = []
    for object_id in range(1, count + 1):
        category = reader.bounded(bits.take(_category_bits(vocabulary)), "category", 0, len(vocabulary.categories) - 1)
        score = bits.take(SCORE_BITS) / ((1 << SCORE_BITS) - 1)
        x0, y0, x1, y1 = (bits.take(COORDINATE_BITS) for _ in range(4))
        reader.bounded(x1, "box right", x0 + 1, 255)
        reader.bounded(y1, "box bottom", y0 + 1, 255)
        items.append(SceneObject(object_id, category, _from_grid(x0, y0, x1, y1, width, height), score))
    words = read_words([vocabulary[item.category].name for item in items], reader)
    reader.end()
    return Objects(width, height, vocabulary, tuple(map(_with_word, items, words)))


def _with_word(item: SceneObject, word: str) -> SceneObject:
    return replace(item, word=word) if word else item


def _category_bits(vocabulary: Vocabulary) -> int:
    return max(1, (len(vocabulary.categories) - 1).bit_length())


def _to_grid(first: int, last: int, side: int) -> tuple[int, int]:
    """Outward-rounded, never empty: the box still holds its object."""
    steps = (1 << COORDINATE_BITS) - 1
    low = min(first * steps // side, steps - 1)
    return low, min(max(-(-last * steps // side), low + 1), steps)


def _from_grid(x0: int, y0: int, x1: int, y1: int, width: int, height: int) -> tuple[int, int, int, int]:
    """Rounded inward, which gives the same grid values again and still holds what `_to_grid` held."""
    steps = (1 << COORDINATE_BITS) - 1
    left, top = min(-(-x0 * width // steps), width - 1), min(-(-y0 * height // steps), height - 1)
    return left, top, max(x1 * width // steps, left + 1), max(y1 * height // steps, top + 1)


def picture(objects: Objects, ground: np.ndarray) -> np.ndarray:
    """Boxes with category, number and score over a picture.

    Parameters
    ----------
    objects : Objects
    ground : uint8 [height, width, 3]
        Any size; boxes are scaled to it.
    """
    image = Image.fromarray(ground)
    width, height = image.size
    draw = ImageDraw.Draw(image)
    font_size = max(11, min(width, height) // 34)
    for item in reversed(objects.items):
        category = objects.vocabulary[item.category]
        x0, x1 = (value * width // objects.width for value in (item.box[0], item.box[2]))
        y0, y1 = (value * height // objects.height for value in (item.box[1], item.box[3]))
        draw.rectangle(
            (x0, y0, max(x0, x1 - 1), max(y0, y1 - 1)), outline=category.colour, width=max(2, min(width, height) // 180)
        )
        words = f"{item.object_id} {item.word or category.name} {item.score:.0%}"
        write_words(draw, (x0 + 3, y0 + 3), words, font_size, anchor="la")
    return np.asarray(image)


def as_list(objects: Objects) -> list[dict]:
    """Objects for JSON: `id`, `category`, `category_id`, `word` ("" where none), `box` (x0, y0, x1, y1 in pixels) and
    `score`.
    """
    return [
        {
            "id": item.object_id,
            "category": objects.vocabulary[item.category].name,
            "category_id": item.category,
            "word": item.word,
            "box": list(item.box),
            "score": round(item.score, 3),
        }
        for item in objects.items
    ]


class ObjectsKind(LayerBase):
    number, label, importance, colour = 2, "objects", 6, "#d98e2b"
    file_names = ("objects.json",)
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: Objects) -> str:
        found = [
            f"{content.vocabulary[item.category].name}{f' ({item.word})' if item.word else ''} {item.score:.0%}"
            for item in content.items
        ]
        return ", ".join(found) or "no objects"

    def size(self, content: Objects) -> tuple[int, int]:
        return content.width, content.height

    def says_something(self, content: Objects) -> bool:
        """An empty list says nothing by itself."""
        return bool(content.items)

    def draw(self, content: Objects, ground: np.ndarray | None) -> tuple[np.ndarray, str] | None:
        if ground is None:
            return None
        return picture(content, ground), f"objects: {len(content.items)} found, with box and score"

    def files(self, content: Objects, number: int) -> dict[str, bytes]:
        return {"objects.json": f"{json.dumps(as_list(content), indent=2)}\n".encode()}


KIND = ObjectsKind()
