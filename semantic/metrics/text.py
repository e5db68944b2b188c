"""How near one sentence comes to others: BLEU over words, chrF over characters."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

_CHRF_ORDER = 6
_CHRF_BETA = 2.0  # recall counts twice as much as precision


def bleu(candidate: str, references: Sequence[str], max_order: int = 4) -> float:
    """Sentence BLEU with brevity penalty, 0..1 [Papineni 2002].

    Orders above one are smoothed by adding one to both counts [Lin and Och 2004, BLEU+1], so that short sentences do
    not score zero for want of a matching run of four. Words are runs of letters and digits, lower case.

    Raises
    ------
    ValueError
        No references.
    """
    if not references:
        raise ValueError("references must have at least one sentence, got 0")
    words, others = _words(candidate), [_words(reference) for reference in references]
    if not words:
        return 0.0
    logs = []
    for order in range(1, max_order + 1):
        ours = _ngrams(words, order)
        most = Counter()
        for other in others:
            most |= _ngrams(other, order)
        matched, total = sum((ours & most).values()), sum(ours.values())
        if order > 1:
            matched, total = matched + 1, total + 1
        if matched == 0:
            return 0.0
        logs.append(math.log(matched / total))
    nearest = min((abs(len(other) - len(words)), len(other)) for other in others)[1]
    brevity = min(1.0, math.exp(1 - nearest / len(words)))
    return brevity * math.exp(sum(logs) / max_order)


def corpus_bleu(candidates: Sequence[str], references: Sequence[str], max_order: int = 4) -> float:
    """BLEU of many sentences with one reference each, 0..1, as papers give it [Papineni 2002].

    Counts are summed over all sentences and not smoothed; capitals count, punctuation marks are words.

    Raises
    ------
    ValueError
        Numbers of sentences that differ, or none.
    """
    if not candidates or len(candidates) != len(references):
        raise ValueError(f"candidates must be as many as references, got {len(candidates)} and {len(references)}")
    matched, total = [0] * max_order, [0] * max_order
    pairs = [
        (_tokens(candidate), _tokens(reference)) for candidate, reference in zip(candidates, references, strict=True)
    ]
    for ours, theirs in pairs:
        for order in range(1, max_order + 1):
            grams = _ngrams(ours, order)
            matched[order - 1] += sum((grams & _ngrams(theirs, order)).values())
            total[order - 1] += sum(grams.values())
    if 0 in matched:
        return 0.0
    num_ours, num_theirs = (sum(map(len, side)) for side in zip(*pairs, strict=True))
    brevity = min(1.0, math.exp(1 - num_theirs / num_ours))
    return brevity * math.exp(sum(math.log(m / t) for m, t in zip(matched, total, strict=True)) / max_order)


def chrf(candidate: str, references: Sequence[str]) -> float:
    """F2 of character n-grams up to six, without spaces, the best over the references, 0..1 [Popović 2015].

    Raises
    ------
    ValueError
        No references.
    """
    if not references:
        raise ValueError("references must have at least one sentence, got 0")
    return max(_chrf_one(_squeezed(candidate), _squeezed(reference)) for reference in references)


def _chrf_one(candidate: str, reference: str) -> float:
    precisions, recalls = [], []
    for order in range(1, _CHRF_ORDER + 1):
        ours, theirs = _ngrams(candidate, order), _ngrams(reference, order)
        if not ours and not theirs:
            continue
        matched = sum((ours & theirs).values())
        precisions.append(matched / max(sum(ours.values()), 1))
        recalls.append(matched / max(sum(theirs.values()), 1))
    if not precisions:
        return 1.0 if candidate == reference else 0.0
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    weight = _CHRF_BETA**2
    below = weight * precision + recall
    return (1 + weight) * precision * recall / below if below else 0.0


def _words(sentence: str) -> list[str]:
    return re.findall(r"\w+", sentence.lower())


def _tokens(sentence: str) -> list[str]:
    return re.findall(r"\w+(?:['-]\w+)*|[^\w\s]", sentence)


def _squeezed(sentence: str) -> str:
    return "".join(sentence.lower().split())


def _ngrams(items: Sequence, order: int) -> Counter:
    runs: Iterable = (tuple(items[i : i + order]) for i in range(len(items) - order + 1))
    return Counter(runs)
