"""Scrambling against the Gold sequence of TS 38.211 §5.2.1, written out bit by bit."""

import numpy as np
import pytest

from semcom.phy.coding.scrambler import descramble_llr, scramble

C_INIT = 0x5E3C0  # docs/waveform.md


@pytest.fixture(scope="module")
def sequence():
    x1, x2 = [1] + [0] * 30, [(C_INIT >> i) & 1 for i in range(31)]
    for n in range(1600 + 9000):
        x1.append(x1[n + 3] ^ x1[n])
        x2.append(x2[n + 3] ^ x2[n + 2] ^ x2[n + 1] ^ x2[n])
    return np.array([x1[1600 + n] ^ x2[1600 + n] for n in range(9000)], np.uint8)


@pytest.mark.parametrize("length", [1, 2, 4095, 4096, 4097, 9000])
def test_bits_are_added_to_the_sequence_from_its_beginning(length, sequence):
    assert np.array_equal(scramble(np.zeros(length, np.uint8)), sequence[:length])
    assert np.array_equal(scramble(np.ones(length, np.uint8)), 1 - sequence[:length])


def test_no_bits_are_no_bits():
    assert len(scramble(np.zeros(0, np.uint8))) == 0


def test_llrs_change_sign_where_the_sequence_is_one_and_keep_their_size(sequence, rng):
    llr = rng.standard_normal(5000).astype(np.float32)
    out = descramble_llr(llr)
    assert np.array_equal(np.abs(out), np.abs(llr))
    assert np.array_equal(out != llr, sequence[:5000] == 1)


def test_scrambling_is_its_own_inverse(rng):
    bits = rng.integers(0, 2, 5000).astype(np.uint8)
    sent = scramble(bits)
    assert np.array_equal(scramble(sent), bits)
    assert np.array_equal(descramble_llr((1.0 - 2.0 * sent).astype(np.float32)) < 0, bits == 1)
