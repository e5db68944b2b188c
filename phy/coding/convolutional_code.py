"""Tail-biting convolutional code of the signal field: rate 1/4, 256 states, for a few dozen bits.

At this size it stands within about 0.7 dB of what any code can do, and its decoder needs no iterations. The register
starts with the last bits of the word, so that no tail bits terminate the trellis.

References
----------
Generators 765, 671, 513, 473 (octal), free distance 24: TIA/EIA/IS-2000.2 §2.1.3.1.4.1.1 (rate 1/4, constraint
length 9). Circular decoding: Shao, Lin, Fossorier, "Two decoding algorithms for tailbiting codes", 2003.
"""

import numpy as np
from numba import njit

CONSTRAINT_LENGTH = 9
NUM_OUTPUTS = 4
_GENERATORS = np.array([0o765, 0o671, 0o513, 0o473], np.int64)
_NUM_STATES = 1 << (CONSTRAINT_LENGTH - 1)
_ROUNDS = 3  # one for the unknown start state, one that is read out, one for the end state


def _branch_outputs() -> np.ndarray:
    """Output bits, as a number 0..15, for each register content (newest bit on the left), uint8 [512]."""
    registers = np.arange(1 << CONSTRAINT_LENGTH)
    outputs = np.zeros(len(registers), np.uint8)
    for generator in _GENERATORS:
        masked = registers & generator
        parity = np.zeros_like(registers)
        for shift in range(CONSTRAINT_LENGTH):
            parity ^= (masked >> shift) & 1
        outputs = (outputs << 1) | parity.astype(np.uint8)
    return outputs


_OUTPUTS = _branch_outputs()


def encode(bits: np.ndarray) -> np.ndarray:
    """Bits to coded bits, uint8 [num_bits] -> uint8 [4 * num_bits]; at least 8 bits."""
    return _encode(np.ascontiguousarray(bits, np.uint8), _OUTPUTS)


@njit("uint8[::1](uint8[::1], uint8[::1])", cache=True, nogil=True)
def _encode(bits, outputs):
    count = bits.shape[0]
    coded = np.empty(count * NUM_OUTPUTS, np.uint8)
    register = 0
    for n in range(-CONSTRAINT_LENGTH + 1, count):  # the register starts with the last bits: a circle
        register = (register >> 1) | (np.int64(bits[n % count]) << (CONSTRAINT_LENGTH - 1))
        if n >= 0:
            for j in range(NUM_OUTPUTS):
                coded[n * NUM_OUTPUTS + j] = (outputs[register] >> (NUM_OUTPUTS - 1 - j)) & 1
    return coded


def decode(llr: np.ndarray) -> np.ndarray:
    """Most likely bits, by the circular Viterbi algorithm on the tail-biting trellis.

    Parameters
    ----------
    llr : float32 [4 * num_bits]
        log P(bit = 0) - log P(bit = 1) of the coded bits.

    Returns
    -------
    bits : uint8 [num_bits]
    """
    return viterbi(np.ascontiguousarray(llr, np.float32), _SIGNS)


def _branch_signs() -> np.ndarray:
    """Sign of each output bit where the newest and the oldest bit of the register are zero, float32 [4, 128].

    All generators take in the newest and the oldest bit: where one of them is one, all four signs are the opposite, and
    where both are, the same. So one metric serves the four branches of a butterfly.
    """
    outputs = _OUTPUTS[:_NUM_STATES:2]  # registers of newest and oldest bit zero
    bits = (outputs >> np.arange(NUM_OUTPUTS - 1, -1, -1)[:, None]) & 1
    return np.ascontiguousarray(1 - 2 * bits.astype(np.float32))


_SIGNS = _branch_signs()
_RENORMALISE_EVERY = 16  # steps; between them metrics grow by the largest LLRs of so many


@njit("uint8[::1](float32[::1], float32[:,::1])", cache=True, nogil=True, fastmath=True)
def viterbi(llr, signs):
    """See `decode`."""
    num_bits = llr.shape[0] // NUM_OUTPUTS
    steps = _ROUNDS * num_bits
    half = _NUM_STATES // 2
    metric = np.zeros(_NUM_STATES, np.float32)
    even, odd = np.empty(half, np.float32), np.empty(half, np.float32)
    took_odd = np.empty((steps, _NUM_STATES), np.uint8)
    for t in range(steps):
        position = (t % num_bits) * NUM_OUTPUTS
        a, b, c, d = llr[position], llr[position + 1], llr[position + 2], llr[position + 3]
        # State = the last 8 bits, newest on the left. States s and s + 128 are reached from 2s and 2s + 1.
        for s in range(half):
            even[s] = metric[2 * s]
            odd[s] = metric[2 * s + 1]
        decision = took_odd[t]
        for s in range(half):
            branch = a * signs[0, s] + b * signs[1, s] + c * signs[2, s] + d * signs[3, s]
            zero_even, zero_odd = even[s] + branch, odd[s] - branch
            one_even, one_odd = even[s] - branch, odd[s] + branch
            decision[s] = zero_odd > zero_even
            decision[s + half] = one_odd > one_even
            metric[s] = max(zero_even, zero_odd)
            metric[s + half] = max(one_even, one_odd)
        if t % _RENORMALISE_EVERY == 0:
            metric -= metric.max()
    state = np.argmax(metric)
    bits = np.empty(num_bits, np.uint8)
    for t in range(steps - 1, num_bits - 1, -1):
        if t < 2 * num_bits:
            bits[t - num_bits] = state // half
        state = (2 * state) % _NUM_STATES + took_odd[t, state]
    return bits
