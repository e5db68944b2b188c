import pytest

from semcom.semantic.captioning.comparison import stem
from semcom.semantic.captioning.phrase_graph import START, PhraseGraph, load_phrases
from semcom.semantic.captioning.sentence_search import Phrase, SearchRules, best_phrase, with_articles

JOINTS = {
    (START, "a", "dog"): 10, (START, "a", "cat"): 10, (START, "", "two"): 10, ("two", "", "dogs"): 8,
    ("dog", "", "lying"): 9, ("cat", "", "lying"): 9, ("lying", "on a", "bed"): 9, ("dogs", "", "lying"): 9,
    ("dog", "on a", "bed"): 1, ("lying", "on a", "sofa"): 9, (START, "a", "tennis~"): 5, ("tennis~", "", "racket"): 5,
}  # fmt: skip
THREES = {
    (START, "a", "dog", "", "lying"), (START, "a", "cat", "", "lying"), ("dog", "", "lying", "on a", "bed"),
    ("cat", "", "lying", "on a", "bed"), ("dog", "", "lying", "on a", "sofa"), (START, "", "two", "", "dogs"),
    (START, "a", "tennis~", "", "racket"),
}  # fmt: skip
GRAPH = PhraseGraph(JOINTS, THREES)


def said(evidence: dict[str, float], **rules: float) -> str:
    phrase = best_phrase(evidence, GRAPH, SearchRules(**rules))
    return "" if phrase is None else " ".join(part for pair in with_articles(phrase) for part in pair if part)


def test_what_is_probable_is_said_in_the_order_that_people_use():
    assert said({"dog": 0.9, "lying": 0.8, "bed": 0.7}) == "a dog lying on a bed"


def test_of_two_subjects_the_probable_one_is_said():
    assert said({"dog": 0.3, "cat": 0.8, "lying": 0.8, "bed": 0.7}) == "a cat lying on a bed"


def test_what_is_not_worth_its_price_stays_unsaid():
    assert said({"dog": 0.9, "lying": 0.8, "bed": 0.13}) == "a dog lying"


def test_nothing_below_the_least_probability_is_said_however_well_it_would_fit():
    assert said({"dog": 0.9, "lying": 0.05, "bed": 0.9}, price=0.0, rarity=0.0, unseen=0.0) == "a dog on a bed"


def test_number_and_noun_agree():
    assert said({"two": 0.9, "dogs": 0.8, "dog": 0.1}) == "two dogs"
    assert said({"two": 0.9, "dog": 0.8}) == "a dog"


def test_a_noun_before_a_noun_is_not_left_alone():
    assert said({"tennis": 0.9, "racket": 0.5}) == "a tennis racket"
    assert said({"tennis": 0.9}) == ""


def test_no_evidence_gives_nothing():
    assert best_phrase({}, GRAPH) is None
    assert best_phrase({"unheard": 0.9}, GRAPH) is None


def test_nothing_is_said_that_is_not_in_the_evidence():
    graph = load_phrases()
    evidence = {"man": 0.7, "riding": 0.6, "surfboard": 0.5, "water": 0.6, "large": 0.2, "wave": 0.4}
    phrase = best_phrase(evidence, graph)
    assert phrase is not None and set(phrase.words) <= set(evidence) and phrase.words[0] in ("man", "large")


@pytest.mark.parametrize(("words", "stems"), [("dog dogs", 1), ("man men", 1), ("bus buses", 1), ("glass glasses", 2)])
def test_singular_and_plural_are_the_same_thing_said_twice(words, stems):
    assert len({stem(word) for word in words.split()}) == stems


def test_articles_follow_the_sound():
    assert with_articles(Phrase(("orange", "umbrella"), ("a", "near a"), 0.0)) == [
        ("an", "orange"),
        ("near an", "umbrella"),
    ]
    assert with_articles(Phrase(("uniform",), ("an",), 0.0)) == [("a", "uniform")]


def test_a_second_noun_of_the_same_kind_is_left_out():
    graph = load_phrases()
    evidence = {"people": 0.8, "standing": 0.8, "person": 0.7}
    assert best_phrase(evidence, graph).words == ("people", "standing")
