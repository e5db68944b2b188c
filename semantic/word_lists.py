"""The open vocabulary: words that are no categories, each with the category it belongs to.

Two lists in `semantic/vocabularies/`, versioned as vocabularies are and never edited once published:

words-1.tsv          what the pretrained backbone can name (line n + 2 is its class n): the word, a basic word that most
                     people would use, and a category of `everyday`. Classes without a useful word have empty ones.
caption-words-1.tsv  content words of captions: class (noun, adjective, number, verb), number (s singular, p plural,
                     m mass noun, b both) and category.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "vocabularies"


@dataclass(frozen=True)
class NamedClass:
    """A class of the backbone in words; all empty where there is no useful one.

    Attributes
    ----------
    word : str
        Such as "macaw".
    basic : str
        Such as "bird".
    category : str
        Of the vocabulary `everyday`, such as "bird".
    """

    word: str
    basic: str
    category: str


@dataclass(frozen=True)
class CaptionWord:
    """A content word of captions.

    Attributes
    ----------
    word : str
        Verbs as participles: "riding".
    kind : str
        noun, adjective, number or verb.
    number : str
        Of a noun: s singular, p plural, m mass noun, b singular and plural; else "-".
    category : str
        Of a noun: what it belongs to in the vocabulary `everyday`; else "-".
    """

    word: str
    kind: str
    number: str
    category: str

    def can_be(self, number: str) -> bool:
        """Whether a noun fits "a" ("s"), "two" ("p"), or no article at all ("pm")."""
        return self.number in {"s": "sb", "p": "pb", "pm": "pmb"}[number]


@lru_cache(maxsize=1)
def named_classes() -> tuple[NamedClass, ...]:
    """The thousand classes of the backbone, in its order."""
    return tuple(NamedClass(*row) for row in _rows("words-1.tsv", 3))


@lru_cache(maxsize=1)
def caption_words() -> dict[str, CaptionWord]:
    """Content words of captions by word."""
    return {row[0]: CaptionWord(*row) for row in _rows("caption-words-1.tsv", 4)}


def words_of(categories: Iterable[str]) -> set[str]:
    """All words of both lists that belong to one of some categories: what must not be said where these are hidden."""
    categories = set(categories)
    said = {entry.word for entry in caption_words().values() if entry.category in categories}
    fine = [named for named in named_classes() if named.category in categories]
    return said | {named.word for named in fine} | {named.basic for named in fine}


def categories_of(word: str) -> set[str]:
    """Categories that a word of either list belongs to; empty for other words."""
    found = {named.category for named in named_classes() if word in (named.word, named.basic)}
    entry = caption_words().get(word)
    return {*found, entry.category if entry is not None else "-"} - {"", "-"}


def _rows(name: str, columns: int) -> list[list[str]]:
    """The lines of a list below its heading."""
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    if any(len(row) != columns for row in rows):
        raise ValueError(f"{name}: every line must have {columns} columns")
    return rows
