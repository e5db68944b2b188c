"""Burst layout: number of OFDM symbols for a payload, and coded bits of each transport block.

```
| preamble | signal field | data symbols ...................................... |
                          | block 0 | block 1 | ... | block n-1 | filler bits  |   in coded bits
                          | coded part | filler bits |  soft text               |   or one block with soft text
                          | coded part | filler bits |  analog symbols          |   or with complex symbols
```

Blocks share the data symbols without gaps, in equal parts of whole constellation symbols; what is left over at the end
is filled with zeros (scrambled like everything else). Soft text, or analog symbols, begin with an OFDM symbol of their
own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from semcom.phy import soft_text
from semcom.phy.coding import signal_field
from semcom.phy.coding.signal_field import SignalField
from semcom.phy.coding.transport_block_coding import TransportBlockCoder, minimum_coded_bits, transport_block_coder
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import Mcs
from semcom.phy.transport_block import MAX_BLOCKS_PER_BURST, MAX_TRANSPORT_BLOCK_BYTES, TransportBlock
from semcom.phy.waveform import Waveform

_CRC_BITS = 24  # allowance per block when the number of symbols is chosen


@dataclass(frozen=True)
class BurstLayout:
    """Sizes of one burst.

    Attributes
    ----------
    num_header_symbols, num_data_symbols : int
        OFDM symbols of the signal field and of the coded payload.
    num_soft_symbols : int
        OFDM symbols of the soft text, or of the analog symbols, after it.
    coded_bits_per_block : int
    num_filler_bits : int
    num_samples : int
        Of the whole burst at the nominal rate, preamble included: its channel uses.
    coder : TransportBlockCoder
        For every block of the burst.
    """

    num_header_symbols: int
    num_data_symbols: int
    coded_bits_per_block: int
    num_filler_bits: int
    num_samples: int
    coder: TransportBlockCoder
    num_soft_symbols: int = 0

    @property
    def num_payload_symbols(self) -> int:
        """OFDM symbols after the signal field."""
        return self.num_data_symbols + self.num_soft_symbols


@lru_cache(maxsize=256)
def burst_layout(
    waveform: Waveform,
    mcs: Mcs,
    num_blocks: int,
    block_bytes: int,
    form: str | None = None,
    soft_bytes: int = 0,
    soft_bits_per_symbol: int = 2,
    analog_symbols: int = 0,
) -> BurstLayout:
    """Layout of a burst of `num_blocks` blocks of `block_bytes` bytes; `form` of the signal field as for new data.

    Where `soft_bytes` follow as soft text, or `analog_symbols`, `block_bytes` are those of the coded part.

    Raises
    ------
    ConfigurationError
        The numbers are out of range, or the burst would be longer than the waveform allows.
    """
    if not 1 <= num_blocks <= MAX_BLOCKS_PER_BURST:
        raise ConfigurationError(f"blocks of a burst must number 1 to {MAX_BLOCKS_PER_BURST}, got {num_blocks}")
    if not 1 <= block_bytes <= MAX_TRANSPORT_BLOCK_BYTES:
        raise ConfigurationError(f"payload must be 1 to {MAX_TRANSPORT_BLOCK_BYTES} bytes, got {block_bytes}")
    bits = mcs.bits_per_symbol
    num_symbols = _data_symbols(waveform, mcs, num_blocks, block_bytes)
    soft_symbols = soft_text.num_symbols(soft_bytes, soft_bits_per_symbol, waveform.num_data)
    soft_symbols += -(-analog_symbols // waveform.num_data)
    if num_symbols + soft_symbols > waveform.max_data_symbols:
        soft = f" and {soft_bytes} of soft text" if soft_bytes else ""
        soft += f" and {analog_symbols} analog symbols" if analog_symbols else ""
        needed = num_symbols + soft_symbols
        raise ConfigurationError(
            f"data symbols of a burst must be at most {waveform.max_data_symbols} (max_data_symbols of "
            f"{waveform.name}), got {needed} for {num_blocks} x {block_bytes} bytes at {mcs.name}{soft}"
        )
    total_bits = num_symbols * waveform.num_data * bits
    coded_bits = total_bits // bits // num_blocks * bits
    header_symbols = signal_field.num_symbols(waveform, form or mcs.header_form)
    return BurstLayout(
        num_header_symbols=header_symbols,
        num_data_symbols=num_symbols,
        coded_bits_per_block=coded_bits,
        num_filler_bits=total_bits - num_blocks * coded_bits,
        num_samples=waveform.preamble_length + (header_symbols + num_symbols + soft_symbols) * waveform.symbol_length,
        coder=transport_block_coder(block_bytes, bits, mcs.code_rate, coded_bits),
        num_soft_symbols=soft_symbols,
    )


def layout_of(waveform: Waveform, field: SignalField) -> BurstLayout:
    """Layout of the burst that a signal field announces; `ConfigurationError` as from `burst_layout`."""
    sizes = field.num_blocks, field.block_bytes, field.form, field.soft_bytes, field.soft_bits_per_symbol
    return burst_layout(waveform, field.mcs, *sizes, field.analog_symbols)


def block_layout(waveform: Waveform, mcs: Mcs, block: TransportBlock) -> BurstLayout:
    """Layout of a burst of this block alone, new data; `ConfigurationError` where it does not fit one."""
    coded = len(block.payload) if block.coded_bytes is None else block.coded_bytes
    soft = block.soft_bytes, block.soft_bits_per_symbol
    return burst_layout(waveform, mcs, 1, coded, None, *soft, block.analog_symbols)


def channel_uses(waveform: Waveform, mcs: Mcs, num_blocks: int, block_bytes: int) -> int:
    """Samples on air of one burst at the nominal rate, without building anything."""
    symbols = signal_field.num_symbols(waveform, mcs.header_form)
    symbols += _data_symbols(waveform, mcs, num_blocks, block_bytes)
    return waveform.preamble_length + symbols * waveform.symbol_length


def max_block_bytes(waveform: Waveform, mcs: Mcs) -> int:
    """Largest block that fits into a burst of its own."""
    room = waveform.max_data_symbols * waveform.num_data * mcs.bits_per_symbol
    size = min(MAX_TRANSPORT_BLOCK_BYTES, int(room * mcs.code_rate - _CRC_BITS) // 8)
    while size > 1 and _data_symbols(waveform, mcs, 1, size) > waveform.max_data_symbols:
        size -= 1
    return size


def _data_symbols(waveform: Waveform, mcs: Mcs, num_blocks: int, block_bytes: int) -> int:
    bits = mcs.bits_per_symbol
    # The rate is a fraction of small whole numbers: the tiny allowance keeps 2/3 from costing a symbol by rounding.
    per_block = math.ceil((8 * block_bytes + _CRC_BITS) / mcs.code_rate - 1e-6)
    per_block = max(per_block, minimum_coded_bits(block_bytes, bits, mcs.code_rate))
    per_block = -(-per_block // bits)  # in constellation symbols
    return -(-num_blocks * per_block // waveform.num_data)


def last_symbol_start(waveform: Waveform, layout: BurstLayout, data_symbols: int | None = None) -> int:
    """Where in the burst the last of so many coded data symbols begins, of all of them by default."""
    count = layout.num_data_symbols if data_symbols is None else data_symbols
    return waveform.preamble_length + (layout.num_header_symbols + count - 1) * waveform.symbol_length


def longest_burst(waveform: Waveform) -> int:
    """Samples of the longest burst the waveform allows, robust signal field included."""
    symbols = signal_field.num_symbols(waveform, "robust") + waveform.max_data_symbols
    return waveform.preamble_length + symbols * waveform.symbol_length
