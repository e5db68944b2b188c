import math

import pytest

from semcom.semantic.metrics.text import bleu, chrf, corpus_bleu

REFERENCE = "A red bus stands in front of a tall building"


def test_the_same_sentence_scores_one():
    assert bleu(REFERENCE, [REFERENCE]) == pytest.approx(1)
    assert chrf(REFERENCE, [REFERENCE]) == pytest.approx(1)
    assert bleu("a RED bus, stands in front of a tall building!", [REFERENCE]) == pytest.approx(1)


def test_bleu_by_hand():
    """Six words, five shared; runs of two 3 of 5, of three 2 of 4, of four 1 of 3, each with one added."""
    score = bleu("the cat sat on a mat", ["the cat sat on the mat"])
    precisions = (5 / 6, (3 + 1) / (5 + 1), (2 + 1) / (4 + 1), (1 + 1) / (3 + 1))
    assert score == pytest.approx(math.exp(sum(map(math.log, precisions)) / 4))


def test_short_sentences_are_punished_and_repeats_do_not_pay():
    assert bleu("the cat", ["the cat sat on the mat"]) < math.exp(1 - 6 / 2) + 1e-9
    clipped = bleu("the the the the the the the", ["the cat is on the mat"])
    assert clipped < 0.3
    assert bleu("", [REFERENCE]) == 0 and bleu("nothing alike", [REFERENCE]) == 0


def test_the_nearest_of_several_references_counts():
    assert bleu("a dog runs", ["a cat sits", "a dog runs"]) == pytest.approx(1)
    assert chrf("a dog runs", ["a cat sits", "a dog runs"]) == pytest.approx(1)


def test_chrf_by_hand():
    """Characters abcd against abcx, up to runs of four: 3/4, 2/3, 1/2 and 0 of both sides."""
    assert chrf("abcd", ["abcx"]) == pytest.approx((3 / 4 + 2 / 3 + 1 / 2 + 0) / 4)


def test_chrf_forgives_endings_where_bleu_does_not():
    assert chrf("two dogs running", ["two dog runs"]) > 0.5 > bleu("two dogs running", ["two dog runs"])


@pytest.mark.parametrize("metric", [bleu, chrf])
def test_there_must_be_a_reference(metric):
    with pytest.raises(ValueError, match="references must have at least one sentence"):
        metric("a", [])


def test_chrf_weighs_recall_twice_as_much_as_precision():
    """Six a against eight: every run of ours is in theirs, of theirs (7 - n) of (9 - n) for runs of n."""
    recall = sum((7 - n) / (9 - n) for n in range(1, 7)) / 6
    assert chrf("aaaaaa", ["aaaaaaaa"]) == pytest.approx(5 * recall / (4 + recall))
    assert chrf("aaaaaaaa", ["aaaaaa"]) == pytest.approx(5 * recall / (4 * recall + 1))


def test_corpus_bleu_is_that_of_the_definition():
    """Counted by hand: 1-grams 9/10, 2-grams 6/8, 3-grams 4/6, 4-grams 2/4; 10 words against 10."""
    candidates = ["the cat is on a mat", "a red bus stops"]
    references = ["the cat is on the mat", "a red bus stops"]
    assert corpus_bleu(candidates, references) == pytest.approx((9 / 10 * 6 / 8 * 4 / 6 * 2 / 4) ** 0.25)
    assert corpus_bleu(references, references) == 1.0
    short = ["the cat is on", "a red bus stops"]
    assert corpus_bleu(short, references) == pytest.approx(math.exp(1 - 10 / 8))
    assert corpus_bleu(["dog"], ["A cat sits here."]) == 0.0 == corpus_bleu([""], ["A cat."])


@pytest.mark.parametrize("candidates", [[], ["a"], ["a"] * 3])
def test_corpus_bleu_wants_as_many_candidates_as_references(candidates):
    with pytest.raises(ValueError, match="candidates must be as many as references"):
        corpus_bleu(candidates, ["a", "b"])
