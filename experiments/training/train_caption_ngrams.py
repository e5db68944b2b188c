"""Train the model of caption text that repairs damaged captions: character n-grams, modified Kneser-Ney smoothing.

    python -m semcom.experiments.training.train_caption_ngrams --shared ../shared

Only n-grams that were seen `--least-count` times are written, at least twice: no sentence can be read off the file. The
captions of held-out photos (`caption_split`) are not read. Prints bits per character of the test captions.

References
----------
[Chen 1999], modified Kneser-Ney: probabilities are made of all counts, then n-grams are dropped and their contexts'
back-off weights set anew.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from semcom.experiments.training.caption_split import test_captions, training_captions
from semcom.semantic.repair import character_model
from semcom.semantic.repair.character_model import EDGE, NUM_SYMBOLS, symbols_of

_BITS = 7
_FLOOR = 1e-5  # of every symbol, before anything is known


class Level(NamedTuple):
    """All n-grams of one length: codes in order (7 bits a symbol, first symbol highest), times seen, probability."""

    codes: np.ndarray
    seen: np.ndarray
    probability: np.ndarray


def train(captions: list[str], order: int) -> list[Level]:
    """Smoothed probabilities of every n-gram up to `order` symbols."""
    text = np.concatenate([np.concatenate([[EDGE], symbols_of(caption), [EDGE]]) for caption in captions])
    counted = [_count(text, length) for length in range(1, order + 1)]
    levels: list[Level] = []
    for length, (codes, seen) in enumerate(counted, start=1):
        counts = seen if length == order else _continuations(codes, seen, length, counted[length][0])
        levels.append(Level(codes, seen, _smoothed(codes, counts, length, levels)))
    return levels


def _count(text: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes of the n-grams inside captions, and how often each was seen."""
    windows = np.lib.stride_tricks.sliding_window_view(text, length)
    if length == 1:
        codes = text[1:][(text[1:] != EDGE) | (text[:-1] != EDGE)].astype(np.int64)
    else:
        inside = (windows[:, 1:-1] != EDGE).all(axis=1) & ~((windows[:, 0] == EDGE) & (windows[:, 1] == EDGE))
        codes = np.zeros(int(inside.sum()), np.int64)
        for column in range(length):
            codes = codes << _BITS | windows[inside, column]
    return np.unique(codes, return_counts=True)


def _continuations(codes: np.ndarray, seen: np.ndarray, length: int, longer: np.ndarray) -> np.ndarray:
    """Number of different symbols before each n-gram; what begins a caption has none and keeps its count."""
    suffixes, counts = np.unique(longer & (1 << _BITS * length) - 1, return_counts=True)
    found = np.zeros(len(codes), np.int64)
    at = np.searchsorted(codes, suffixes)
    found[at] = counts
    begins = codes >> _BITS * (length - 1) == EDGE if length > 1 else np.zeros(len(codes), bool)
    return np.where(begins, seen, np.maximum(found, 1))


def _smoothed(codes: np.ndarray, counts: np.ndarray, length: int, levels: list[Level]) -> np.ndarray:
    """Modified Kneser-Ney: discounted counts, and of what that frees the shorter context's share."""
    n1, n2, n3, n4 = (max(int(np.sum(counts == n)), 1) for n in (1, 2, 3, 4))
    unit = n1 / (n1 + 2 * n2)
    discounts = np.array([0, 1 - 2 * unit * n2 / n1, 2 - 3 * unit * n3 / n2, 3 - 4 * unit * n4 / n3]).clip(0.05, 2.9)
    discounts[0] = 0
    discounted = counts - np.minimum(discounts[np.minimum(counts, 3)], counts * 0.95)
    _, context = np.unique(codes >> _BITS, return_inverse=True)
    total = np.bincount(context, counts)[context]
    freed = np.bincount(context, counts - discounted)[context] / total
    if length == 1:
        return discounted / total * (1 - NUM_SYMBOLS * _FLOOR) + freed / NUM_SYMBOLS + _FLOOR
    shorter = levels[-1]
    below = shorter.probability[np.searchsorted(shorter.codes, codes & (1 << _BITS * (length - 1)) - 1)]
    return discounted / total + freed * below


def prune(levels: list[Level], least_count: list[int]) -> tuple[list[Level], list[np.ndarray]]:
    """N-grams seen often enough (every symbol is kept), and the logarithm of each one's back-off as a context."""
    first = np.full(NUM_SYMBOLS, _FLOOR)
    first[levels[0].codes] = levels[0].probability
    kept = [Level(np.arange(NUM_SYMBOLS), np.ones(NUM_SYMBOLS), first / first.sum())]
    for level, least in zip(levels[1:], least_count[1:], strict=True):
        often = level.seen >= least
        known = np.isin(level.codes >> _BITS, kept[-1].codes)
        kept.append(Level(*(part[often & known] for part in level)))
    back_off = []
    for length, (level, longer) in enumerate(pairwise(kept), start=1):
        parent = np.searchsorted(level.codes, longer.codes >> _BITS)
        suffix = np.searchsorted(level.codes, longer.codes & (1 << _BITS * length) - 1)
        left = 1 - np.bincount(parent, longer.probability, len(level.codes))
        left_below = 1 - np.bincount(parent, level.probability[suffix], len(level.codes))
        back_off.append(np.log(np.maximum(left, 1e-6) / np.maximum(left_below, 1e-6)))
    return kept, back_off


def write(path: Path, levels: list[Level], back_off: list[np.ndarray]) -> None:
    """The pruned model as a file."""
    children = [np.array([NUM_SYMBOLS])]
    for level, longer in pairwise(levels):
        parents = np.searchsorted(level.codes, longer.codes >> _BITS)
        children.append(np.bincount(parents, minlength=len(level.codes)))
    symbol = np.concatenate([level.codes & (1 << _BITS) - 1 for level in levels])
    probability = np.concatenate([np.log(level.probability) for level in levels])
    character_model.save(path, symbol, probability, np.concatenate([[0.0], *back_off]), children)


def bits_per_character(captions: list[str]) -> float:
    """Of the shipped file, the end counted as a character."""
    model = character_model.load()
    nats = sum(character_model.log_probability(model, caption) for caption in captions)
    return -nats / np.log(2) / sum(len(caption) + 1 for caption in captions)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--shared", type=Path, required=True, help="Folder with data/.")
    parser.add_argument("--order", type=int, default=9, help="Symbols of the longest n-grams.")
    parser.add_argument(
        "--least-count",
        type=int,
        nargs="+",
        default=[2, 2, 2, 2, 2, 2, 2, 3, 4],
        help="By length; the last one goes on.",
    )
    parser.add_argument("--out", type=Path, default=character_model.FILE)
    arguments = parser.parse_args()
    if min(arguments.least_count) < 2:
        parser.error("--least-count must be 2 or more: what was seen once would quote a caption")
    least = [*arguments.least_count, *[arguments.least_count[-1]] * arguments.order][: arguments.order]
    captions = training_captions(arguments.shared)
    levels, back_off = prune(train(captions, arguments.order), least)
    write(arguments.out, levels, back_off)
    sizes = ", ".join(str(len(level.codes)) for level in levels)
    print(f"{len(captions)} captions; n-grams by length: {sizes}; {arguments.out.stat().st_size} bytes")
    character_model.load.cache_clear()
    if arguments.out == character_model.FILE:
        print(f"{bits_per_character(test_captions(arguments.shared)):.3f} bits a character on the test captions")


if __name__ == "__main__":
    main()
