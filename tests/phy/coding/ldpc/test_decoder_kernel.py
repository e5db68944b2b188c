"""The kernel's check rule against exact arithmetic, and what it must not touch."""

import numpy as np
import pytest

from semcom.phy.coding.ldpc.base_graph import base_graph
from semcom.phy.coding.ldpc.decoder_kernel import UNIT, _box_plus, _correction, decode_layered
from semcom.phy.coding.ldpc.encoder import encode

add_signless = _box_plus.py_func
correction = _correction.py_func


def exact(a, b):
    """Magnitude of the LLR of the sum of two bits."""
    return 2 * np.arctanh(np.tanh(a / 2) * np.tanh(b / 2))


@pytest.mark.parametrize("x", [0, 5, 11, 20, 40, 100, 2000])
def test_the_correction_is_a_logarithm_within_a_tenth(x):
    assert correction(np.int16(x)) / UNIT == pytest.approx(np.log1p(np.exp(-x / UNIT)), abs=0.1)
    assert correction(np.int16(x)) >= 0


@pytest.mark.parametrize("a", [3, 16, 40, 100])
@pytest.mark.parametrize("b", [2, 16, 33, 500])
def test_a_check_of_two_bits_is_exact_within_a_fifth(a, b, monkeypatch):
    monkeypatch.setitem(add_signless.__globals__, "_correction", correction)
    assert add_signless(np.int16(a), np.int16(b)) / UNIT == pytest.approx(exact(a / UNIT, b / UNIT), abs=0.2)
    assert add_signless(np.int16(a), np.int16(b)) == add_signless(np.int16(b), np.int16(a))


def test_bits_are_written_within_their_word_when_the_last_column_is_cut(rng):
    """K' is no multiple of Z: the kernel writes K' bits, and nothing behind them."""
    graph, num_bits = base_graph(2, 10), 93
    information = np.zeros(graph.num_information_bits, np.uint8)
    information[:num_bits] = rng.integers(0, 2, num_bits)
    soft = (100 * (1 - 2 * encode(graph, information)[20:].astype(np.int16)))[None]
    guarded = np.full((1, 200), 7, np.uint8)
    bits, parity_ok = guarded[:, :num_bits], np.zeros(1, np.bool_)
    edges = (graph.row_start, graph.column, graph.shift)
    nothing = np.empty((0, 0), np.int16)
    iterations, _ = decode_layered(soft.astype(np.int16), bits, parity_ok, nothing, 10, 10, *edges, 20)
    assert parity_ok[0] and 1 <= iterations < 20
    assert np.array_equal(bits[0], information[:num_bits])
    assert np.all(guarded[:, num_bits:] == 7)
