"""Analog blocks → picture: symbols gathered, LMMSE, and the filter of the deep code where it can be run.

Blocks of a cut-out give its pixels: `with_analog_pixels`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from semcom.semantic.coding import linear_analog
from semcom.semantic.errors import ModelError
from semcom.semantic.layers import Layer, LayerKind
from semcom.semantic.layers.analog_block import CODES, AnalogBlock
from semcom.semantic.layers.cut_out import CutOut
from semcom.semantic.packet import SemanticPacket

EXACT_NOISE_VAR = 1e-6
"""Of symbols that came as bytes: below the rounding of what they stand for."""


def analog_blocks(packet: SemanticPacket) -> list[AnalogBlock]:
    """The blocks of a packet's whole picture that belong together: those of the most frequent code."""
    return _of_one_code(block for block in _blocks(packet) if not block.of_cut_out)


def with_analog_pixels(packet: SemanticPacket) -> SemanticPacket:
    """The packet with pixels in its cut-outs that sent them as analog symbols, as far as those came.

    A cut-out of which no symbol came stays without (`CutOut.has_pixels`).
    """
    layers = tuple(_with_pixels(layer, packet) for layer in packet.layers)
    changed = any(new is not old for new, old in zip(layers, packet.layers, strict=True))
    return replace(packet, layers=layers) if changed else packet


def _with_pixels(layer: Layer, packet: SemanticPacket) -> Layer:
    content = layer.content
    if not isinstance(content, CutOut) or not content.is_analog:
        return layer
    size = content.pixels.shape[1], content.pixels.shape[0]
    own = (block for block in _blocks(packet) if block.of_cut_out and (block.code.width, block.code.height) == size)
    blocks = _of_one_code(own)
    if not blocks:
        return layer
    return replace(layer, content=replace(content, pixels=analog_picture(blocks), has_pixels=True))


def _blocks(packet: SemanticPacket) -> list[AnalogBlock]:
    return [layer.content for layer in packet.of_kind(LayerKind.ANALOG_BLOCK)]


def _of_one_code(found: Iterable[AnalogBlock]) -> list[AnalogBlock]:
    blocks = list(found)
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
