"""Evidence in words, weighed by the map: what it should show and does not, what it finds, of whom there are several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from semcom.semantic.layers.objects import Objects, SceneObject
from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.word_lists import caption_words

NOT_SEEN = 0.35
"""What remains of the probability of a word whose category the map does not show."""
SEEN_SHARE = 0.004
"""Share of the picture from which a category counts as seen."""
FOUND_WEIGHT, FOUND_SHARE = 0.5, 0.03
"""How much an object's score raises the likeliest word of its category, and the share of the picture it must have."""
KINDS_OF_PEOPLE = {("man", "woman", "boy", "girl"): "person", ("men", "women", "boys", "girls"): "people"}
LEAST_KIND, KIND_BESIDE_OTHERS = 0.7, 2.5
"""Probability from which a person is called a man, and how much more it must be than all other kinds together."""
LEAST_RAISED = 0.12
"""Probability that a word must have for an object to raise it, but those of `MAPPED`."""
SEEN_WELL = 0.6
"""Least score of an object of another category than `MAPPED` that raises a word."""
KINDS = frozenset(("animal", "food"))
"""Categories of many kinds whose own word rises where none of their kinds is likely."""
LEAST_BESIDE = 0.1
"""Of the largest one's area: what is smaller is not counted with it, a head in the audience with the player."""
VAGUE = frozenset(("object", "furniture", "fabric"))
"""Categories whose words an object says nothing about."""
MAPPED = frozenset(
    ("person", "dog", "cat", "horse", "sheep", "cow", "bird", "car", "bus", "train", "aeroplane", "boat", "bicycle",
     "motorbike")
)  # fmt: skip
"""Categories that the segmenter finds well enough for their absence to mean something."""


def weighed(
    said: Mapping[str, float], labels: np.ndarray, vocabulary: Vocabulary, objects: Objects
) -> dict[str, float]:
    """Probabilities of words, lower where the map should show their category and does not, higher where it is found.

    Of a category that is found, the likeliest word rises: which of its words is right, the map does not know. Where the
    map says no more than the group, each category of the group may be there.
    """
    shares = np.bincount(labels.ravel(), minlength=256) / labels.size
    groups = dict(vocabulary.general)

    def seen(name: str) -> float:
        general = groups.get(vocabulary[name].parent)
        return shares[vocabulary[name].id] + (shares[vocabulary[general].id] if general else 0.0)

    absent = {name for name in MAPPED if name in vocabulary and seen(name) < SEEN_SHARE}
    words = caption_words()
    weights = {word: p * (NOT_SEEN if words[word].category in absent else 1.0) for word, p in said.items()}
    for category, score in found_scores(objects).items():
        named = {category}
        if category in groups.values():
            named = {member.name for member in vocabulary.group(vocabulary[category].parent)}
        mine = [word for word in weights if words[word].category in named and words[word].kind == "noun"]
        if mine:
            best = max(mine, key=lambda word: (weights[word], word))
            if category not in MAPPED and weights[best] < LEAST_RAISED:  # a zebra is an animal, too, and no giraffe
                best = category if category in KINDS else ""
            if best in weights:
                weights[best] = 1 - (1 - weights[best]) * (1 - FOUND_WEIGHT * score)
    return weights


def cautious(weights: Mapping[str, float], said: Mapping[str, float]) -> dict[str, float]:
    """A person is a man, a woman, a boy or a girl only where that is sure beside the others; else a person."""
    result = dict(weights)
    for words, common in KINDS_OF_PEOPLE.items():
        known = sorted((said.get(word, 0.0) for word in words), reverse=True)
        if known and known[0] >= LEAST_KIND and known[0] >= KIND_BESIDE_OTHERS * sum(known[1:]):
            continue
        together = max(weights.get(word, 0.0) for word in (*words, common))
        result = {word: p for word, p in result.items() if word not in words}
        if common in said:
            result[common] = together
    return result


def several_people(objects: Objects) -> bool:
    """Whether the map surely shows more than one person."""
    names = [objects.vocabulary[item.category].name for item in only_sure(objects).items]
    return names.count("person") > 1


def as_several(weights: Mapping[str, float]) -> dict[str, float]:
    """Probabilities of words where a person is people."""
    people = max(weights.get("people", 0.0), weights.get("person", 0.0))
    return {**weights, "people": people, "person": 0.0}


def found_scores(objects: Objects) -> dict[str, float]:
    """The best score of an object of each category that can be trusted and that covers enough."""
    found: dict[str, float] = {}
    for item in objects.items:
        name = objects.vocabulary[item.category].name
        trusted = name in MAPPED or (item.score >= SEEN_WELL and name not in VAGUE)
        if trusted and area(item) >= FOUND_SHARE * objects.width * objects.height:
            found[name] = max(found.get(name, 0.0), item.score)
    return found


def shows(objects: Objects, word: str) -> bool:
    """Whether an object that is worth a word is of the word's category."""
    names = {objects.vocabulary[item.category].name for item in only_sure(objects).items}
    return caption_words()[word].category in names


def only_sure(objects: Objects) -> Objects:
    """Objects that are worth a word: of a category that says something, sure, and not small beside their like."""
    vocabulary = objects.vocabulary
    kept = [item for item in objects.items if item.score >= SEEN_WELL and vocabulary[item.category].name not in VAGUE]
    largest: dict[int, int] = {}
    for item in kept:
        largest[item.category] = max(largest.get(item.category, 0), area(item))
    return replace(objects, items=tuple(item for item in kept if area(item) >= LEAST_BESIDE * largest[item.category]))


def area(item: SceneObject) -> int:
    """Of an object's box, pixels."""
    return (item.box[2] - item.box[0]) * (item.box[3] - item.box[1])
