"""Encoder: every check satisfied at every size, and bit for bit the published codewords."""

import numpy as np
import pytest

from semcom.phy.coding.ldpc.base_graph import LIFTING_SIZES, base_graph
from semcom.phy.coding.ldpc.encoder import encode
from semcom.phy.coding.ldpc.rate_matching import rate_matching_positions
from semcom.phy.coding.ldpc.segmentation import select_base_graph, select_lifting_size
from semcom.phy.errors import ConfigurationError

# Information bit i is 1 where (37 i^2 + 11 i) mod 5 < 2; codewords by the generator matrices k64_n128 and k75_n210 of
# NVlabs/sionna (test data of its 5G LDPC encoder).
GOLDEN = {
    (64, 128): "f7bdef7bdef27c1f89571793cc1aa185",
    (75, 210): "7bdef7bdef7bb4942c7338367859fc136d2c4d20ac085252c45f00",
}


def encode_and_match(bits, n):
    """Information bits to n coded bits, redundancy version 0, without bit interleaving."""
    k = bits.size
    number = select_base_graph(k, k / n)
    graph = base_graph(number, select_lifting_size(number, k, k))
    information = np.zeros(graph.num_information_bits, dtype=np.uint8)
    information[:k] = bits
    buffer = encode(graph, information)[2 * graph.lifting_size :]
    return buffer[rate_matching_positions(graph, k, n, 0, 1)]


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("lifting_size", LIFTING_SIZES)
def test_codewords_satisfy_every_check(number, lifting_size, rng):
    graph = base_graph(number, lifting_size)
    information = rng.integers(0, 2, graph.num_information_bits, dtype=np.uint8)
    columns = encode(graph, information).reshape(-1, lifting_size)
    assert np.array_equal(columns[: graph.num_information_columns].reshape(-1), information)
    for row in range(graph.num_rows):
        edges = range(graph.row_start[row], graph.row_start[row + 1])
        checks = np.bitwise_xor.reduce([np.roll(columns[graph.column[e]], -graph.shift[e]) for e in edges])
        assert not checks.any()


@pytest.mark.parametrize(("k", "n"), GOLDEN)
def test_golden_codewords(k, n):
    i = np.arange(k)
    coded = encode_and_match(((37 * i * i + 11 * i) % 5 < 2).astype(np.uint8), n)
    assert np.packbits(coded).tobytes().hex() == GOLDEN[k, n]


def test_published_generator_matrices(shared_dir, rng):
    files = sorted((shared_dir / "data/radio/nr_ldpc/generator_matrices").glob("k*_n*_G.npy"))
    assert len(files) == 16
    for file in files:
        k, n = (int(part[1:]) for part in file.stem.split("_")[:2])
        row, column = np.load(file).astype(np.int64) - 1
        bits = rng.integers(0, 2, k, dtype=np.uint8)
        expected = np.bincount(column, weights=bits[row], minlength=n).astype(np.int64) % 2
        assert np.array_equal(encode_and_match(bits, n), expected), file.stem


def test_fewer_columns_are_the_beginning_of_all(rng):
    graph = base_graph(2, 20)
    information = rng.integers(0, 2, graph.num_information_bits, dtype=np.uint8)
    whole = encode(graph, information)
    assert np.array_equal(encode(graph, information, num_columns=23), whole[: 23 * 20])
    assert np.array_equal(encode(graph, information, num_columns=1), whole[: 14 * 20])


def test_refuses_wrong_shapes():
    graph = base_graph(2, 20)
    with pytest.raises(ConfigurationError, match=r"information must be uint8 \[200\]"):
        encode(graph, np.zeros(199, dtype=np.uint8))
    with pytest.raises(ConfigurationError, match="num_columns must be at most 52, got 53"):
        encode(graph, np.zeros(200, dtype=np.uint8), num_columns=53)
