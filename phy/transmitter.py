"""The transmit chain: transport blocks to one burst of complex baseband samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from semcom.phy import analog, soft_text
from semcom.phy.burst_layout import BurstLayout, layout_of
from semcom.phy.coding import signal_field
from semcom.phy.coding.scrambler import scramble
from semcom.phy.coding.signal_field import KIND_ANALOG, KIND_BLOCKS, KIND_SOFT_TEXT, SignalField
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import Mcs
from semcom.phy.ofdm import modulation as ofdm
from semcom.phy.ofdm.constellation import constellation
from semcom.phy.ofdm.peak_limiter import PeakLimiter
from semcom.phy.sync.preamble import preamble
from semcom.phy.transport_block import NUM_PROCESSES, TransportBlock
from semcom.phy.waveform import Waveform


class Transmitter:
    """Modulates transport blocks to bursts of one waveform. Stateless: one instance may serve several threads.

    Parameters
    ----------
    waveform : Waveform
    peak_limit_db : float, optional
        Highest instantaneous power over the mean of a burst; without it peaks lie 10 to 12 dB above.
        The loss that a limit causes is in docs/waveform.md.
    """

    def __init__(self, waveform: Waveform, peak_limit_db: float | None = None) -> None:
        self.waveform = waveform
        self._limiter = None if peak_limit_db is None else PeakLimiter(waveform, peak_limit_db)

    def modulate(self, blocks: Sequence[TransportBlock], mcs: Mcs) -> np.ndarray:
        """Modulate the blocks to one burst.

        Parameters
        ----------
        blocks : sequence of TransportBlock
            1 .. 64 blocks of equal length and one source, redundancy version and new-data flag; their processes are
            all the same (the burst then counts up from it) or already consecutive. A block with soft text
            or analog symbols (`TransportBlock.coded_bytes`) has a burst of its own.
        mcs : Mcs
            From `MCS_TABLE`.

        Returns
        -------
        iq : complex64 [num_samples]
            At the nominal rate, mean power 1.

        Raises
        ------
        ConfigurationError
            Blocks that do not go together, or a burst longer than the waveform allows.
        """
        field = _signal_field(blocks, mcs)
        layout = layout_of(self.waveform, field)
        header = signal_field.encode(field, self.waveform)
        coded = _coded_bits(blocks, layout)
        data = self._data_symbols(coded, blocks[0].payload[field.block_bytes :], field, layout)
        rows = [symbols.reshape(-1, self.waveform.num_data) for symbols in data]
        carriers = ofdm.with_pilots(np.concatenate([header, *rows]), self.waveform)
        if self._limiter is not None:
            carriers = self._limiter.limit(carriers)
        symbols = ofdm.modulate(carriers, self.waveform)
        return ofdm.join(preamble(self.waveform), symbols, self.waveform)

    def _data_symbols(
        self, coded: np.ndarray, uncoded: bytes, field: SignalField, layout: BurstLayout
    ) -> list[np.ndarray]:
        """Symbols of the coded bits, and of what follows them uncoded, complex64 each."""
        places = layout.num_soft_symbols * self.waveform.num_data
        modulation = constellation(field.mcs.bits_per_symbol)
        if field.kind == KIND_ANALOG:
            return [modulation.map(scramble(coded)), analog.spread(analog.from_bytes(uncoded), places)]
        places *= field.soft_bits_per_symbol
        soft = soft_text.spread(uncoded, places) if places else np.zeros(0, np.uint8)
        bits = scramble(np.concatenate([coded, soft]))
        return [modulation.map(bits[: len(coded)]), constellation(field.soft_bits_per_symbol).map(bits[len(coded) :])]


def _coded_bits(blocks: Sequence[TransportBlock], layout: BurstLayout) -> np.ndarray:
    coded = [layout.coder.encode(block.payload[: block.coded_bytes], block.redundancy_version) for block in blocks]
    return np.concatenate([*coded, np.zeros(layout.num_filler_bits, np.uint8)])


def _signal_field(blocks: Sequence[TransportBlock], mcs: Mcs) -> SignalField:
    if not blocks:
        raise ConfigurationError("blocks must hold at least one transport block, got none")
    first = blocks[0]
    for index, block in enumerate(blocks):
        if len(block.payload) != len(first.payload):
            raise ConfigurationError(
                f"blocks of a burst must have equal length ({len(first.payload)} bytes), "
                f"got {len(block.payload)} for blocks[{index}]"
            )
        for key in ("source", "redundancy_version", "new_data"):
            if getattr(block, key) != getattr(first, key):
                raise ConfigurationError(
                    f"blocks of a burst must have the same {key} ({getattr(first, key)}), "
                    f"got {getattr(block, key)} for blocks[{index}]"
                )
    if len(blocks) > 1 and any(block.coded_bytes is not None for block in blocks):
        what = "analog symbols" if any(block.analog for block in blocks) else "soft text"
        raise ConfigurationError(f"a block with {what} must have a burst of its own, got {len(blocks)} blocks")
    processes = [block.process for block in blocks]
    consecutive = [(first.process + index) % NUM_PROCESSES for index in range(len(blocks))]
    if processes not in (consecutive, [first.process] * len(blocks)):
        raise ConfigurationError(
            f"blocks of a burst must have consecutive processes from {first.process}, got {processes}"
        )
    return SignalField(
        mcs=mcs,
        num_blocks=len(blocks),
        block_bytes=len(first.payload) if first.coded_bytes is None else first.coded_bytes,
        source=first.source,
        process=first.process,
        redundancy_version=first.redundancy_version,
        new_data=first.new_data,
        kind=KIND_BLOCKS if first.coded_bytes is None else KIND_ANALOG if first.analog else KIND_SOFT_TEXT,
        soft_bytes=first.soft_bytes,
        soft_bits_per_symbol=first.soft_bits_per_symbol,
        analog_symbols=first.analog_symbols,
    )
