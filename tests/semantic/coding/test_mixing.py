"""Mixer: tables against mathematics, counters that learn, weights that find the context that knows."""

import numpy as np
from numba import njit

from semcom.semantic.coding import mixing, range_coder
from semcom.semantic.coding.mixing import COUNT_MASK, NEW_COUNTER, STRETCH_LIMIT, WEIGHT_ONE


def test_squash_is_the_logistic_function():
    mixer = mixing.new_mixer(1, 1, 1, WEIGHT_ONE, 30)
    log_odds = np.arange(-STRETCH_LIMIT, STRETCH_LIMIT + 1) / mixing.STRETCH_SCALE
    exact = 65536 / (1 + np.exp(-log_odds))
    assert np.abs(mixer.squash - exact.clip(1, 65535)).max() <= 0.51
    assert mixer.squash.min() >= 1 and mixer.squash.max() <= 65535


def test_stretch_undoes_squash():
    mixer = mixing.new_mixer(1, 1, 1, WEIGHT_ONE, 30)
    log_odds = np.arange(-1200, 1201)
    returned = mixer.stretch[mixer.squash[log_odds + STRETCH_LIMIT] >> 2]
    assert np.abs(returned - log_odds).max() <= 5


def test_counter_approaches_the_frequency(rng):
    mixer = mixing.new_mixer(1, 1, 1, WEIGHT_ONE, 500)
    for bit in (rng.random(4000) < 0.2).astype(np.int64):
        mixing.learn(mixer.counters, 0, bit, mixer.rates, 500)
    assert abs((int(mixer.counters[0]) >> 16) / 65536 - 0.2) < 0.03
    assert int(mixer.counters[0]) & COUNT_MASK == 500


def test_young_counter_learns_fast_and_never_reaches_certainty():
    mixer = mixing.new_mixer(1, 1, 1, WEIGHT_ONE, 1000)
    assert mixer.counters[0] == NEW_COUNTER
    mixing.learn(mixer.counters, 0, 1, mixer.rates, 1000)
    assert 0.8 < (int(mixer.counters[0]) >> 16) / 65536 < 0.9
    for _ in range(100_000):
        mixing.learn(mixer.counters, 0, 1, mixer.rates, 1000)
    assert int(mixer.counters[0]) >> 10 < 1 << 22


@njit(cache=True)
def code_all(coder, data, mixer, bits, hints):
    for i in range(bits.size):
        mixer.slots[0] = hints[i]
        mixer.slots[1] = 2 + i % 5
        bits[i] = mixing.decide(coder, data, mixer, 2, 0, bits[i], 255, 6)


def test_mixer_trusts_the_context_that_knows(rng):
    hints = rng.integers(0, 2, 3000)
    bits = np.where(rng.random(3000) < 0.98, hints, 1 - hints)
    mixers = []

    def model(coder, data):
        mixers.append(mixing.new_mixer(7, 1, 2, WEIGHT_ONE // 2, 255))
        code_all(coder, data, mixers[-1], bits.copy(), hints)

    coded = range_coder.encode(model)
    entropy_bytes = 3000 * 0.1414 / 8
    assert len(coded) < 1.35 * entropy_bytes
    assert mixers[-1].weights[0, 0] > 1.5 * abs(int(mixers[-1].weights[0, 1]))


def test_a_fresh_copy_leaves_the_original_alone():
    mixer = mixing.new_mixer(4, 1, 2, WEIGHT_ONE, 30)
    copy = mixing.fresh(mixer)
    mixing.learn(copy.counters, 0, 1, copy.rates, 30)
    copy.weights[0, 0] = 7
    assert mixer.counters[0] == NEW_COUNTER and mixer.weights[0, 0] == WEIGHT_ONE
