"""Reception statistics of a burst: SNR, carrier and clock offset, EVM, clipping, and a selection of its symbols."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from semcom.phy.burst import Burst, ReceivedBlock
from semcom.phy.burst_decoder import Header, Payload
from semcom.phy.ofdm.constellation import constellation
from semcom.phy.sync.synchronisation import Synchronisation
from semcom.phy.transport_block import NUM_PROCESSES
from semcom.phy.waveform import Waveform

MAX_CONSTELLATION_POINTS = 2048


def failed_burst(waveform: Waveform, start_sample: int, header: Header) -> Burst:
    """Result for a burst whose signal field could not be decoded."""
    return Burst(
        start_sample=start_sample,
        header_ok=False,
        mcs=None,
        snr_db=_decibel(header.estimate.power / header.estimate.noise_var),
        cfo_hz=header.cfo * waveform.nominal_rate_hz,
        evm_db=_evm_db(header.symbols, 2),
        clock_offset_ppm=0.0,
        num_samples=0,
        num_clipped=0,
        channel=header.estimate.carriers,
        constellation=_selection(header.symbols),
        refused_kind=header.refused_kind,
    )


def unreadable_burst(waveform: Waveform, sync: Synchronisation) -> Burst:
    """Result for a preamble that cannot be received as it comes."""
    snr = sync.share / max(1 - sync.share, 1e-6)
    return Burst(
        start_sample=sync.start_sample,
        header_ok=False,
        mcs=None,
        snr_db=_decibel(snr),
        cfo_hz=sync.cfo * waveform.nominal_rate_hz,
        evm_db=0.0,
        clock_offset_ppm=0.0,
        num_samples=0,
        num_clipped=0,
        channel=np.ones(waveform.num_used, np.complex64),
        constellation=np.zeros(0, np.complex64),
        spectrum_inverted=sync.spectrum_inverted,
        cfo_in_range=sync.in_range,
    )


def announced_burst(waveform: Waveform, start_sample: int, header: Header) -> Burst:
    """Result for a burst whose signal field was decoded and whose blocks were not looked at: all of them failed."""
    field = header.field
    about = field.source, field.process, field.redundancy_version, field.new_data
    blocks = _lost_blocks(*about, field.num_blocks)
    burst = failed_burst(waveform, start_sample, header)
    return replace(burst, header_ok=True, mcs=field.mcs, num_samples=header.layout.num_samples, blocks=blocks)


@lru_cache(maxsize=64)
def _lost_blocks(
    source: int, process: int, redundancy_version: int, new_data: bool, num_blocks: int
) -> tuple[ReceivedBlock, ...]:
    """Blocks of a burst none of which was decoded; kept, as false fields announce the same many again and again."""
    return tuple(
        ReceivedBlock(
            payload=None,
            source=source,
            process=(process + index) % NUM_PROCESSES,
            redundancy_version=redundancy_version,
            new_data=new_data,
            crc_ok=False,
        )
        for index in range(num_blocks)
    )


def received_burst(
    waveform: Waveform,
    start_sample: int,
    header: Header,
    samples: np.ndarray,
    payload: Payload,
    blocks: tuple[ReceivedBlock, ...],
    full_scale: float | None,
) -> Burst:
    """Result for a burst with its blocks, good and failed ones; `samples`: as received, complex64 [num_samples]."""
    clipped = 0
    if full_scale is not None:
        axes = samples.view(np.float32).reshape(-1, 2)
        clipped = int(np.count_nonzero(np.abs(axes).max(axis=1) >= full_scale))
    coded = slice(header.layout.num_data_symbols if header.layout.num_soft_symbols else None)
    selection = _selection(payload.symbols[coded])
    return Burst(
        start_sample=start_sample,
        header_ok=True,
        mcs=header.field.mcs,
        snr_db=_decibel(payload.estimate.power / payload.estimate.noise_var),
        cfo_hz=header.cfo * waveform.nominal_rate_hz,
        evm_db=_evm_db(selection, header.field.mcs.bits_per_symbol),
        clock_offset_ppm=payload.tracking.clock_offset * 1e6,
        num_samples=header.layout.num_samples,
        num_clipped=clipped,
        channel=payload.estimate.carriers,
        constellation=selection,
        blocks=blocks,
    )


def _decibel(ratio: float) -> float:
    return 10 * math.log10(max(ratio, 1e-12))


def _evm_db(symbols: np.ndarray, bits_per_symbol: int) -> float:
    return _decibel(constellation(bits_per_symbol).error_power(symbols.ravel()))


def _selection(symbols: np.ndarray) -> np.ndarray:
    flat = symbols.ravel()
    step = -(-len(flat) // MAX_CONSTELLATION_POINTS)
    return flat[::step].copy()
