"""Which words of a repaired text are a repairer's: what people are shown as guessed."""

from __future__ import annotations

from difflib import SequenceMatcher

import numpy as np

from semcom.semantic.layers.caption import word_spans


def changed_words(came: str, repaired: str) -> tuple[tuple[int, int], ...]:
    """Ranges of the words of `repaired` in which a character differs from what came; other characters by themselves.

    A space beside such a word goes without saying.
    """
    differs = np.ones(len(repaired), bool)
    if len(came) == len(repaired):
        differs = np.array([a != b for a, b in zip(came, repaired, strict=True)], bool)
    else:
        for block in SequenceMatcher(None, came, repaired, autojunk=False).get_matching_blocks():
            differs[block.b : block.b + block.size] = False
    ranges = []
    for first, last in word_spans(repaired):
        if differs[first:last].any():
            ranges.append((first, last))
        differs[first:last] = False
    around = {edge for span in ranges for edge in (span[0] - 1, span[1])}
    alone = (int(at) for at in np.flatnonzero(differs) if not (repaired[at] == " " and at in around))
    return tuple(sorted([*ranges, *((at, at + 1) for at in alone)]))
