"""Texts that came damaged → texts, with what was guessed written down.

In: a packet whose plain text layers came as soft values, and the LLRs of their bits.
Out: the packet with those texts repaired by a part of kind ``repairer``; guessed ranges are marked in the layer itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from semcom.semantic.errors import LayerError, SemanticError
from semcom.semantic.layers import Layer, LayerKey, PlainText, encode_layer
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.parts import make_part
from semcom.semantic.repair.symbols import with_symbol_noise
from semcom.semantic.request import PartChoice

DEFAULT = PartChoice("ngram")
LLR_STEPS_PER_UNIT = 8
"""Of the LLRs as the link hands them over."""


def repair(packet: SemanticPacket, llr: Mapping[LayerKey, bytes], choice: PartChoice = DEFAULT) -> SemanticPacket:
    """The packet with its damaged texts repaired, and what is known of the noise in its analog blocks.

    Parameters
    ----------
    packet : SemanticPacket
        As it arrived.
    llr : mapping of LayerKey to bytes
        Layers that came as soft values: the LLRs of the bits after their exact bytes, one signed byte each, in steps of
        1 / `LLR_STEPS_PER_UNIT`, positive for zero; of analog blocks the noise variance of each symbol; empty where
        they are not known.
    choice : PartChoice
        The repairer. Where it cannot be made, or one of another package fails, texts stay as they came, with a warning.
    """
    packet = with_symbol_noise(packet, llr)
    damaged = [layer for layer in packet.layers if layer.key in llr and isinstance(layer.content, PlainText)]
    damaged = [layer for layer in damaged if not layer.content.intact]
    if not damaged:
        return packet
    try:
        repairer = make_part("repairer", choice, 0)
        mended = {layer.key: _repaired(layer, llr[layer.key], repairer) for layer in damaged}
    except Exception as error:
        if not isinstance(error, SemanticError) and choice == DEFAULT:
            raise
        warnings.warn(f"texts are shown as they came: {choice.name}: {error}", RuntimeWarning, stacklevel=2)
        return packet
    return replace(packet, layers=tuple(mended.get(layer.key, layer) for layer in packet.layers))


def _repaired(layer: Layer, llr: bytes, repairer) -> Layer:
    content: PlainText = layer.content
    values = np.frombuffer(llr, np.int8).astype(np.float32) / LLR_STEPS_PER_UNIT
    count = 8 * len(content.characters)
    context = {
        "llr": values.reshape(-1, 8) if len(values) == count else None,
        "characters": content.characters,
        "is_latin": content.is_latin,
        "check": content.check,
    }
    text, guessed = repairer(content.text, context)
    try:
        mended = PlainText(text, content.place, content.check, tuple((int(a), int(b)) for a, b in guessed))
        made = encode_layer(layer.key, layer.kind, mended, layer.importance, layer.requires)
    except LayerError as error:  # what it made of the text is none
        raise SemanticError(f"a repairer must return printable text and ranges within it: {error}") from None
    return made
