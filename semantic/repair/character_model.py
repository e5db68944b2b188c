"""A model of caption text: the probability of each character after the ones before it, by n-grams with back-off.

The n-grams lie in a trie, level by level; those of one context lie side by side, by symbol. A file holds 8-bit numbers
only, and of each n-gram what `experiments/training/train_caption_ngrams.py` made of counts of two and more.

References
----------
[Chen 1999] back-off and Kneser-Ney smoothing. See docs/references.md.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit

from semcom.semantic.errors import ModelError

EDGE = 0
"""The symbol before the first character and after the last one."""
ALPHABET = "".join(chr(code) for code in range(32, 127) if not chr(code).isupper())
"""Characters by symbol, from 1; capital letters count as small ones."""
NUM_SYMBOLS = 1 + len(ALPHABET)
MAX_ORDER = 9
MAX_NGRAMS = 1 << 20
LOG_STEP = 1 / 16
"""Nats of a step in the file: 255 of them are a probability of 1e-7."""

FILE = Path(__file__).parents[1] / "weights" / "caption_ngrams.npz"


class CharacterModel(NamedTuple):
    """The trie; node 0 is the empty context.

    Attributes
    ----------
    symbol : uint8 [num_nodes]
        Last symbol of the n-gram.
    log_probability : float32 [num_nodes]
        Of that symbol after the ones before it.
    log_back_off : float32 [num_nodes]
        With the n-gram as context: what the shorter context's probabilities are multiplied by.
    first_child : int32 [num_nodes + 1]
        Children of a node are those from its entry up to the next one.
    order : int
        Symbols of the longest n-grams.
    """

    symbol: np.ndarray
    log_probability: np.ndarray
    log_back_off: np.ndarray
    first_child: np.ndarray
    order: int


def symbols_of(text: str) -> np.ndarray:
    """Symbols of a text, uint8 [length]; what is not in the alphabet counts as a space."""
    return np.array([_SYMBOL_OF.get(character, 1) for character in text.lower()], np.uint8)


def save(path: Path, symbol: np.ndarray, log_probability: np.ndarray, log_back_off: np.ndarray, level: list) -> None:
    """Write a model.

    Parameters
    ----------
    path : Path
    symbol, log_probability, log_back_off
        As in `CharacterModel`, level after level, without the empty context.
    level : list of int [num_nodes of the level] arrays
        Of each level, number of children of each node of the level before.
    """
    np.savez_compressed(
        path,
        symbol=symbol.astype(np.uint8),
        probability=_steps(-log_probability),
        back_off=_steps(_BACK_OFF_SHIFT - log_back_off),
        **{f"children_{n}": counts.astype(np.uint8) for n, counts in enumerate(level)},
    )


@lru_cache(maxsize=2)
def load(path: Path = FILE) -> CharacterModel:
    """Read a model.

    Raises
    ------
    ModelError
        The file is missing or is none.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            order = sum(name.startswith("children_") for name in file.files)
            levels = [file[f"children_{n}"].astype(np.int64) for n in range(order)]
            symbol, probability, back_off = file["symbol"], file["probability"], file["back_off"]
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{path.name} must be a readable model of characters, got: {error}") from None
    num_nodes = 1 + len(symbol)
    sizes = [1, *(int(counts.sum()) for counts in levels)]
    fits = [len(counts) for counts in levels] == sizes[:-1] and sum(sizes) == num_nodes
    if not 1 <= order <= MAX_ORDER or not fits or num_nodes > MAX_NGRAMS or not len(symbol) == len(probability):
        raise ModelError(f"{path.name} must hold at most {MAX_NGRAMS} n-grams that form a trie, got {num_nodes}")
    if len(back_off) != num_nodes - sizes[-1] or symbol.max(initial=0) >= NUM_SYMBOLS:
        raise ModelError(f"{path.name} must have symbols below {NUM_SYMBOLS} and a back-off for each context")
    children = np.concatenate([*levels, np.zeros(sizes[-1] + 1, np.int64)])[: num_nodes + 1]
    first = 1 + np.concatenate([[0], np.cumsum(children[:num_nodes])])
    log_back_off = np.zeros(num_nodes, np.float32)
    log_back_off[: len(back_off)] = _BACK_OFF_SHIFT - back_off * np.float32(LOG_STEP)
    return CharacterModel(
        np.concatenate([[0], symbol]).astype(np.uint8),
        np.concatenate([[0], probability * np.float32(-LOG_STEP)]).astype(np.float32),
        log_back_off,
        first.astype(np.int32),
        order,
    )


@njit(cache=True, nogil=True)
def child(model, node, symbol):
    """The node of an n-gram one symbol longer; -1 where it is not known."""
    low, high = model.first_child[node], model.first_child[node + 1]
    while low < high:
        middle = (low + high) // 2
        if model.symbol[middle] < symbol:
            low = middle + 1
        else:
            high = middle
    return low if low < model.first_child[node + 1] and model.symbol[low] == symbol else -1


@njit(cache=True, nogil=True)
def log_probabilities(model, contexts, out):
    """Log-probability of each symbol, into float32 [NUM_SYMBOLS].

    `contexts`: int32 [order], nodes of the last 0, 1, 2 ... symbols; -1 from where one is not known.
    """
    out[:] = np.float32(-30)
    for k in range(contexts.shape[0]):
        node = contexts[k]
        if node < 0:
            break
        if k > 0:
            for s in range(out.shape[0]):
                out[s] += model.log_back_off[node]
        for at in range(model.first_child[node], model.first_child[node + 1]):
            out[model.symbol[at]] = model.log_probability[at]


@njit(cache=True, nogil=True)
def follow(model, contexts, symbol, out):
    """Contexts after one more symbol, into int32 [order]."""
    out[0] = 0
    for k in range(1, out.shape[0]):
        out[k] = child(model, contexts[k - 1], symbol) if contexts[k - 1] >= 0 else -1


def log_probability(model: CharacterModel, text: str) -> float:
    """Of a whole text and its end, in nats."""
    contexts, after = (np.full(model.order, -1, np.int32) for _ in range(2))
    contexts[0] = 0
    follow(model, contexts.copy(), EDGE, contexts)
    table = np.empty(NUM_SYMBOLS, np.float32)
    total = 0.0
    for symbol in (*symbols_of(text), EDGE):
        log_probabilities(model, contexts, table)
        total += float(table[symbol])
        follow(model, contexts, symbol, after)
        contexts[:] = after
    return total


_SYMBOL_OF = {character: symbol for symbol, character in enumerate(ALPHABET, start=1)}
_BACK_OFF_SHIFT = np.float32(2.0)


def _steps(nats: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(np.asarray(nats) / LOG_STEP), 0, 255).astype(np.uint8)
