import pytest

from semcom.phy.burst_layout import burst_layout, channel_uses, longest_burst, max_block_bytes
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.transport_block import MAX_BLOCKS_PER_BURST, MAX_TRANSPORT_BLOCK_BYTES


@pytest.mark.parametrize("name", MCS_TABLE)
@pytest.mark.parametrize(("num_blocks", "block_bytes"), [(1, 1), (1, 40), (3, 120), (7, 33), (1, 1000)])
def test_bits_add_up(name, num_blocks, block_bytes, waveform):
    mcs = MCS_TABLE[name]
    layout = burst_layout(waveform, mcs, num_blocks, block_bytes)
    total = layout.num_data_symbols * waveform.num_data * mcs.bits_per_symbol
    assert num_blocks * layout.coded_bits_per_block + layout.num_filler_bits == total
    assert layout.coded_bits_per_block % mcs.bits_per_symbol == 0
    assert 0 <= layout.num_filler_bits < num_blocks * mcs.bits_per_symbol
    assert layout.num_samples == channel_uses(waveform, mcs, num_blocks, block_bytes)
    # No more symbols than the rate asks for, but for the last one.
    spent = (layout.num_data_symbols - 1) * waveform.num_data * mcs.bits_per_symbol
    smallest = layout.coder.segmentation.num_code_block_bits / 0.95
    assert spent < num_blocks * max((8 * block_bytes + 24) / mcs.code_rate, smallest + 2 * mcs.bits_per_symbol)


def test_qpsk_of_120_bytes_by_hand(waveform):
    """984 bits at rate 1/2 in 96 bits a symbol: 20.5, so 21 symbols; 512 + (3 + 21) * 80 samples."""
    layout = burst_layout(waveform, MCS_TABLE["qpsk-1/2"], 1, 120)
    assert (layout.num_header_symbols, layout.num_data_symbols, layout.num_samples) == (3, 21, 2432)


def test_largest_blocks_fit_and_larger_ones_do_not(waveform):
    for mcs in MCS_TABLE.values():
        size = max_block_bytes(waveform, mcs)
        assert burst_layout(waveform, mcs, 1, size).num_samples <= longest_burst(waveform)
        if size + 8 <= MAX_TRANSPORT_BLOCK_BYTES:
            with pytest.raises(ConfigurationError, match="data symbols of a burst must be at most 2048"):
                burst_layout(waveform, mcs, 1, size + 8)


def test_impossible_numbers_are_refused(waveform):
    mcs = MCS_TABLE["qpsk-1/2"]
    for count in (0, MAX_BLOCKS_PER_BURST + 1):
        with pytest.raises(ConfigurationError, match="blocks of a burst must number 1 to 64"):
            burst_layout(waveform, mcs, count, 10)
    for size in (0, MAX_TRANSPORT_BLOCK_BYTES + 1):
        with pytest.raises(ConfigurationError, match="payload must be 1 to 8192 bytes"):
            burst_layout(waveform, mcs, 1, size)
