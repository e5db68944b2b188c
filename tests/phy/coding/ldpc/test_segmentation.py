"""Sizes of transport and code blocks."""

import pytest

from semcom.phy.coding.ldpc.segmentation import segment, select_base_graph
from semcom.phy.errors import ConfigurationError


@pytest.mark.parametrize(
    ("num_payload_bits", "code_rate", "crc", "graph", "blocks", "block_bits", "lifting_size"),
    [
        (8, 0.5, "CRC16", 2, 1, 24, 4),
        (160, 0.5, "CRC16", 2, 1, 176, 30),
        (3824, 0.67, "CRC16", 2, 1, 3840, 384),
        (3824, 0.68, "CRC16", 1, 1, 3840, 176),
        (3832, 0.5, "CRC24A", 1, 1, 3856, 176),
        (8424, 0.5, "CRC24A", 1, 1, 8448, 384),
        (8432, 0.5, "CRC24A", 1, 2, 4252, 208),
        (9992, 0.5, "CRC24A", 1, 2, 5032, 240),
        (3832, 0.2, "CRC24A", 2, 2, 1952, 208),
        (94248, 0.754, "CRC24A", 1, 12, 7880, 384),
    ],
)
def test_sizes(num_payload_bits, code_rate, crc, graph, blocks, block_bits, lifting_size):
    s = segment(num_payload_bits, code_rate)
    assert (s.crc.name, s.graph.number, s.num_code_blocks) == (crc, graph, blocks)
    assert (s.num_code_block_bits, s.graph.lifting_size, s.num_padding_bits) == (block_bits, lifting_size, 0)


@pytest.mark.parametrize("code_rate", [0.1, 0.25, 0.5, 0.67, 0.9])
def test_every_payload_of_whole_bytes_fits(code_rate):
    for payload_bytes in (*range(1, 3000, 7), *range(3000, 16385, 331)):
        s = segment(8 * payload_bytes, code_rate)
        carried = s.num_code_blocks * (s.num_code_block_bits - (24 if s.num_code_blocks > 1 else 0))
        assert carried == 8 * payload_bytes + s.crc.num_bits + s.num_padding_bits
        assert 0 <= s.num_padding_bits < s.num_code_blocks
        assert 2 * s.graph.lifting_size < s.num_code_block_bits <= s.graph.num_information_bits


def test_base_graph_boundaries():
    assert [select_base_graph(292, 0.9), select_base_graph(293, 0.9)] == [2, 1]
    assert [select_base_graph(3824, 0.67), select_base_graph(3825, 0.67)] == [2, 1]
    assert [select_base_graph(100000, 0.25), select_base_graph(100000, 0.26)] == [2, 1]


def test_refuses_empty_blocks_and_impossible_rates():
    with pytest.raises(ConfigurationError, match="num_payload_bits must be at least 1, got 0"):
        segment(0, 0.5)
    for rate in (0.0, 1.0, float("nan")):
        with pytest.raises(ConfigurationError, match="code_rate must be between 0 and 1"):
            segment(100, rate)
