import pytest

from semcom.semantic.captioning.grammar import fits, may_end, number_after, says_again
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
        ("a|plane", "|flying", "in the|sky"),
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


def test_whether_a_vehicle_moves_is_not_said():
    assert walk("a|train", "|traveling", "down|tracks") is None and walk("a|bus", "is|driving") is None
    assert walk("a|man", "|driving", "a|car") is not None


def test_people_and_water_are_told_of_once():
    words = caption_words()
    assert says_again("next to a", words["person"], frozenset(("person",)))
    assert says_again("in the", words["water"], frozenset(("person", "water")))
    assert not says_again("in the", words["water"], frozenset(("person",)))
    assert not says_again("of", words["people"], frozenset(("person",)))  # a group of people
    assert not says_again("and a", words["woman"], frozenset(("person",)))
    assert not says_again("next to an", words["elephant"], frozenset(("animal",)))
