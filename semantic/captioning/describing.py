"""Captions from evidence in words: what people would say of the picture, as far as pictures, maps and words back it.

    words for the whole picture (`picture_words`) ─┐
    categories of the map, objects ────────────────┼─► evidence ─► search ─► sentence, with its nouns as entities
    words that must not be said ───────────────────┘

Where words say too little, the picture's own name is used ("A macaw."), and where there is none, the caption is
composed from the map alone (`captioner`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from semcom.semantic.captioning.phrase_graph import load_phrases
from semcom.semantic.captioning.picture_words import PictureWords, WordEvidence
from semcom.semantic.captioning.sentence_search import Phrase, SearchRules, best_phrase, with_articles
from semcom.semantic.captioning.weighing import KINDS, as_several, cautious, only_sure, several_people, shows, weighed
from semcom.semantic.errors import ModelError
from semcom.semantic.extract.captioner import ComposedCaptioner, compose_caption
from semcom.semantic.extract.plain_pictures import plain_caption
from semcom.semantic.extract.sentence import Sentence, join_sentences, with_article
from semcom.semantic.extract.withheld_words import withheld_words
from semcom.semantic.layers.caption import Caption
from semcom.semantic.layers.objects import Objects
from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.word_lists import NamedClass, caption_words

LEAST_SUBJECT = 0.27
"""Probability that the first noun of a sentence must have. Below, the map speaks, which is right less often: compared
at 0.2 to 0.5 on held-out photos of people."""
LEAST_NAME = 0.32
"""Probability at which the backbone's name for the whole picture is believed (right in 6 of 10 photos: the card)."""
LEAST_FINE = 0.45
"""Probability at which the fine word stands for the basic one: "macaw" for "bird"."""
LANDSCAPE = frozenset(("nature", "ground", "water"))
"""Groups of the vocabulary whose words lie beside each other, not under one another."""
LEAST_PART, LEAST_WINDOWS = 0.85, 2
"""Probability of a name in the surest window, and how many windows must be rather sure of it: right in 11 of 13 photos
of training that have neither phrase nor name."""
LEAST_FINE_PART = 0.95
"""As `LEAST_FINE`, of a part: windows are not what the backbone was trained on."""
PEOPLE, MOST_PEOPLE = ("person", "man", "woman", "people"), 0.4
"""Words of people, and their probabilities together from which parts are not named."""
BARE = (("person",), ("people",))
"""Phrases of which the map says more: how many, where, in which clothes."""
_VOCABULARY = Vocabulary.load()


@dataclass(frozen=True)
class Described:
    """A caption and what backs each of its nouns: noun → probability."""

    caption: Caption
    backing: Mapping[str, float]


class DescribingCaptioner:
    """Captioner of the registry: words by the pretrained backbone, sentences by search.

    Raises
    ------
    ModelError
        torch or the backbone's package is missing.
    """

    def __init__(self, price: float = SearchRules.price, threads: int = 1) -> None:
        self._words, self._graph = PictureWords(threads=threads), load_phrases()
        self._rules = SearchRules(price=price)

    def __call__(self, image: np.ndarray, labels: np.ndarray, objects: Objects) -> Caption:
        return self.describe(image, labels, objects).caption

    def caption_without(
        self, image: np.ndarray, labels: np.ndarray, objects: Objects, hidden: frozenset[int]
    ) -> Caption:
        """The caption without words of `hidden` categories."""
        return self.describe(image, labels, objects, hidden).caption

    def describe(
        self, image: np.ndarray, labels: np.ndarray, objects: Objects, hidden: frozenset[int] = frozenset()
    ) -> Described:
        """The caption with what backs it; words of `hidden` categories are not said."""
        if (plain := plain_caption(image)) is not None:
            return Described(plain, {})
        vocabulary = objects.vocabulary
        heard = without_hidden(self._words(image), hidden, vocabulary)
        weights = weighed(heard.said, labels, vocabulary, objects)
        said = cautious(weights, heard.said)
        phrase = best_phrase(said, self._graph, self._rules, heard.closeness)
        if phrase is not None and subject_of(phrase) == "person" and several_people(objects):
            of_several = as_several(said)
            other = best_phrase(of_several, self._graph, self._rules, heard.closeness)
            if other is not None and subject_of(other) == "people":
                phrase, said = other, of_several
        name, part = believed_name(heard), believed_part(heard, weights)
        if phrase is not None and phrase.words in BARE and shows(objects, phrase.words[0]):
            return Described(compose_caption(image, labels, only_sure(objects)), {})  # the map says more of people
        if phrase is not None and said[subject_of(phrase)] >= LEAST_SUBJECT:
            return _sentence(with_kind(with_name(phrase, name), part), {**said, **_sureness(name, part)})
        if name is not None:
            return _named(name, LEAST_FINE)
        if part is not None:
            return _named(part, LEAST_FINE_PART)
        return Described(compose_caption(image, labels, only_sure(objects)), {})


