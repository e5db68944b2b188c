"""Words of the open vocabulary beside the categories of objects: which there are, and how a layer carries them.

A word is told by its place among the words of its category (`words-1.tsv`), so that it costs a few bits, can be nothing
but a word of that list, and always belongs to the category that privacy knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from semcom.semantic.wire import BitReader, BitWriter, ByteReader, ByteWriter
from semcom.semantic.word_lists import named_classes

LIST_VERSION = 1
"""Of `words-1.tsv`. A layer with words of another list is read without them."""


@lru_cache(maxsize=64)
def object_words(category: str) -> tuple[str, ...]:
    """Words, fine and basic, that an object of a category may carry, in the order of the layer's numbers."""
    fine = {word for named in named_classes() if named.category == category for word in (named.word, named.basic)}
    return tuple(sorted(fine - {"", category}))


def write_words_of(pairs: Sequence[tuple[str, str]], writer: ByteWriter) -> None:
    """Write the words of (category name, word or "") in order; nothing at all where no object has one.

    Raises
    ------
    LayerError
        A word that is not one of its category.
    """
    if not any(word for _, word in pairs):
        return
    bits = BitWriter()
    for category, word in pairs:
        bits.put(int(bool(word)), 1)
        if word:
            words = object_words(category)
            if word not in words:
                raise writer.fail("word", f"must be one of category {category!r}", word)
            bits.put(words.index(word), _bits(words))
    writer.u8(LIST_VERSION).block(bits.to_bytes())


def read_words(categories: Sequence[str], reader: ByteReader) -> list[str]:
    """The word of each object, "" where it has none; all "" where the layer ends here or has words of another list."""
    if not reader.remaining:
        return [""] * len(categories)
    version = reader.u8("version of the words")
    data = reader.block("words", 2 * len(categories))
    if version != LIST_VERSION:
        return [""] * len(categories)
    bits = BitReader(data)

    def take(num_bits: int) -> int:
        if bits.left < num_bits:
            raise reader.fail("words", "must tell of every object", f"{len(data)} bytes for {len(categories)}")
        return bits.take(num_bits)

    def word(words: tuple[str, ...]) -> str:
        return words[reader.bounded(take(_bits(words)), "word", 0, len(words) - 1)] if take(1) else ""

    return [word(object_words(category)) for category in categories]


def _bits(words: tuple[str, ...]) -> int:
    return max(1, (len(words) - 1).bit_length())
