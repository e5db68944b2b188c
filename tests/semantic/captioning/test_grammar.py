import pytest

from semcom.semantic.captioning.grammar import fits, may_end, number_after
from semcom.semantic.word_lists import caption_words


def walk(*steps: str) -> str | None:
    """Number of the last noun phrase of ``joint|word`` steps; None where a step is refused."""
    words, before, number = caption_words(), None, ""
    for step in steps:
        joint, _, name = step.partition("|")
        number = number_after(before, joint, words[name], number)
        if number is None:
            return None
        before = words[name]
    return number


@pytest.mark.parametrize(
    "steps",
    [
        ("a|white", "|dog", "|lying", "on a|bed"),
        ("|two", "|dogs", "|running", "in the|snow"),
        ("a|man", "is|holding", "a|tennis", "|racket"),
        ("a|group", "of|people", "|standing"),
        ("the|dogs", "are|running"),
        ("a|black", "and|white", "|dog"),
        ("|people", "on a|beach", "near the|water"),
        ("a|train", "|traveling", "down|tracks"),
    ],
)
def test_what_people_say_is_allowed(steps):
    assert walk(*steps) is not None


@pytest.mark.parametrize(
    "steps",
    [
        ("a|dogs", "|running"),
        ("|two", "|dog", "|running"),
        ("|dog", "|running"),
        ("|two", "|dogs", "is|running"),
        ("a|dog", "are|running"),
        ("|standing",),
        ("a|white", "on a|bed"),
        ("a|dog", "a|bed"),
        ("a|dog", "is|bed"),
        ("a|man", "|holding", "|standing"),
        ("|two", "|three"),
    ],
)
def test_what_nobody_says_is_refused(steps):
    assert walk(*steps) is None


def test_a_caption_ends_with_a_noun_that_agrees_or_a_verb_that_is_complete():
    words = caption_words()
    assert may_end(words["dog"], "s") and not may_end(words["dog"], "p") and not may_end(words["dogs"], "s")
    assert may_end(words["standing"], "") and not may_end(words["holding"], "")
    assert not may_end(words["white"], "s") and not may_end(words["two"], "p")


def test_after_the_any_number_fits():
    assert fits(caption_words()["dog"], "") and fits(caption_words()["dogs"], "")
