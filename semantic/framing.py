"""A layer in a packet file: the head before its payload, and how it names the layers it needs.

::

    number varint | flags u8 | [count varint, (scope u8, number varint)...] | length varint | payload

    flags: bits 0-2 importance, bit 3 soft, bit 4 group scope, bit 5 requires follow, bits 6-7 zero
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from semcom.semantic.layers import GROUP_SCOPE, MAX_PAYLOAD_BYTES, Layer, LayerKey
from semcom.semantic.layers.header import read_requires, write_requires
from semcom.semantic.wire import ByteReader, ByteWriter

MAX_LAYERS = 256

_HEADER_LINE_BYTES = 2
_IMPORTANCE, _SOFT, _GROUP_SCOPE, _REQUIRES = 7, 8, 16, 32


class FramedLayer(NamedTuple):
    """A layer as a file carries it, not yet decoded."""

    key: LayerKey
    importance: int
    requires: tuple[LayerKey, ...]
    soft: bool
    payload: bytes


def write_layer(writer: ByteWriter, layer: Layer) -> None:
    """Head and payload of a layer; what `read_layer` would refuse, or read as another, is refused."""
    owner = layer.key
    writer.varint(writer.bounded(owner.layer, "layer number", 0, MAX_LAYERS - 1))
    writer.bounded(layer.importance, "importance", 0, _IMPORTANCE)
    writer.bounded(len(layer.payload), "layer payload length", 0, MAX_PAYLOAD_BYTES)
    for key in layer.requires:
        if key[:2] != owner[:2] or (key.picture not in (GROUP_SCOPE, owner.picture) and owner.picture != GROUP_SCOPE):
            raise writer.fail(f"layer {owner}", "must require layers of its picture or group", key)
    flags = layer.importance
    flags |= _SOFT if layer.soft else 0
    flags |= _GROUP_SCOPE if layer.key.picture == GROUP_SCOPE else 0
    flags |= _REQUIRES if layer.requires else 0
    writer.u8(flags)
    if layer.requires:
        write_requires(writer, relative(layer.requires))
    writer.block(layer.payload)


def read_layer(reader: ByteReader, stream: int, group: int, picture: int) -> FramedLayer:
    """What `write_layer` wrote; every field bounded."""
    number = reader.varint("layer number", 0, MAX_LAYERS - 1)
    flags = reader.bounded(reader.u8("layer flags"), "layer flags", 0, 63)
    key = LayerKey(stream, group, GROUP_SCOPE if flags & _GROUP_SCOPE else picture, number)
    requires = absolute(read_requires(reader), LayerKey(stream, group, picture, number)) if flags & _REQUIRES else ()
    payload = reader.block("layer payload", MAX_PAYLOAD_BYTES)
    return FramedLayer(key, flags & _IMPORTANCE, requires, bool(flags & _SOFT), payload)


def framed_bytes(layer: Layer) -> int:
    """What a layer of the picture adds to a packet file: payload, head, line in the header.

    The line has one byte for the number, as where layer numbers follow each other.
    """
    writer = ByteWriter()
    write_layer(writer, layer)
    if layer.requires:  # in the header's line once more
        write_requires(writer, relative(layer.requires))
    return len(writer.to_bytes()) + _HEADER_LINE_BYTES


def relative(keys: Iterable[LayerKey]) -> tuple[tuple[bool, int], ...]:
    """Keys as (of the group, number): what a layer or header names within its packet."""
    return tuple((key.picture == GROUP_SCOPE, key.layer) for key in keys)


def absolute(requires: Iterable[tuple[bool, int]], owner: LayerKey) -> tuple[LayerKey, ...]:
    """(of the group, number) as keys of the owner's stream and group."""
    return tuple(
        owner._replace(picture=GROUP_SCOPE if of_group else owner.picture, layer=number)
        for of_group, number in requires
    )
