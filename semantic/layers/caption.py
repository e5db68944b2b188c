"""Caption layer: one or two sentences, with the words that carry them marked as named entities (ES-ISC, §II)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from semcom.semantic.coding.text import MAX_TEXT_CHARS, decode_text, encode_text
from semcom.semantic.wire import ByteReader, ByteWriter

MAX_ENTITY_WORDS = 4
MAX_ENTITIES = 255
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True)
class Caption:
    """What a person would say about the picture.

    Attributes
    ----------
    text : str
    entities : tuple of (int, int)
        Named entities as character ranges of `text`, first included and last excluded, in order; each covers one to
        four whole words.
    """

    text: str
    entities: tuple[tuple[int, int], ...] = ()

    @property
    def entity_words(self) -> tuple[str, ...]:
        return tuple(self.text[first:last] for first, last in self.entities)


def word_spans(text: str) -> list[tuple[int, int]]:
    """Character ranges of the words of a text."""
    return [match.span() for match in _WORD.finditer(text)]


def encode(caption: Caption) -> bytes:
    """Entities as (words skipped, words covered) in one varint each, then the text."""
    spans = word_spans(caption.text)
    starts = {first: index for index, (first, _) in enumerate(spans)}
    ends = {last: index for index, (_, last) in enumerate(spans)}
    writer = ByteWriter().varint(len(caption.entities))
    next_word = 0
    for first, last in caption.entities:
        if first not in starts or last not in ends or not next_word <= starts[first] <= ends[last]:
            raise ValueError(f"entities must cover whole words in order, got {(first, last)} in {caption.text!r}")
        num_words = ends[last] - starts[first] + 1
        if num_words > MAX_ENTITY_WORDS:
            raise ValueError(f"an entity must have at most {MAX_ENTITY_WORDS} words, got {num_words}")
        writer.varint((starts[first] - next_word) * MAX_ENTITY_WORDS + num_words - 1)
        next_word = ends[last] + 1
    return writer.raw(encode_text(caption.text)).to_bytes()


def decode(reader: ByteReader) -> Caption:
    codes = [reader.varint("entity") for _ in range(reader.varint("number of entities", 0, MAX_ENTITIES))]
    text = decode_text(reader.rest(), MAX_TEXT_CHARS)
    spans = word_spans(text)
    entities = []
    next_word = 0
    for code in codes:
        first = next_word + code // MAX_ENTITY_WORDS
        next_word = first + code % MAX_ENTITY_WORDS + 1
        if next_word > len(spans):  # a damaged text has other words: its marks are dropped, the text is kept
            break
        entities.append((spans[first][0], spans[next_word - 1][1]))
    return Caption(text, tuple(entities))
