"""Caption layer: one or two sentences, with the words that carry them marked as named entities (ES-ISC, §II)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from semcom.semantic.coding.priming_text import MARK
from semcom.semantic.coding.text import MAX_TEXT_CHARS, decode_text, encode_text
from semcom.semantic.errors import LayerError
from semcom.semantic.layers.context import printable
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.wire import ByteReader

MAX_ENTITY_WORDS = 4
DECODING_COST_PIXELS = 1 << 16
"""What a caption takes from the packet's decoding budget: the longest costs about as much as a map of that size."""
_MARKED = re.compile(f"({MARK}+)")
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
    guessed : tuple of (int, int)
        Ranges that a repairer guessed, where the words came damaged. Not coded: see `plain_text.PlainText`.
    """

    text: str
    entities: tuple[tuple[int, int], ...] = ()
    guessed: tuple[tuple[int, int], ...] = ()

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget."""
        return DECODING_COST_PIXELS

    @property
    def entity_words(self) -> tuple[str, ...]:
        return tuple(self.text[first:last] for first, last in self.entities)


def word_spans(text: str) -> list[tuple[int, int]]:
    """Character ranges of the words of a text."""
    return [match.span() for match in _WORD.finditer(text)]


def encode(caption: Caption) -> bytes:
    """The text with a mark before each entity for each word it covers: inside the text the coder foresees most of them.

    Raises
    ------
    LayerError
        The text contains control characters, or an entity does not cover one to four whole words.
    """
    if printable(caption.text) != caption.text:
        raise LayerError(f"caption text must not contain control characters, got {caption.text!r}")
    spans = word_spans(caption.text)
    starts = {first: index for index, (first, _) in enumerate(spans)}
    ends = {last: index for index, (_, last) in enumerate(spans)}
    text, position, next_word = "", 0, 0
    for first, last in caption.entities:
        if first not in starts or last not in ends or not next_word <= starts[first] <= ends[last]:
            raise LayerError(f"entities must cover whole words in order, got {(first, last)} in {caption.text!r}")
        num_words = ends[last] - starts[first] + 1
        if num_words > MAX_ENTITY_WORDS:
            raise LayerError(f"an entity must have at most {MAX_ENTITY_WORDS} words, got {num_words}")
        text += caption.text[position:first] + MARK * num_words
        position, next_word = first, ends[last] + 1
    return encode_text(text + caption.text[position:])


def decode(reader: ByteReader) -> Caption:
    """Marks that no word follows, or more than four in a row, count for what they can: the text is kept."""
    reader.spend_pixels(DECODING_COST_PIXELS, 1, "text")
    text, marks = "", []
    for part in _MARKED.split(decode_text(reader.rest(), MAX_TEXT_CHARS)):
        if part.startswith(MARK):
            marks.append((len(text), len(part)))
        else:
            text += printable(part)
    return Caption(text, _entities(text, marks))


def _entities(text: str, marks: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Character ranges of (position, words covered) marks, whole words only, none twice."""
    spans = word_spans(text)
    starts = {first: index for index, (first, _) in enumerate(spans)}
    entities, next_word = [], 0
    for position, count in marks:
        word = starts.get(position)
        if word is None or word < next_word:
            continue
        next_word = min(word + min(count, MAX_ENTITY_WORDS), len(spans))
        entities.append((position, spans[next_word - 1][1]))
    return tuple(entities)


class CaptionKind(LayerBase):
    number, label, importance, colour = 1, "caption", 7, "#c2543a"
    file_names = ("caption.txt",)
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: Caption) -> str:
        return f"“{content.text}” entities: {', '.join(content.entity_words) or 'none'}"

    def files(self, content: Caption, number: int) -> dict[str, bytes]:
        return {"caption.txt": f"{content.text}\n".encode()}


KIND = CaptionKind()
