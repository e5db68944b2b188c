"""Which content word may follow which in a caption, and when a caption may end: a small grammar of noun phrases.

A caption is ``a white dog | lying | on a bed``: noun phrases, at most one verb, and what stands between two content
words (the *joint*: "on a", "is", ""). The phrase graph knows which joints people use; the grammar refuses what nobody
would say.
"""

from __future__ import annotations

from semcom.semantic.word_lists import CaptionWord

ARTICLES = ("a", "an", "the")
COMPLETE_VERBS = frozenset(
    {
        *("standing", "sitting", "walking", "flying", "grazing", "eating", "running", "jumping", "lying", "surfing"),
        *("skiing", "sleeping", "posing", "smiling", "swimming", "skateboarding", "snowboarding", "parked", "talking"),
        "playing",
    }
)
"""Verbs that need nothing after them."""

DOERS = frozenset(
    ("person", "cyclist", "bird", "cat", "dog", "horse", "sheep", "cow", "animal", "aeroplane", "car", "truck", "bus")
)
"""Categories of which a verb alone says something."""

MOVING, VEHICLES = frozenset(("driving", "traveling")), frozenset(("car", "truck", "bus", "train"))
"""What a still picture does not show of these: people say it of what is parked, too."""

ONCE = frozenset(("person", "water", "road", "sand", "snow", "grass", "floor", "ground"))
"""Categories of which a caption names one thing: no "people next to a person", no "in the water in the ocean"."""

_NUMBER_AFTER = {"a": "s", "an": "s", "each": "s", "the": "", "his": "", "her": "", "their": "", "its": ""}
_VERB_JOINTS = {"": "", "is": "s", "that is": "s", "who is": "s", "are": "p", "that are": "p"}
_NEVER_BETWEEN_NOUNS = frozenset(["is", "are", "that", "it", "has", "who", "to"])


def number_after(before: CaptionWord | None, joint: str, word: CaptionWord, number: str) -> str | None:
    """Whether `word` may stand after `before` and a joint, and what number its noun phrase must have.

    Parameters
    ----------
    before : CaptionWord, optional
        None at the start.
    joint : str
        Function words between the two; may be empty.
    word : CaptionWord
    number : str
        Of the noun phrase that `before` belongs to: "s" after "a", "p" after "two", "pm" where there is no article, ""
        after "the".

    Returns
    -------
    str or None
        The number for the noun phrase that `word` belongs to; None where it may not stand there.
    """
    if before is None:
        return None if word.kind == "verb" or joint not in (*ARTICLES, "", "some") else _phrase_number(joint, word)
    if before.kind in ("adjective", "number"):
        plain = joint == "" and word.kind in ("noun", "adjective")
        joined = joint == "and" and before.kind == word.kind == "adjective"
        return number if plain or joined else None
    if before.kind == "verb":
        if word.kind == "verb" or _NEVER_BETWEEN_NOUNS & set(joint.split()) - {"to"}:
            return None
        return _phrase_number(joint, word)
    return _after_noun(before, joint, word, number)


def _after_noun(before: CaptionWord, joint: str, word: CaptionWord, number: str) -> str | None:
    if joint == "" and word.kind == "noun":
        return number  # "tennis court": the second one counts
    if not fits(before, number):
        return None
    if word.kind == "verb":
        if word.word in MOVING and before.category in VEHICLES:
            return None
        wanted = _VERB_JOINTS.get(joint)
        if wanted is None or (wanted and not before.can_be(wanted) and not (wanted == "s" and before.number == "m")):
            return None
        return ""
    words = joint.split()
    if not words or words[0] in ARTICLES or _NEVER_BETWEEN_NOUNS & set(words):
        return None
    return _phrase_number(joint, word)


def fits(noun: CaptionWord, number: str) -> bool:
    """Whether a noun agrees with the article or number of its phrase."""
    return number == "" or noun.can_be(number)


def says_again(joint: str, word: CaptionWord, named: frozenset[str]) -> bool:
    """Whether a noun tells once more of a category that has been `named`; "of people", "and a woman" and "man" may."""
    return word.category in ONCE & named and joint.split()[:1] not in ([], ["of"], ["and"])


def may_end(word: CaptionWord, number: str, subject: CaptionWord | None = None) -> bool:
    """Whether a caption may end with a word: with a verb only of what does something, "a dog sitting"."""
    if word.kind == "verb":
        return word.word in COMPLETE_VERBS and (subject is None or subject.category in DOERS)
    return word.kind == "noun" and fits(word, number)


def _phrase_number(joint: str, word: CaptionWord) -> str:
    if word.kind == "number":
        return "p"
    last = joint.split()[-1] if joint else ""
    return _NUMBER_AFTER.get(last, "pm")
