"""Analog blocks that came over the air, with the noise variance of each symbol written into the layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from semcom.semantic.layers import Layer, LayerKey, encode_layer
from semcom.semantic.layers.analog_block import AnalogBlock, with_noise
from semcom.semantic.packet import SemanticPacket


def with_symbol_noise(packet: SemanticPacket, soft_values: Mapping[LayerKey, bytes]) -> SemanticPacket:
    """The packet with its analog blocks as received; the same packet where it has none.

    Parameters
    ----------
    packet : SemanticPacket
    soft_values : mapping of LayerKey to bytes
        Layers that came as soft values; of an analog block the noise variance of each symbol, one byte, or nothing.
    """
    layers = tuple(_received(layer, soft_values) for layer in packet.layers)
    changed = any(new is not old for new, old in zip(layers, packet.layers, strict=True))
    return replace(packet, layers=layers) if changed else packet


def _received(layer: Layer, soft_values: Mapping[LayerKey, bytes]) -> Layer:
    if layer.key not in soft_values or not isinstance(layer.content, AnalogBlock):
        return layer
    block = with_noise(layer.content, soft_values[layer.key])
    return encode_layer(layer.key, layer.kind, block, layer.importance, layer.requires)
