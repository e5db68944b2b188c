"""Header layer: what the picture is, which system made the packet, and which layers belong to it.

Nothing depends on it: a receiver without it still knows each layer that arrived. With it, the missing ones are known
by kind as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from semcom.semantic.layers.context import read_size, write_size
from semcom.semantic.layers.layer import MAX_IMPORTANCE, MAX_KIND, LayerKind
from semcom.semantic.wire import ByteReader, ByteWriter

SYSTEM_NUMBERS = {"es-isc": 1, "multi-sc": 2, "seb": 3}
"""Number on the wire of each system of this project; 0 means that the name follows."""

_SYSTEM_NAMES = {number: name for name, number in SYSTEM_NUMBERS.items()}
MAX_SYSTEM_NAME_BYTES = 64
MAX_LAYERS = 255


@dataclass(frozen=True)
class LayerEntry:
    """One line of the table of layers."""

    number: int
    kind: LayerKind
    importance: int


@dataclass(frozen=True)
class Header:
    """Identity of a packet.

    Attributes
    ----------
    width, height : int
        Of the picture, pixels.
    system : str
        Name of the system that made it, such as ``es-isc``.
    entries : tuple of LayerEntry
        The layers that were sent, without the header itself; numbers ascend.
    """

    width: int
    height: int
    system: str
    entries: tuple[LayerEntry, ...]


def encode(header: Header) -> bytes:
    writer = ByteWriter()
    write_size(writer, header.width, header.height)
    number = SYSTEM_NUMBERS.get(header.system, 0)
    writer.varint(number)
    if number == 0:
        writer.block(header.system.encode("utf-8"))
    previous = 0
    for entry in header.entries:
        writer.varint(entry.number - previous - 1).u8(entry.kind << 4 | entry.importance)
        previous = entry.number
    return writer.to_bytes()


def decode(reader: ByteReader) -> Header:
    width, height = read_size(reader)
    number = reader.varint("system number")
    if number == 0:
        system = reader.block("system name", MAX_SYSTEM_NAME_BYTES).decode("utf-8", "replace")
    elif number in _SYSTEM_NAMES:
        system = _SYSTEM_NAMES[number]
    else:
        system = f"system-{number}"
    entries = []
    previous = 0
    while reader.remaining:
        layer = reader.bounded(previous + 1 + reader.varint("layer number step"), "layer number", 1, MAX_LAYERS)
        byte = reader.u8("layer kind and importance")
        importance = reader.bounded(byte & 15, "importance", 0, MAX_IMPORTANCE)
        entries.append(LayerEntry(layer, LayerKind(reader.bounded(byte >> 4, "layer kind", 0, MAX_KIND)), importance))
        previous = layer
    return Header(width, height, system, tuple(entries))
