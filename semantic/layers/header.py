"""Header layer: what the picture is, which system made the packet, and which layers belong to it.

Nothing depends on it: a receiver without it still knows each layer that arrived. With it, the missing ones are known
by kind as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from semcom.semantic.layers.context import printable, read_size, write_size
from semcom.semantic.layers.kind import MAX_IMPORTANCE, MAX_KIND, LayerBase
from semcom.semantic.layers.layer import LayerKind
from semcom.semantic.wire import ByteReader, ByteWriter

SYSTEM_NUMBERS = {"es-isc": 1, "multi-sc": 2, "seb": 3, "avif": 4, "heic": 5, "jpeg2000": 6, "webp": 7}
"""Number on the wire of each system of this project; 0 means that the name follows."""

_SYSTEM_NAMES = {number: name for name, number in SYSTEM_NUMBERS.items()}
MAX_SYSTEM_NAME_BYTES = 64
MAX_LAYERS = 255
MAX_REQUIRES = 16
_REQUIRES = 8


@dataclass(frozen=True)
class LayerEntry:
    """One line of the table of layers.

    Attributes
    ----------
    number : int
    kind : LayerKind
    importance : int
    requires : tuple of (bool, int)
        Layers it needs: whether of the group (else of this picture), and their numbers.
    of_group : bool
        The layer itself belongs to the group.
    """

    number: int
    kind: LayerKind
    importance: int
    requires: tuple[tuple[bool, int], ...] = ()
    of_group: bool = False


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
    writer = ByteWriter("header")
    write_size(writer, header.width, header.height)
    number = SYSTEM_NUMBERS.get(header.system, 0)
    writer.varint(number)
    if number == 0:
        name = header.system.encode("utf-8")
        if not 1 <= len(name) <= MAX_SYSTEM_NAME_BYTES:
            raise writer.fail("system name", f"must have 1 to {MAX_SYSTEM_NAME_BYTES} bytes", len(name))
        if printable(header.system) != header.system:
            raise writer.fail("system name", "must not contain control characters", repr(header.system))
        writer.block(name)
    previous = 0
    for entry in header.entries:
        flag = _REQUIRES if entry.requires else 0
        writer.bounded(entry.number, "layer number", previous + 1, MAX_LAYERS)
        writer.bounded(entry.kind, "layer kind", 0, MAX_KIND)
        writer.bounded(entry.importance, "importance", 0, MAX_IMPORTANCE)
        writer.varint(entry.number - previous - 1 << 1 | entry.of_group).u8(entry.kind << 4 | flag | entry.importance)
        if entry.requires:
            write_requires(writer, entry.requires)
        previous = entry.number
    return writer.to_bytes()


def decode(reader: ByteReader) -> Header:
    width, height = read_size(reader)
    number = reader.varint("system number")
    if number == 0:
        system = printable(reader.block("system name", MAX_SYSTEM_NAME_BYTES).decode("utf-8", "replace"))
    elif number in _SYSTEM_NAMES:
        system = _SYSTEM_NAMES[number]
    else:
        system = f"system-{number}"
    entries = []
    previous = 0
    while reader.remaining:
        step = reader.varint("layer number step")
        layer = reader.bounded(previous + 1 + (step >> 1), "layer number", 1, MAX_LAYERS)
        byte = reader.u8("layer kind and importance")
        kind = LayerKind(reader.bounded(byte >> 4, "layer kind", 0, MAX_KIND))
        requires = read_requires(reader) if byte & _REQUIRES else ()
        entries.append(LayerEntry(layer, kind, byte & MAX_IMPORTANCE, requires, bool(step & 1)))
        previous = layer
    return Header(width, height, system, tuple(entries))


def write_requires(writer: ByteWriter, requires: tuple[tuple[bool, int], ...]) -> None:
    """Count, then scope and number of each required layer."""
    writer.varint(writer.bounded(len(requires), "number of requires", 1, MAX_REQUIRES))
    for of_group, number in requires:
        writer.u8(int(of_group)).varint(writer.bounded(number, "required layer", 0, MAX_LAYERS))


def read_requires(reader: ByteReader) -> tuple[tuple[bool, int], ...]:
    """What `write_requires` wrote."""
    count = reader.varint("number of requires", 1, MAX_REQUIRES)
    return tuple(
        (
            bool(reader.bounded(reader.u8("requires scope"), "requires scope", 0, 1)),
            reader.varint("required layer", 0, MAX_LAYERS),
        )
        for _ in range(count)
    )


class HeaderKind(LayerBase):
    number, label, importance, colour = 0, "header", 7, "#8a8f98"
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: Header) -> str:
        return f"{content.width} × {content.height}, system {content.system}, {len(content.entries)} layers listed"

    def size(self, content: Header) -> tuple[int, int]:
        return content.width, content.height

    def says_something(self, content: Header) -> bool:
        return False


KIND = HeaderKind()
