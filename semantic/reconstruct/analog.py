"""Analog blocks → picture: symbols gathered, LMMSE, and the filter of the deep code where it can be run."""

from __future__ import annotations

from collections import Counter

import numpy as np

from semcom.semantic.coding import linear_analog
from semcom.semantic.errors import ModelError
from semcom.semantic.layers import LayerKind
from semcom.semantic.layers.analog_block import CODES, AnalogBlock
from semcom.semantic.packet import SemanticPacket

EXACT_NOISE_VAR = 1e-6
"""Of symbols that came as bytes: below the rounding of what they stand for."""


def analog_blocks(packet: SemanticPacket) -> list[AnalogBlock]:
    """The blocks of a packet that belong together: those of the most frequent code."""
    blocks = [layer.content for layer in packet.of_kind(LayerKind.ANALOG_BLOCK)]
    if not blocks:
        return []
    (most, _), *_ = Counter((block.code, block.around) for block in blocks).most_common(1)
    return [block for block in blocks if (block.code, block.around) == most]


def gather(blocks: list[AnalogBlock]) -> tuple[np.ndarray, np.ndarray]:
    """Symbols complex64 and their noise variance float32, [num_symbols]: infinite where none came."""
    count = blocks[0].code.num_symbols
    symbols, noise_var = np.zeros(count, np.complex64), np.full(count, np.inf, np.float32)
    for block in blocks:
        place = slice(block.first, block.first + len(block.symbols))
        symbols[place] = block.symbols
        noise_var[place] = EXACT_NOISE_VAR if block.noise_var is None else block.noise_var
    return symbols, noise_var


def analog_picture(blocks: list[AnalogBlock]) -> np.ndarray:
    """uint8 [height, width, 3] of the blocks of one picture."""
    code = blocks[0].code
    symbols, noise_var = gather(blocks)
    picture = linear_analog.decode(code, symbols, noise_var)
    if blocks[0].around != CODES[0]:
        try:
            from semcom.semantic.nets.jscc_running import load_jscc

            picture = load_jscc(blocks[0].around).behind(picture, mean_snr_db(noise_var), code.design_snr_db, code.cbr)
        except (ImportError, ModelError):  # what the linear code alone shows is a picture as well
            pass
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def mean_snr_db(noise_var: np.ndarray) -> float:
    """Es/N0 of the symbols that came, mean of the decibels."""
    came = noise_var[np.isfinite(noise_var)]
    return float(-10 * np.mean(np.log10(np.maximum(came, 1e-9)))) if len(came) else float(linear_analog.LEAST_SNR_DB)
