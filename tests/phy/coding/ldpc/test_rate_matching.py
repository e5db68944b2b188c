"""Rate matching against a plain writing-out of TS 38.212 §5.4.2, for all redundancy versions."""

import numpy as np
import pytest

from semcom.phy.coding.ldpc.base_graph import base_graph
from semcom.phy.coding.ldpc.rate_matching import SOFT_LIMIT, combine, rate_matching_positions, split_coded_bits
from semcom.phy.errors import ConfigurationError


def starting_position(number, rv, ncb, z):
    """k0 of Table 5.4.2.1-2."""
    if number == 1:
        return [0, 17 * ncb // (66 * z) * z, 33 * ncb // (66 * z) * z, 56 * ncb // (66 * z) * z][rv]
    return [0, 13 * ncb // (50 * z) * z, 25 * ncb // (50 * z) * z, 43 * ncb // (50 * z) * z][rv]


def positions_as_written(number, z, k_filled, e_bits, rv, qm):
    """The pseudo-code of §5.4.2.1 and §5.4.2.2, one bit at a time."""
    ncb = (66 if number == 1 else 50) * z
    filler = range(k_filled - 2 * z, (22 if number == 1 else 10) * z - 2 * z)
    e, k, j = [], 0, 0
    while k < e_bits:
        position = (starting_position(number, rv, ncb, z) + j) % ncb
        if position not in filler:
            e.append(position)
            k += 1
        j += 1
    f = [None] * e_bits
    for j in range(e_bits // qm):
        for i in range(qm):
            f[i + j * qm] = e[i * e_bits // qm + j]
    return f


@pytest.mark.parametrize("redundancy_version", range(4))
@pytest.mark.parametrize(
    ("number", "lifting_size", "num_code_block_bits", "num_coded_bits", "bits_per_symbol"),
    [
        (1, 8, 22 * 8, 360, 2),
        (1, 30, 22 * 30 - 17, 1200, 6),
        (1, 5, 22 * 5 - 3, 900, 4),  # longer than the buffer: repetition
        (2, 16, 10 * 16, 300, 1),
        (2, 30, 176, 352, 2),  # four columns of filler
        (2, 12, 10 * 12 - 5, 8 * 200, 8),
    ],
)
def test_positions_are_those_of_the_standard(
    number, lifting_size, num_code_block_bits, num_coded_bits, bits_per_symbol, redundancy_version
):
    positions = rate_matching_positions(
        base_graph(number, lifting_size), num_code_block_bits, num_coded_bits, redundancy_version, bits_per_symbol
    )
    expected = positions_as_written(
        number, lifting_size, num_code_block_bits, num_coded_bits, redundancy_version, bits_per_symbol
    )
    assert positions.tolist() == expected


def test_starts_of_the_redundancy_versions():
    starts = [int(rate_matching_positions(base_graph(1, 384), 8448, 2, rv, 1)[0]) // 384 for rv in range(4)]
    assert starts == [0, 17, 33, 56]
    starts = [int(rate_matching_positions(base_graph(2, 384), 3840, 2, rv, 1)[0]) // 384 for rv in range(4)]
    assert starts == [0, 13, 25, 43]


def test_split_gives_the_later_blocks_one_symbol_more():
    assert split_coded_bits(4 * 10, 3, 4) == [12, 12, 16]
    assert split_coded_bits(124800, 7, 2, num_layers=2) == [17828] * 6 + [17832]
    assert sum(split_coded_bits(6 * 12345, 11, 6)) == 6 * 12345


def test_combining_adds_saturates_and_skips_what_is_no_number():
    soft = np.array([0, 100, SOFT_LIMIT - 1, -SOFT_LIMIT, 7, 7], dtype=np.int16)
    llr = np.array([1.5, -2.0, np.inf, -np.inf, np.nan, 1e30], dtype=np.float32)
    combine(soft, llr, np.arange(6, dtype=np.int32), 10.0)
    assert soft.tolist() == [15, 80, SOFT_LIMIT, -SOFT_LIMIT, 7, SOFT_LIMIT]
    combine(soft, np.ones(3, dtype=np.float32), np.zeros(3, dtype=np.int32), 10.0)
    assert soft[0] == 45  # repeated bits meet in one place


def test_refuses_what_cannot_be_sent():
    graph = base_graph(2, 16)
    with pytest.raises(ConfigurationError, match="redundancy_version must be 0 to 3, got 4"):
        rate_matching_positions(graph, 160, 300, 4, 2)
    with pytest.raises(ConfigurationError, match=r"multiple of bits_per_symbol \(4\), got 302"):
        rate_matching_positions(graph, 160, 302, 0, 4)
    with pytest.raises(ConfigurationError, match=r"multiple of bits_per_symbol \(6\), got 100"):
        split_coded_bits(100, 2, 6)
