"""The first attempt at a burst's blocks: whatever depends neither on what came before it nor on any budget."""

from __future__ import annotations

import numpy as np

from semcom.phy.block_decoding import received_block
from semcom.phy.burst import Burst, ReceivedBlock
from semcom.phy.burst_decoder import BurstDecoder, Header
from semcom.phy.burst_report import received_burst
from semcom.phy.payload_reading import read_payload, with_uncoded_part
from semcom.phy.waveform import Waveform


def first_decoding(
    waveform: Waveform,
    decoder: BurstDecoder,
    start_sample: int,
    samples: np.ndarray,
    header: Header,
    full_scale: float | None,
    dc_cycles: float,
) -> Burst | None:
    """A burst of new data, where every block is decoded at once; else None.

    Parameters
    ----------
    waveform : Waveform
    decoder : BurstDecoder
    start_sample : int
    samples : complex64 [num_samples]
        From there on, as received.
    header : Header
    full_scale : float or None
    dc_cycles : float
        Both as of `ReceiveChain`.
    """
    payload = read_payload(waveform, decoder, samples, header, dc_cycles)
    blocks: list[ReceivedBlock] = []
    for llr in decoder.soft_bits(payload, header):
        result = header.layout.coder.decode(llr, header.field.redundancy_version, try_again=False)
        if not result.crc_ok:
            return None
        blocks.append(received_block(header.field, len(blocks), result))
    complete = with_uncoded_part(decoder, tuple(blocks), payload, header)
    return received_burst(waveform, start_sample, header, samples, payload, complete, full_scale)
