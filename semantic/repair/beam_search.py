"""The likeliest texts behind received characters: a beam search under a model of text.

```
position by position:  texts so far × characters ─► likelihood of what was received · probability under the model
                       ─► the best of them, at most so many that the model will not tell apart any more
```
"""

from __future__ import annotations

import numpy as np
from numba import njit

from semcom.semantic.repair.character_model import (
    ALPHABET,
    EDGE,
    NUM_SYMBOLS,
    CharacterModel,
    follow,
    log_probabilities,
)

CAPITAL_FIRST = 0.9
"""Probability of a capital letter at the start of a sentence."""
CAPITAL_INSIDE = 0.006
_IMPOSSIBLE = np.float32(-1e9)
_MARGIN = np.float32(18.0)  # nats behind the best text, beyond which none is followed
_SLOTS = 1 << 13

_SMALL = np.array([EDGE, *map(ord, ALPHABET)], np.uint8)
_CAPITAL = np.array([EDGE, *(ord(c.upper()) if c.isalpha() else 0 for c in ALPHABET)], np.uint8)
_STOP, _SPACE = 1 + ALPHABET.index("."), 1 + ALPHABET.index(" ")


def likeliest_texts(model: CharacterModel, log_likelihood: np.ndarray, beam: int, copies: int) -> list[bytes]:
    """Texts by falling probability.

    Parameters
    ----------
    model : CharacterModel
    log_likelihood : float32 [length, 128]
        Of what was received at each place, for each ASCII character.
    beam : int
        Texts followed.
    copies : int
        Of texts that end alike in as many symbols as the model looks back, so many are followed: 1 for the likeliest
        text alone, more where others are wanted as well.

    Returns
    -------
    list of bytes
        Up to `beam` texts, ASCII.
    """
    small = np.ascontiguousarray(log_likelihood[:, _SMALL], np.float32)
    capital = np.ascontiguousarray(log_likelihood[:, _CAPITAL], np.float32)
    small[:, EDGE] = _IMPOSSIBLE
    capital[:, _CAPITAL == 0] = _IMPOSSIBLE
    return [bytes(text) for text in _search(model, small, capital, beam, copies)]


@njit(cache=True, nogil=True)
def _search(model, small, capital, beam, copies):
    length = small.shape[0]
    window = (np.int64(1) << (7 * (model.order - 1))) - 1
    before = np.zeros((length, beam), np.int32)
    chosen = np.zeros((length, beam), np.uint8)
    contexts, contexts_next = np.full((beam, model.order), -1, np.int32), np.full((beam, model.order), -1, np.int32)
    history, history_next = np.zeros(beam, np.int64), np.zeros(beam, np.int64)
    scores, scores_next = np.zeros(beam, np.float32), np.zeros(beam, np.float32)
    root = np.full(model.order, -1, np.int32)
    root[0] = 0
    follow(model, root, EDGE, contexts[0])
    table = np.empty(NUM_SYMBOLS, np.float32)
    candidate_score = np.empty(beam * NUM_SYMBOLS, np.float32)
    candidate = np.empty(beam * NUM_SYMBOLS, np.int64)
    keys, used = np.empty(_SLOTS, np.int64), np.empty(_SLOTS, np.int32)
    alive = 1
    for at in range(length):
        best, count = np.float32(-1e30), 0
        for h in range(alive):
            log_probabilities(model, contexts[h], table)
            last = history[h] & 127
            starts = last == EDGE or (last == _SPACE and (history[h] >> 7 & 127) == _STOP)
            p_capital = CAPITAL_FIRST if starts else CAPITAL_INSIDE
            log_capital, log_small = np.float32(np.log(p_capital)), np.float32(np.log(1 - p_capital))
            for s in range(1, NUM_SYMBOLS):
                received = small[at, s]
                is_letter = _CAPITAL[s] != 0
                if is_letter:
                    received = max(received + log_small, capital[at, s] + log_capital)
                score = scores[h] + table[s] + received
                if score > best - _MARGIN:
                    best = max(best, score)
                    candidate_score[count] = score
                    candidate[count] = h * NUM_SYMBOLS + s
                    count += 1
        order = np.argsort(-candidate_score[:count])
        used[:] = 0
        kept = 0
        for i in order:
            if kept == beam or candidate_score[i] < best - _MARGIN:
                break
            h, s = candidate[i] // NUM_SYMBOLS, candidate[i] % NUM_SYMBOLS
            ends = (history[h] << 7 | s) & window
            slot = (ends * 0x2545F4914F6CDD1D >> 20) & (_SLOTS - 1)
            while used[slot] and keys[slot] != ends:
                slot = (slot + 1) & (_SLOTS - 1)
            if used[slot] == copies:
                continue
            keys[slot] = ends
            used[slot] += 1
            last = history[h] & 127
            starts = last == EDGE or (last == _SPACE and (history[h] >> 7 & 127) == _STOP)
            p_capital = CAPITAL_FIRST if starts else CAPITAL_INSIDE
            is_capital = capital[at, s] + np.log(p_capital) > small[at, s] + np.log(1 - p_capital)
            before[at, kept] = h
            chosen[at, kept] = _CAPITAL[s] if is_capital and _CAPITAL[s] != 0 else _SMALL[s]
            scores_next[kept] = candidate_score[i]
            history_next[kept] = history[h] << 7 | s
            follow(model, contexts[h], s, contexts_next[kept])
            kept += 1
        contexts, contexts_next = contexts_next, contexts
        history, history_next = history_next, history
        scores, scores_next = scores_next, scores
        alive = kept
    for h in range(alive):
        log_probabilities(model, contexts[h], table)
        scores[h] += table[EDGE]
    texts = np.empty((alive, length), np.uint8)
    ranked = np.argsort(-scores[:alive])
    for rank in range(alive):
        h = ranked[rank]
        for at in range(length - 1, -1, -1):
            texts[rank, at] = chosen[at, h]
            h = before[at, h]
    return texts
