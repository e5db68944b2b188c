"""Captions against people's, word by word: its content words that they used, and theirs that it has.

Content words are those of `caption-words-1.tsv` and whatever is marked as an entity; spellings, plurals and forms of
verbs do not count as other words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from semcom.semantic.layers.caption import Caption
from semcom.semantic.word_lists import caption_words

SAME = {
    "racquet": "racket", "racquets": "rackets", "airplane": "plane", "airplanes": "planes", "aeroplane": "plane",
    "jetliner": "plane", "bike": "bicycle", "bikes": "bicycles", "motorbike": "motorcycle", "grey": "gray",
    "tan": "brown", "cellphone": "phone", "refrigerator": "fridge", "television": "tv", "guy": "man", "guys": "men",
    "lady": "woman", "ladies": "women", "kid": "child", "kids": "children", "couch": "sofa", "persons": "people",
    "photograph": "photo",
}  # fmt: skip
"""Words that count as others."""

VERB_FORMS = {
    "sitting": "sit sits sat seated", "standing": "stand stands stood", "riding": "ride rides rode",
    "holding": "hold holds held", "playing": "play plays played", "walking": "walk walks walked",
    "looking": "look looks looked", "wearing": "wear wears wore", "flying": "fly flies flew", "eating": "eat eats ate",
    "lying": "lay lays laying lie lies", "running": "run runs ran", "jumping": "jump jumps jumped", "parked": "park",
    "driving": "drive drives drove driven", "traveling": "travel travels traveled travelling", "skiing": "",
    "surfing": "surf", "skateboarding": "", "swimming": "swim swims swam", "grazing": "graze grazes",
    "posing": "pose poses posed", "smiling": "smile smiles", "talking": "talk talks", "swinging": "swing swings",
    "throwing": "throw throws threw", "catching": "catch catches", "hitting": "hit hits",
    "cutting": "cuts", "cooking": "cook cooks", "preparing": "prepare prepares prepared",
    "sleeping": "sleep sleeps slept", "carrying": "carry carries carried", "pulling": "pull pulls",
    "climbing": "climb climbs climbed", "waiting": "wait waits", "watching": "watch watches",
    "taking": "take takes took", "using": "use uses used", "crossing": "cross crosses", "leaning": "lean leans",
    "hanging": "hang hangs hung", "reading": "read reads", "skating": "skate skates", "snowboarding": "",
    "drinking": "drink drinks drank", "brushing": "brush brushes", "crouching": "crouches", "filled": "",
    "performing": "perform performs", "dressed": "", "reaching": "reach reaches", "working": "work works",
    "racing": "race races", "sliding": "slide slides", "kicking": "kick kicks", "chasing": "chase chases",
    "splashing": "splashes",
}  # fmt: skip
_VERB_OF = {form: verb for verb, forms in VERB_FORMS.items() for form in (verb, *forms.split())}

SAID_BY = 3
"""So many captions of a picture must have a word for it to be one that should be found."""


def tokens(caption: str) -> list[str]:
    """Words of a caption with spellings made one and verbs as participles; "," and "." are kept inside."""
    raw = [SAME.get(word, word) for word in re.findall(r"[a-z]+|[.,]", caption.lower().replace("'s", ""))]
    while raw and raw[-1] in ".,":
        raw.pop()
    known = caption_words()
    found = []
    for position, word in enumerate(raw):
        before = raw[position - 1] if position else ""
        noun = word in known and known[word].kind == "noun"
        as_noun = noun and (before in ("a", "an", "the", "of") or (before in known and known[before].kind != "verb"))
        found.append(word if as_noun else _VERB_OF.get(word, word))
    return found


def stem(word: str) -> str:
    """What a noun's singular and plural share, nearly."""
    irregular = {"men": "man", "women": "woman", "children": "child", "buses": "bus", "leaves": "leaf"}
    if word in irregular:
        return irregular[word]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def content_words(caption: Caption) -> list[str]:
    """Words of a caption that say something, each once, without their number."""
    known = caption_words()
    entities = {word.lower() for entity in caption.entity_words for word in entity.split()}
    return list(dict.fromkeys(stem(word) for word in tokens(caption.text) if word in known or word in entities))


def right_words(caption: Caption, people: Sequence[str]) -> tuple[int, int]:
    """How many content words a caption has, and how many of them are in people's captions."""
    ours = content_words(caption)
    theirs = {stem(word) for text in people for word in tokens(text)}
    return len(ours), sum(word in theirs for word in ours)


def found_words(caption: Caption, people: Sequence[str]) -> tuple[int, int]:
    """How many words `SAID_BY` people used, and how many of them a caption has."""
    each = [{stem(word) for word in tokens(text)} for text in people]
    known = {stem(word) for word in caption_words()}
    main = {word for word in set().union(*each) & known if sum(word in one for one in each) >= SAID_BY}
    return len(main), len(main & set(content_words(caption)))