def without_hidden(heard: WordEvidence, hidden: frozenset[int], vocabulary: Vocabulary) -> WordEvidence:
    """The evidence without words of hidden categories."""
    if not hidden:
        return heard
    muted = withheld_words(hidden, vocabulary)
    said = {word: p for word, p in heard.said.items() if word not in muted}
    named = tuple(pair for pair in heard.named if not {pair[0].word, pair[0].basic} & muted)
    parts = tuple(part for part in heard.parts if not {part[0].word, part[0].basic} & muted)
    return replace(heard, said=said, named=named, parts=parts)


def believed_name(heard: WordEvidence) -> tuple[NamedClass, float] | None:
    """The backbone's best name for the whole picture with its probability; None where it is not believed."""
    for named, probability in heard.named:
        if heard.basic[named.basic] >= LEAST_NAME:
            return named, probability
    return None


def believed_part(heard: WordEvidence, weights: Mapping[str, float]) -> tuple[NamedClass, float] | None:
    """What windows of the picture surely show, where the whole has no name and no people; None where there is none.

    A lighthouse on its coast is a landscape to the eye that takes in everything, and a lighthouse to one that looks at
    parts. Of photos with people their clothes and balls would be named; but caps on a wall, of which the map shows
    nobody under them, are caps: `weights` are probabilities of words as the map weighs them.
    """
    if sum(weights.get(word, 0.0) for word in PEOPLE) >= MOST_PEOPLE:
        return None
    for named, probability, windows in heard.parts:
        if probability >= LEAST_PART and windows >= LEAST_WINDOWS:
            return named, probability
    return None


def subject_of(phrase: Phrase) -> str:
    """The first noun that is not only there to tell another one apart."""
    words = caption_words()
    nouns = [i for i, word in enumerate(phrase.words) if words[word].kind == "noun"]
    for position in nouns:
        following = position + 1
        if not (following in nouns and phrase.joints[following] == ""):
            return phrase.words[position]
    return phrase.words[nouns[-1]]


def with_name(phrase: Phrase, name: tuple[NamedClass, float] | None) -> Phrase:
    """The phrase with the fine word in place of a singular noun of the same basic word or category."""
    if name is None:
        return phrase
    words = caption_words()
    for position, word in enumerate(phrase.words):
        entry = words[word]
        if name[1] < LEAST_FINE and word not in KINDS:
            continue
        fine = name[0].word if name[1] >= LEAST_FINE else name[0].basic
        if entry.kind == "noun" and entry.number == "s" and word in _common_words(name[0]):
            return replace(phrase, words=(*phrase.words[:position], fine, *phrase.words[position + 1 :]))
    return phrase


def with_kind(phrase: Phrase, part: tuple[NamedClass, float] | None) -> Phrase:
    """The phrase with what parts of the picture surely show in place of its common word: "zebra" for "animal"."""
    words = caption_words()
    for position, word in enumerate(phrase.words if part is not None else ()):
        if word in KINDS and words[word].number == "s" and word == part[0].category:
            return replace(phrase, words=(*phrase.words[:position], part[0].basic, *phrase.words[position + 1 :]))
    return phrase


def _common_words(name: NamedClass) -> tuple[str, ...]:
    """Words that a name is a kind of. Of landscapes it is none: a valley is no mountain."""
    parent = _VOCABULARY[name.category].parent
    return () if parent in LANDSCAPE else (name.basic, name.category)


def _sureness(*names: tuple[NamedClass, float] | None) -> dict[str, float]:
    """Probability of the fine and the basic word of what was named."""
    return {word: pair[1] for pair in names if pair is not None for word in (pair[0].basic, pair[0].word)}


def _named(name: tuple[NamedClass, float], least_fine: float) -> Described:
    """The name alone as a caption: the fine word from a probability on, else the basic one."""
    named, probability = name
    word = named.word if probability >= least_fine else named.basic
    sentence = Sentence().add(with_article(word)).add(word, entity=True).finish()
    return Described(join_sentences([sentence]), {word: probability})


def _sentence(phrase: Phrase, said: Mapping[str, float]) -> Described:
    words = caption_words()
    sentence, backing = Sentence(), {}
    pairs = with_articles(phrase)
    if len(pairs) == 1 and pairs[0][0] in ("", "the") and words[pairs[0][1]].number == "m":
        pairs = [("some", pairs[0][1])]
    for joint, word in pairs:
        if joint:
            sentence.add(joint)
        noun = word not in words or words[word].kind == "noun"
        sentence.add(word, entity=noun)
        if noun:
            backing[word] = said[word]
    return Described(join_sentences([sentence.finish()]), backing)


def best_captioner(threads: int = 1) -> DescribingCaptioner | ComposedCaptioner:
    """The captioner with words of its own; the one from maps alone, which says so, where the backbone cannot be had."""
    try:
        return DescribingCaptioner(threads=threads)
    except ModelError as error:
        composed = ComposedCaptioner()
        composed.note = f"captions are composed from maps alone: {error}"
        return composed
