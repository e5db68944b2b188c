"""The semantic packet: all layers of one picture, as a file or as payloads that travelled alone.

Byte layout, frozen as format version 1 (`docs/semantic_packet.md`)::

    "SM" | version u8 | stream varint | group varint | picture varint
    layers, each framed as `semantic.framing` has it
    CRC-32 of everything before, u32 big-endian
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from semcom.semantic.errors import LayerError, PacketError
from semcom.semantic.framing import MAX_LAYERS, absolute, read_layer, relative, write_layer
from semcom.semantic.layers import (
    FORMAT_VERSION,
    GROUP_SCOPE,
    Header,
    Layer,
    LayerEntry,
    LayerKey,
    LayerKind,
    decode_layer,
    encode_layer,
)
from semcom.semantic.wire import MAX_CODED_PIXELS, ByteReader, ByteWriter, PixelBudget

MAGIC = b"SM"
CHECKSUM_BYTES = 4
MIN_PACKET_BYTES = len(MAGIC) + 8
MAX_PACKET_BYTES = 4 << 20
MAX_NUMBER = 0xFFFF


@dataclass(frozen=True)
class SemanticPacket:
    """Layers of meaning of one picture.

    Attributes
    ----------
    stream, group, picture : int
        Whose picture, which set of pictures it shares layers with, and its number from 1; 0 for a packet that holds
        only layers of the group.
    layers : tuple of Layer
        In the order of their numbers. A received packet may lack any of them, the header too.
    damaged : tuple of (LayerKey, str)
        Layers that arrived and could not be read, and why.
    left_out : tuple of (str, str)
        At the sender: kinds of layer that the budget had no room for, and why. It does not travel.
    """

    stream: int
    group: int
    picture: int
    layers: tuple[Layer, ...]
    damaged: tuple[tuple[LayerKey, str], ...] = ()
    left_out: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for name, number in zip(("stream", "group", "picture"), self.identity, strict=True):
            if not 0 <= number <= MAX_NUMBER:
                raise PacketError(f"packet: {name} must be in 0..{MAX_NUMBER}, got {number}")
        numbers = [layer.key.layer for layer in self.layers]
        if len(set(numbers)) < len(numbers):
            raise PacketError(f"packet: layer numbers must be used once, got {numbers}")

    @classmethod
    def build(
        cls,
        header_size: tuple[int, int],
        system: str,
        layers: Iterable[Layer],
        identity: tuple[int, int, int] = (0, 0, 1),
    ) -> SemanticPacket:
        """Put a header in front of the layers of a picture of `header_size` = (width, height)."""
        layers = tuple(sorted(layers, key=_number))
        entries = tuple(
            LayerEntry(
                layer.key.layer,
                layer.kind,
                layer.importance,
                relative(layer.requires),
                layer.key.picture == GROUP_SCOPE,
            )
            for layer in layers
        )
        header = Header(*header_size, system, entries)
        check_coded_pixels(layers)
        return cls(*identity, (encode_layer(LayerKey(*identity, 0), LayerKind.HEADER, header), *layers))

    @classmethod
    def from_payloads(cls, payloads: Mapping[LayerKey, bytes]) -> SemanticPacket:
        """A packet from the payloads that arrived, in any order. Unreadable ones are named in `damaged`.

        Importance and requirements are those the header lists; without it, what is usual for the kind.
        """
        if not payloads:
            raise PacketError("packet: layers must be at least 1, got 0")
        layers, damaged = [], []
        pixels = PixelBudget()
        for key in sorted(LayerKey(*key) for key in payloads):
            try:
                layers.append(decode_layer(key, payloads[key], pixels=pixels))
            except PacketError as error:
                damaged.append((key, str(error)))
        pictures = {key.picture for key in (*(layer.key for layer in layers), *(key for key, _ in damaged))}
        identities = {tuple(key[:2]) for key in payloads}
        pictures.discard(GROUP_SCOPE)
        if len(identities) > 1 or len(pictures) > 1:
            raise PacketError(f"packet: layers must belong to one picture, got {sorted(identities)} {sorted(pictures)}")
        picture = pictures.pop() if pictures else GROUP_SCOPE
        packet = cls(*identities.pop(), picture, tuple(sorted(layers, key=_number)), tuple(damaged))
        return packet._as_listed()

    def _as_listed(self) -> SemanticPacket:
        """With importance and requirements as the header lists them."""
        if self.header is None:
            return self
        listed = {entry.number: entry for entry in self.header.entries}
        layers = tuple(
            replace(layer, importance=entry.importance, requires=absolute(entry.requires, LayerKey(*self.identity, 0)))
            if (entry := listed.get(layer.key.layer))
            else layer
            for layer in self.layers
        )
        return replace(self, layers=layers)

    def to_bytes(self) -> bytes:
        """The packet as a file.

        Raises
        ------
        LayerError
            `from_bytes` would refuse it, read another, or find a layer damaged.
        """
        check_coded_pixels(self.layers)
        writer = ByteWriter("packet").raw(MAGIC).u8(FORMAT_VERSION)
        writer.varint(self.stream).varint(self.group).varint(self.picture)
        for layer in self.layers:
            pictures = (self.picture, GROUP_SCOPE)
            if layer.key[:2] != self.identity[:2] or layer.key.picture not in pictures:
                raise writer.fail("layers", f"must belong to {self.stream}/{self.group}/{self.picture}", layer.key)
            write_layer(writer, layer)
        data = writer.to_bytes()
        writer.bounded(len(data) + CHECKSUM_BYTES, "length", MIN_PACKET_BYTES, MAX_PACKET_BYTES)
        return data + zlib.crc32(data).to_bytes(4, "big")

    @classmethod
    def from_bytes(cls, data: bytes) -> SemanticPacket:
        """Read a packet file.

        Layers of unknown kind are kept without content; a layer that breaks the format is named in `damaged`.

        Raises
        ------
        PacketError
            The frame of the packet is broken: magic, version, checksum, lengths, numbers.
        """
        reader = ByteReader(body_of(data), "packet")
        reader.bounded(reader.u8("version"), "version", FORMAT_VERSION, FORMAT_VERSION)
        stream, group = (reader.varint(field, 0, MAX_NUMBER) for field in ("stream", "group"))
        picture = reader.varint("picture", 0, MAX_NUMBER)
        layers: list[Layer] = []
        damaged: list[tuple[LayerKey, str]] = []
        seen: set[int] = set()
        pixels = PixelBudget()
        while reader.remaining:
            framed = read_layer(reader, stream, group, picture)
            key = framed.key
            if key.layer in seen:
                raise reader.fail("layer number", "must be used once", key.layer)
            seen.add(key.layer)
            reader.bounded(len(seen), "number of layers", 1, MAX_LAYERS)
            try:
                layers.append(
                    decode_layer(key, framed.payload, framed.importance, framed.requires, framed.soft, pixels)
                )
            except PacketError as error:
                damaged.append((key, str(error)))
        return cls(stream, group, picture, tuple(layers), tuple(damaged))

    @property
    def header(self) -> Header | None:
        return next((layer.content for layer in self.layers if layer.kind == LayerKind.HEADER), None)

    @property
    def says_something(self) -> bool:
        """Whether a layer besides the header can be shown; an empty list of objects says nothing by itself."""
        return any(layer.kind.type.says_something(layer.content) for layer in self._known())

    @property
    def size(self) -> tuple[int, int] | None:
        """(width, height) of the picture, from the header or any layer that repeats it."""
        sizes = (layer.kind.type.size(layer.content) for layer in self._known())
        return next((size for size in sizes if size is not None), None)

    def _known(self) -> Iterator[Layer]:
        """Layers whose kind is known here."""
        return (layer for layer in self.layers if layer.content is not None and layer.kind.type is not None)

    def of_kind(self, kind: LayerKind) -> tuple[Layer, ...]:
        return tuple(layer for layer in self.layers if layer.kind == kind)

    def content(self, kind: LayerKind) -> object | None:
        """Content of the finest layer of a kind (the first of equals); None where there is none."""
        contents = [layer.content for layer in self._known() if layer.kind == kind]
        return max(contents, key=LayerKind(kind).type.fineness) if contents else None

    def only(self, kinds: Iterable[LayerKind]) -> SemanticPacket:
        """A packet of the layers of these kinds alone, with a header that lists just them."""
        kinds = {*kinds} - {LayerKind.HEADER}
        layers = [layer for layer in self.layers if layer.kind in kinds]
        if self.header is None:
            return replace(self, layers=tuple(layers))
        rebuilt = self.build((self.header.width, self.header.height), self.header.system, layers, self.identity)
        return replace(rebuilt, damaged=self.damaged)

    def with_layers(self, more: Iterable[Layer]) -> SemanticPacket:
        """A packet with further layers, and a header that lists them too."""
        more = [layer for layer in (*self.layers, *more) if layer.kind != LayerKind.HEADER]
        if self.header is None:
            return replace(self, layers=tuple(sorted(more, key=_number)))
        rebuilt = self.build((self.header.width, self.header.height), self.header.system, more, self.identity)
        return replace(rebuilt, damaged=self.damaged)

    def leaving_out(self, left_out: Iterable[tuple[str, str]]) -> SemanticPacket:
        """The same packet, with a note of what was left out."""
        return replace(self, left_out=tuple(left_out))

    @property
    def identity(self) -> tuple[int, int, int]:
        return self.stream, self.group, self.picture

    def missing(self) -> tuple[LayerKey, ...]:
        """Layers the header lists, or another layer requires, that did not come; what came damaged is in `damaged`."""
        known = {*(layer.key for layer in self.layers), *(key for key, _ in self.damaged)}
        wanted = {key for layer in self.layers for key in layer.requires}
        header_key = LayerKey(*self.identity, 0)
        if self.header is None:
            wanted.add(header_key)
        else:
            listed = ((entry.of_group, entry.number) for entry in self.header.entries)
            wanted |= set(absolute(listed, header_key))
        return tuple(sorted(wanted - known))


def body_of(data: bytes) -> bytes:
    """What stands between magic and checksum of a packet file.

    Raises
    ------
    PacketError
        It is no packet, too short, too long, or not as it was written.
    """
    if not data:
        raise PacketError("packet: is empty (0 bytes)")
    if data[: len(MAGIC)] != MAGIC[: len(data)]:
        raise PacketError(f"packet: must begin with {MAGIC!r}, got {bytes(data[: len(MAGIC)])!r}: no semcom packet")
    if len(data) < MIN_PACKET_BYTES:
        raise PacketError(f"packet: must have at least {MIN_PACKET_BYTES} bytes, got {len(data)}: cut short")
    if len(data) > MAX_PACKET_BYTES:
        raise PacketError(f"packet: must have at most {MAX_PACKET_BYTES} bytes, got {len(data)} or more")
    body, checksum = data[:-4], int.from_bytes(data[-4:], "big")
    if zlib.crc32(body) != checksum:
        raise PacketError(
            f"packet: is cut short or damaged: its CRC-32 must be {zlib.crc32(body):#010x}, got {checksum:#010x}"
        )
    return bytes(body[len(MAGIC) :])


def pixels_left(layers: Iterable[Layer]) -> int:
    """Coded pixels that further layers of the same packet may have, as its reader counts them; below 0: too many."""
    return MAX_CODED_PIXELS - sum(layer.coded_pixels for layer in layers)


def check_coded_pixels(layers: Iterable[Layer]) -> None:
    """Refuse layers of which a reader would decode only the first ones.

    Raises
    ------
    LayerError
    """
    left = pixels_left(layers)
    if left < 0:
        raise LayerError(
            f"layers of a packet must have at most {MAX_CODED_PIXELS} coded pixels, got {MAX_CODED_PIXELS - left}"
        )


def _number(layer: Layer) -> int:
    return layer.key.layer
