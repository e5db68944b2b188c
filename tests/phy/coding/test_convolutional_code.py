import numpy as np
import pytest

from semcom.phy.coding import convolutional_code


def test_encoder_is_the_shift_register_of_the_generators(rng):
    bits = rng.integers(0, 2, 40).tolist()
    generators = [0o765, 0o671, 0o513, 0o473]
    expected = []
    for n in range(40):
        window = [bits[(n - delay) % 40] for delay in range(9)]  # newest first, tail-biting
        for generator in generators:
            taps = [(generator >> (8 - delay)) & 1 for delay in range(9)]
            expected.append(sum(t & b for t, b in zip(taps, window, strict=True)) % 2)
    assert convolutional_code.encode(np.array(bits)).tolist() == expected


def test_corrects_what_its_distance_promises(rng):
    """Free distance 24: any 11 wrong bits of 256 are corrected."""
    for _ in range(50):
        bits = rng.integers(0, 2, 64).astype(np.uint8)
        llr = 1.0 - 2.0 * convolutional_code.encode(bits).astype(np.float32)
        llr[rng.choice(256, 11, replace=False)] *= -1
        assert np.array_equal(convolutional_code.decode(llr), bits)


@pytest.mark.parametrize(("esno_db", "most"), [(0.0, 0.004)])
def test_word_errors_stay_near_the_limit(esno_db, most, rng):
    """64 bits in 128 QPSK symbols: the normal approximation allows 1e-3 at -1.4 dB; this code is within 1.4 dB."""
    noise = np.sqrt(10 ** (-esno_db / 10))
    errors = 0
    for _ in range(2000):
        bits = rng.integers(0, 2, 64).astype(np.uint8)
        received = (1 - 2.0 * convolutional_code.encode(bits)) + noise * rng.standard_normal(256)
        errors += not np.array_equal(convolutional_code.decode(received.astype(np.float32)), bits)
    assert errors / 2000 <= most


def test_hostile_values_still_give_bits():
    for value in (0.0, np.inf, -np.inf, np.nan):
        bits = convolutional_code.decode(np.full(256, value, np.float32))
        assert bits.shape == (64,) and set(bits.tolist()) <= {0, 1}
