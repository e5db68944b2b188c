"""Sentences without the words of what must not be named: a free captioner says more than a vocabulary has."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

from semcom.semantic import word_lists
from semcom.semantic.layers.caption import Caption, word_spans
from semcom.semantic.vocabulary import Vocabulary

_SENTENCE = re.compile(r"[^.!?]*[.!?]+\s*|[^.!?]+$")


def withheld_words(hidden: frozenset[int], vocabulary: Vocabulary) -> frozenset[str]:
    """Every word, lower case, that names one of some categories: name, plural, group, synonyms, and words of the lists.

    Parameters
    ----------
    hidden : frozenset of int
        Ids of `vocabulary`.
    vocabulary : Vocabulary
    """
    words = set(word_lists.words_of(vocabulary[number].name for number in hidden))
    words |= {f"{word}s" for word in words}
    for category in (vocabulary[number] for number in hidden):
        words |= words_of(category.name, category.plural) | words_of(category.parent)
    return frozenset(words)


def without_words(caption: Caption, words: frozenset[str]) -> Caption:
    """The caption without each sentence that has one of some words; empty where all have.

    Half a sentence would still say who was there ("riding a horse"), so that the whole of it goes.
    """
    if not words:
        return caption
    text, entities = "", []
    for match in _SENTENCE.finditer(caption.text):
        sentence = match.group()
        if says_any(sentence, words):
            continue
        shift = len(text) - match.start()
        entities += [(a + shift, b + shift) for a, b in caption.entities if match.start() <= a and b <= match.end()]
        text += sentence
    return Caption(text.rstrip(), tuple(entities))


def says_any(text: str, words: frozenset[str]) -> bool:
    """Whether a text has one of some words, lower case, as a word of its own."""
    lowered = text.lower()
    spans = word_spans(lowered)
    spoken = {lowered[first:last] for first, last in spans}
    spoken |= {part for word in spoken for part in re.split(r"['’-]", word)}
    plain = f" {' '.join(lowered[first:last] for first, last in spans)} "
    return bool(spoken & words) or any(f" {word} " in plain for word in words if " " in word)


def words_of(name: str, plural: str = "") -> frozenset[str]:
    """Words, lower case, that say a category or a group, with synonyms."""
    return frozenset(word for one in (name, *_synonyms(name)) for word in (one, f"{one}s", f"{one}es")) | {
        plural or name
    }


def _synonyms(name: str) -> tuple[str, ...]:
    return tuple(_table().get(name, ()))


@lru_cache(maxsize=1)
def _table() -> dict[str, list[str]]:
    return yaml.safe_load((Path(__file__).parent / "synonyms.yml").read_text(encoding="utf-8"))
