import math

import pytest

from semcom.semantic.metrics.text import bleu, chrf

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
