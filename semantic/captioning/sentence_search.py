"""The caption that says most of what is known: a beam search over the phrase graph.

Each content word is worth its probability less what a wrong word costs; rare joints and rows of three words that nobody
used cost a little; and the whole is worth how near it is to what the picture says altogether (`closeness`). Every noun
is in the evidence: nothing else can be said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from semcom.semantic.captioning.closeness import Closeness
from semcom.semantic.captioning.comparison import stem
from semcom.semantic.captioning.grammar import ARTICLES, may_end, number_after, says_again
from semcom.semantic.captioning.phrase_graph import MODIFIER, START, PhraseGraph
from semcom.semantic.word_lists import CaptionWord, caption_words


@dataclass(frozen=True)
class SearchRules:
    """What the search prefers.

    Attributes
    ----------
    least_probability : float
        Words below it are not said at all.
    price : float
        Of a word: what its probability must reach to be worth saying.
    rarity : float
        Weight of the logarithm of a joint's share.
    unseen : float
        Cost of three words in a row that were not seen together.
    closeness : float
        Weight of the phrase's closeness to the picture.
    width : int
        Paths that are kept.
    most_words : int
        Content words at most.
    """

    least_probability: float = 0.12
    price: float = 0.36
    rarity: float = 0.035
    unseen: float = 0.28
    closeness: float = 4.0
    width: int = 40
    most_words: int = 8


@dataclass(frozen=True)
class Phrase:
    """Content words with the joints before them; `worth` is what the search gave it, closeness left out."""

    words: tuple[str, ...]
    joints: tuple[str, ...]
    worth: float


@dataclass(frozen=True)
class _Path:
    worth: float
    words: tuple[str, ...]  # as in the graph, with `START` first
    joints: tuple[str, ...]
    number: str
    said: frozenset[str]
    named: frozenset[str]  # categories of its nouns
    has_verb: bool


def best_phrase(
    evidence: Mapping[str, float],
    graph: PhraseGraph,
    rules: SearchRules = SearchRules(),
    closeness: Closeness | None = None,
) -> Phrase | None:
    """The best phrase that the evidence supports; None where it supports none.

    Parameters
    ----------
    evidence : mapping of str to float
        Probability that people would use a caption word for this picture.
    graph : PhraseGraph
    rules : SearchRules
    closeness : Closeness, optional
        Of the picture.
    """
    words = caption_words()

    def rank(path: _Path) -> float:
        near = 0.0 if closeness is None else closeness([word.rstrip(MODIFIER) for word in path.words[1:]])
        return path.worth + rules.closeness * near

    known = {word: p for word, p in evidence.items() if p > rules.least_probability and word in words}
    paths = [_Path(0.0, (START,), (), "", frozenset(), frozenset(), False)]
    best: _Path | None = None
    for _ in range(rules.most_words):
        paths = [longer for path in paths for longer in _longer(path, known, graph, rules)]
        paths = sorted(paths, key=lambda path: (-rank(path), path.words))[: rules.width]
        for path in paths:
            last = path.words[-1]
            ends = not last.endswith(MODIFIER) and may_end(words[last], path.number, _subject(path))
            if ends and (best is None or rank(path) > rank(best)):
                best = path
    if best is None:
        return None
    return Phrase(tuple(word.rstrip(MODIFIER) for word in best.words[1:]), best.joints, best.worth)


def _subject(path: _Path) -> CaptionWord | None:
    """The first noun that no other noun follows at once."""
    words = caption_words()
    nouns = (words[word] for word in path.words[1:] if not word.endswith(MODIFIER) and words[word].kind == "noun")
    return next(nouns, None)


def _longer(path: _Path, known: Mapping[str, float], graph: PhraseGraph, rules: SearchRules) -> list[_Path]:
    """The path with one more content word, in every way that grammar and evidence allow."""
    words = caption_words()
    last = path.words[-1]
    before = None if last == START else words[last.rstrip(MODIFIER)]
    found = []
    for step in graph.steps(last):
        plain = step.word.rstrip(MODIFIER)
        if plain not in known or stem(plain) in path.said:
            continue
        word = words[plain]
        if (word.kind == "verb" and path.has_verb) or last.endswith(MODIFIER) != (
            before is not None and before.kind == "noun" and step.joint == "" and word.kind == "noun"
        ):
            continue
        number = number_after(before, step.joint, word, path.number)
        if number is None or says_again(step.joint, word, path.named):
            continue
        worth = known[plain] - rules.price + rules.rarity * math.log(step.share)
        if len(path.words) > 1 and (path.words[-2], path.joints[-1], last, step.joint, step.word) not in graph.threes:
            worth -= rules.unseen * (0.4 if path.words[-2] == START else 1.0)
        found.append(
            _Path(
                path.worth + worth,
                (*path.words, step.word),
                (*path.joints, step.joint),
                number,
                path.said | {stem(plain)},
                path.named | {word.category},
                path.has_verb or word.kind == "verb",
            )
        )
    return found


def with_articles(phrase: Phrase) -> list[tuple[str, str]]:
    """(joint, word) of a phrase with "a" and "an" as the next word wants them."""
    pairs = []
    for joint, word in zip(phrase.joints, phrase.words, strict=True):
        head, _, last = joint.rpartition(" ")
        if last in ARTICLES[:2]:
            last = "an" if word[0] in "aeiou" and not word.startswith(("uni", "use")) else "a"
        pairs.append((f"{head} {last}".strip(), word))
    return pairs
