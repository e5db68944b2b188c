"""Probability models for the range coder: adaptive counters and a logistic mixer, in integers.

A decision is predicted by several counters, each looked up by another context. A counter is a probability that
learns fast while it is young. The mixer adds the counters' log-odds with weights that it learns as it goes, and makes
a probability of the sum: a context that predicts well gains influence, one that has seen nothing has log-odds zero
and none.

    counters[slot_0] ─ stretch ─ × weight_0 ─┐
    counters[slot_1] ─ stretch ─ × weight_1 ─┼─ Σ ─ squash ─ probability ─ code_bit ─ bit
    ...                                      ┘       and back: counters and weights learn from bit − probability

Tables and steps are integers from end to end; the log-odds table is made by integer series, so every machine has the
same one.

References
----------
[Mahoney 2005] Adaptive weighing of context models for lossless data compression. See docs/coding.md.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numba import njit

from semcom.semantic.coding.range_coder import code_bit

STRETCH_SCALE = 256
"""Log-odds (natural logarithm) are in units of 1/256."""
STRETCH_LIMIT = 2815
"""Largest log-odds: 11.0, about the end of a 16-bit probability."""
WEIGHT_ONE = 1 << 16

COUNT_BITS = 10
COUNT_MASK = (1 << COUNT_BITS) - 1
NEW_COUNTER = np.uint32(1 << 31)
"""Probability one half, nothing seen. A counter is 22 bits of probability above 10 bits of count."""


class Mixer(NamedTuple):
    """What decisions are predicted from; numba sees it as a tuple of arrays.

    Attributes
    ----------
    counters : uint32 [num_slots]
    weights : int32 [num_weight_sets, max_inputs]
        In units of 1/65536.
    slots : int64 [max_inputs]
        Scratch: the caller writes which counters predict the next decision.
    inputs : int64 [max_inputs]
        Scratch: their log-odds.
    squash : int32 [2 * STRETCH_LIMIT + 1]
    stretch : int16 [4096 * 4]
    rates : int32 [COUNT_MASK + 1]
        Step of a counter by its count, in units of 1/65536.
    """

    counters: np.ndarray
    weights: np.ndarray
    slots: np.ndarray
    inputs: np.ndarray
    squash: np.ndarray
    stretch: np.ndarray
    rates: np.ndarray


@cache
def _tables() -> tuple[np.ndarray, np.ndarray]:
    """Squash (log-odds → probability) and its inverse, by integers of 96 fractional bits."""
    one = 1 << 96
    term, step = one, one  # step = exp(1/256) by its series
    for k in range(1, 24):
        term //= STRETCH_SCALE * k
        step += term
    power, positive = one, []
    for _ in range(STRETCH_LIMIT + 1):
        positive.append((65536 * power + (one + power) // 2) // (one + power))  # 65536 / (1 + exp(-x)), rounded
        power = power * step >> 96
    squash = [65536 - p for p in positive[:0:-1]] + positive
    squash = np.clip(np.array(squash, dtype=np.int32), 1, 65535)
    # The middle of each of 16384 cells of probability, through the inverse of the rising table.
    centres = (np.arange(1 << 14) << 2) + 2
    stretch = (np.searchsorted(squash, centres) - STRETCH_LIMIT).clip(-STRETCH_LIMIT, STRETCH_LIMIT)
    return squash, stretch.astype(np.int16)


@cache
def _rates(limit: int) -> np.ndarray:
    """Steps 1/(n + 1.5) while the count n is below `limit`; the count stays there."""
    counts = np.minimum(np.arange(COUNT_MASK + 1), limit)
    return (2 * 65536 // (2 * counts + 3)).astype(np.int32)


def new_mixer(num_slots: int, num_weight_sets: int, max_inputs: int, weight: int, limit: int) -> Mixer:
    """A mixer that has seen nothing.

    Parameters
    ----------
    num_slots, num_weight_sets, max_inputs : int
    weight : int
        Every input's first weight, WEIGHT_ONE = 1.
    limit : int
        Count at which counters stop slowing down, up to COUNT_MASK.
    """
    squash, stretch = _tables()
    return Mixer(
        counters=np.full(num_slots, NEW_COUNTER, dtype=np.uint32),
        weights=np.full((num_weight_sets, max_inputs), weight, dtype=np.int32),
        slots=np.zeros(max_inputs, dtype=np.int64),
        inputs=np.zeros(max_inputs, dtype=np.int64),
        squash=squash,
        stretch=stretch,
        rates=_rates(limit),
    )


def fresh(mixer: Mixer) -> Mixer:
    """A copy to code one map or text with, in one thread; tables are shared."""
    return mixer._replace(
        counters=mixer.counters.copy(),
        weights=mixer.weights.copy(),
        slots=mixer.slots.copy(),
        inputs=mixer.inputs.copy(),
    )


@njit(nogil=True, cache=True)
def learn(counters, slot, bit, rates, limit):
    """Move one counter towards the bit it saw."""
    state = np.int64(counters[slot])
    count = state & COUNT_MASK
    probability = state >> COUNT_BITS
    target = 4194303 if bit else 0
    probability += ((target - probability) * rates[count]) >> 16
    if count < limit:
        count += 1
    counters[slot] = np.uint32((probability << COUNT_BITS) | count)


@njit(nogil=True, cache=True)
def decide(coder, data, mixer, num_inputs, weight_set, bit, limit, step):
    """Code one decision by the counters named in `mixer.slots[:num_inputs]`, and learn from it.

    `step` is the mixer's learning rate; 0 leaves the weights alone. Returns the bit.
    """
    counters, weights, slots, inputs, squash, stretch, rates = mixer
    total = 0
    for i in range(num_inputs):
        x = np.int64(stretch[counters[slots[i]] >> 18])
        inputs[i] = x
        total += x * weights[weight_set, i]
    total >>= 16
    total = min(max(total, -STRETCH_LIMIT), STRETCH_LIMIT)
    probability = np.int64(squash[total + STRETCH_LIMIT])
    bit = code_bit(coder, data, bit, probability)
    error = ((65536 if bit else 0) - probability) * step
    for i in range(num_inputs):
        weights[weight_set, i] += (inputs[i] * error + (1 << 19)) >> 20
        learn(counters, slots[i], bit, rates, limit)
    return bit
