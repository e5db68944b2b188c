"""Around the decoding of blocks: the equalised symbols of a burst, and the part of a block that is not coded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from semcom.phy import analog, soft_text
from semcom.phy.burst import ReceivedBlock
from semcom.phy.burst_decoder import BurstDecoder, Header, Payload
from semcom.phy.coding.signal_field import KIND_ANALOG, KIND_SOFT_TEXT
from semcom.phy.frontend.dc_removal import remove_dc
from semcom.phy.frontend.image_removal import remove_image
from semcom.phy.waveform import Waveform


def read_payload(
    waveform: Waveform, decoder: BurstDecoder, samples: np.ndarray, header: Header, dc_cycles: float
) -> Payload:
    """Equalised data symbols of a burst as received, complex64 [num_samples]; `dc_cycles` as of `remove_dc`."""
    return decoder.read_payload(remove_image(remove_dc(samples, dc_cycles), waveform.preamble_length), header)


def with_uncoded_part(
    decoder: BurstDecoder, blocks: tuple[ReceivedBlock, ...], payload: Payload, header: Header
) -> tuple[ReceivedBlock, ...]:
    """The blocks of a burst; the only one of a kind with an uncoded part together with that, where its CRC is right."""
    field, block = header.field, blocks[0]
    if field.kind == KIND_SOFT_TEXT and block.crc_ok:
        llr = soft_text.combine(decoder.soft_text(payload, header), field.soft_bytes)
        return (replace(block, payload=block.payload + soft_text.decided(llr), llr=llr),)
    if field.kind == KIND_ANALOG and block.crc_ok:
        symbols, noise_var = analog.combine(*decoder.analog_symbols(payload, header), field.analog_symbols)
        coded = block.payload + analog.to_bytes(symbols)
        return (replace(block, payload=coded, symbols=symbols, noise_var=noise_var),)
    return blocks
