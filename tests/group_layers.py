"""Packets with a layer that belongs to their group, of a kind that no system has: nothing else is tested by it."""

from __future__ import annotations

from dataclasses import replace

from semcom.semantic.layers import GROUP_SCOPE, Caption, Layer, LayerKey, LayerKind, encode_layer
from semcom.semantic.packet import SemanticPacket

NUMBER = 5
UNKNOWN_KIND = 15
SIZE = (32, 24)


def shared_layer(
    stream: int = 0, group: int = 0, content: bytes = 4 * b"what all pictures of the group share. "
) -> Layer:
    """The layer of the group."""
    key = LayerKey(stream, group, GROUP_SCOPE, NUMBER)
    return Layer(key, LayerKind(UNKNOWN_KIND), 6, None, bytes([0x10 | UNKNOWN_KIND]) + content)


def packet_of_group(picture: int, stream: int = 0, group: int = 0) -> SemanticPacket:
    """A header, a caption that requires the layer of the group, and that layer."""
    identity = stream, group, picture
    shared = shared_layer(stream, group)
    words = encode_layer(
        LayerKey(*identity, 1), LayerKind.CAPTION, Caption(f"Picture {picture}."), requires=(shared.key,)
    )
    return SemanticPacket.build(SIZE, "es-isc", [words, shared], identity)


def without_shared(packet: SemanticPacket) -> SemanticPacket:
    """The packet as it is sent where the layer of the group has been sent before: the header still lists it."""
    return replace(packet, layers=tuple(layer for layer in packet.layers if layer.key.picture != GROUP_SCOPE))
