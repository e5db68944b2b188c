"""Range coder: round trips, its length against entropy, its bytes against exact arithmetic, cut and long data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from semcom.semantic.coding import range_coder
from semcom.semantic.errors import LayerError, PacketError


@njit(cache=True)
def run(coder, data, bits, probabilities):
    for i in range(bits.size):
        bits[i] = range_coder.code_bit(coder, data, bits[i], probabilities[i])
        if range_coder.exhausted(coder):
            break


def encode(bits, probabilities):
    return range_coder.encode(lambda coder, data: run(coder, data, bits.copy(), probabilities), 16)


def decode(coded, probabilities):
    bits = np.zeros_like(probabilities)
    range_coder.decode(lambda coder, data: run(coder, data, bits, probabilities), coded, "bits")
    return bits


def drawn(rng, num_bits, probability=None):
    probabilities = rng.integers(1, 65536, num_bits) if probability is None else np.full(num_bits, probability)
    return (rng.integers(0, 65536, num_bits) < probabilities).astype(np.int64), probabilities


@pytest.mark.parametrize("probability", [1, 700, 32768, 65535, None])
@pytest.mark.parametrize("num_bits", [0, 1, 7, 300, 20_000])
def test_length_is_entropy_and_bits_return(rng, num_bits, probability):
    bits, probabilities = drawn(rng, num_bits, probability)
    coded = encode(bits, probabilities)
    chosen = np.where(bits == 1, probabilities, 65536 - probabilities) / 65536
    entropy_bytes = -np.log2(chosen).sum() / 8
    assert entropy_bytes - 1 <= len(coded) <= entropy_bytes * 1.0005 + 1.5
    assert np.array_equal(decode(coded, probabilities), bits)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([1, 2, 255, 32768, 65280, 65534, 65535])), max_size=400))
def test_any_decisions_return(decisions):
    bits = np.array([int(bit) for bit, _ in decisions], dtype=np.int64)
    probabilities = np.array([p for _, p in decisions], dtype=np.int64)
    assert np.array_equal(decode(encode(bits, probabilities), probabilities), bits)


def test_bytes_lie_in_the_exact_interval(rng):
    """An exact integer interval, without windows or carries, contains the coded number and its neighbours above."""
    bits, probabilities = drawn(rng, 2000)
    low, width, shift = 0, 1 << 40, 0
    for bit, probability in zip(bits.tolist(), probabilities.tolist(), strict=True):
        bound = (width >> 16) * probability
        low, width = (low, bound) if bit else (low + bound, width - bound)
        while width < 1 << 32:
            low, width, shift = low << 8, width << 8, shift + 8
    coded = encode(bits, probabilities)
    number = int.from_bytes(coded, "big") << (40 + shift - 8 * len(coded))
    assert low <= number < low + width


def test_carry_runs_through_many_bytes():
    """Decisions that keep the interval around a boundary of the first byte: 0x7FFFFF... or 0x800000..."""
    for last in (0, 1):
        bits = np.array([1] + [0] * 200 + [last], dtype=np.int64)
        probabilities = np.array([32768] + [1] * 200 + [32768], dtype=np.int64)
        assert np.array_equal(decode(encode(bits, probabilities), probabilities), bits)


def test_cut_or_long_data_is_refused(rng):
    bits, probabilities = drawn(rng, 4000)
    coded = encode(bits, probabilities)
    with pytest.raises(PacketError, match="must not end early"):
        decode(coded[: len(coded) // 2], probabilities)
    with pytest.raises(PacketError, match=r"must be used up, got \d bytes too many"):
        decode(coded + bytes(2 + range_coder.WINDOW_BYTES), probabilities)
    with pytest.raises(PacketError, match="length must be at most"):
        decode(bytes(range_coder.MAX_CODED_BYTES + 1), probabilities)


def test_an_encoder_gives_up_at_the_limit(monkeypatch, rng):
    monkeypatch.setattr(range_coder, "MAX_CODED_BYTES", 64)
    bits, probabilities = drawn(rng, 4000)
    with pytest.raises(LayerError, match="at most 64 bytes"):
        encode(bits, probabilities)
