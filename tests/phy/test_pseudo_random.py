import numpy as np

from semcom.phy.pseudo_random import bpsk_sequence, gold_sequence, qpsk_sequence


def test_gold_sequence_follows_the_recursion_of_the_standard():
    """TS 38.211 §5.2.1 written out bit by bit."""
    c_init, length = 0x2A5A5A5, 300
    x1 = [1] + [0] * 30
    x2 = [(c_init >> i) & 1 for i in range(31)]
    for n in range(1600 + length):
        x1.append(x1[n + 3] ^ x1[n])
        x2.append(x2[n + 3] ^ x2[n + 2] ^ x2[n + 1] ^ x2[n])
    expected = [x1[1600 + n] ^ x2[1600 + n] for n in range(length)]
    assert gold_sequence(c_init, length).tolist() == expected


def test_derived_sequences_have_unit_energy():
    assert np.allclose(np.abs(qpsk_sequence(7, 100)), 1)
    assert set(bpsk_sequence(7, 100).tolist()) == {1.0, -1.0}
