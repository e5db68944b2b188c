"""Semantic base layer: the patches that a set of pictures has in common (Seb; Zheng et al. §II-B).

It belongs to a group of pictures, is sent once, and is kept by the receiver.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from semcom.semantic import registry
from semcom.semantic.coding.index_map import decode_index_map, encode_index_map
from semcom.semantic.coding.patches import divide
from semcom.semantic.coding.picture_codecs.codec import MAX_CODED_BYTES, check_size
from semcom.semantic.illustration import png
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.layers.picture import codec_of
from semcom.semantic.wire import ByteReader, ByteWriter

PATCH_SIDE = 32
MAX_BASES = 2048
MAX_COLUMNS = 512
MAX_CELLS = 1 << 14
"""Patches of a picture: 16 million pixels."""
MAX_MAP_BYTES = 1 << 16
PIXEL_COST = 8
"""Coded pixels for one of the packet's decoding budget: one frame of a fast codec."""
CELL_COST = 16
"""What a cell of a map takes from it."""


@dataclass(frozen=True)
class SemanticBase:
    """Reference patches, `PATCH_SIDE` pixels square, and where most pictures of the set use which.

    Attributes
    ----------
    count : int
        Of the bases.
    columns : int
        Of the picture that they are coded in, side by side in the order of their numbers.
    expected : int32 [rows, columns]
        The base that pictures of this many patches mostly use in each place, `count` for none; of no size where no
        place has one.
    codec : str
        Name in the registry of picture codecs.
    pixels : uint8 [rows · PATCH_SIDE, columns · PATCH_SIDE, 3]
        All bases, as decoded.
    coded : bytes
    """

    count: int
    columns: int
    expected: np.ndarray
    codec: str
    pixels: np.ndarray
    coded: bytes

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget."""
        return -(-self.pixels.shape[0] * self.pixels.shape[1] // PIXEL_COST) + CELL_COST * self.expected.size

    @cached_property
    def patches(self) -> np.ndarray:
        """uint8 [count, PATCH_SIDE, PATCH_SIDE, 3]."""
        return divide(self.pixels, PATCH_SIDE)[: self.count]


def rows_for(count: int, columns: int) -> int:
    return -(-count // columns)


def encode(content: SemanticBase) -> bytes:
    writer = ByteWriter("semantic base")
    writer.bounded(content.count, "number of bases", 1, MAX_BASES)
    writer.bounded(content.columns, "columns", 1, MAX_COLUMNS)
    rows = rows_for(content.count, content.columns)
    if content.pixels.shape != (rows * PATCH_SIDE, content.columns * PATCH_SIDE, 3):
        raise writer.fail("pixels", f"must be {rows} × {content.columns} patches", list(content.pixels.shape))
    check_size(content.pixels.shape[1], content.pixels.shape[0])
    writer.bounded(content.expected.size, "expected cells", 0, MAX_CELLS)
    writer.bounded(len(content.coded), "coded bytes", 1, MAX_CODED_BYTES)
    writer.u8(registry.create("picture_codecs", content.codec).number).varint(content.count).varint(content.columns)
    map_rows, map_columns = content.expected.shape if content.expected.size else (0, 0)
    writer.varint(map_columns)
    if map_columns:
        writer.varint(map_rows).block(encode_index_map(content.expected, content.count, expecting=False))
    return writer.raw(content.coded).to_bytes()


def decode(reader: ByteReader) -> SemanticBase:
    number = reader.u8("codec")
    codec = codec_of(number)
    if codec is None:
        raise reader.fail("codec", "must be known here", number)
    count = reader.varint("number of bases", 1, MAX_BASES)
    columns = reader.varint("columns", 1, MAX_COLUMNS)
    map_columns = reader.varint("expected columns", 0, MAX_CELLS)
    expected = np.zeros((0, 0), np.int32)
    if map_columns:
        map_rows = reader.varint("expected rows", 1, MAX_CELLS // map_columns)
        reader.spend_pixels(CELL_COST * map_rows, map_columns, "expected bases")
        coded = reader.block("expected bases", MAX_MAP_BYTES)
        expected = decode_index_map(coded, map_rows, map_columns, count, expecting=False)
    size = (columns * PATCH_SIDE, rows_for(count, columns) * PATCH_SIDE)
    check_size(*size)
    reader.spend_pixels(-(-size[0] * size[1] // PIXEL_COST), 1, "bases")
    coded = reader.rest()
    return SemanticBase(count, columns, expected, codec.name, codec.decode(coded, size), coded)


class SemanticBaseKind(LayerBase):
    number, label, importance, colour = 8, "semantic_base", 6, "#5b6f2f"
    file_names = ("semantic_base.png",)
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: SemanticBase) -> str:
        return f"{content.count} bases of {PATCH_SIDE} × {PATCH_SIDE} pixels by {content.codec}, {len(content.coded)} B"

    def says_something(self, content: SemanticBase) -> bool:
        return False

    def draw(self, content: SemanticBase, ground: np.ndarray | None) -> tuple[np.ndarray, str]:
        return content.pixels, f"{content.count} semantic bases by {content.codec}, {len(content.coded)} B for the set"

    def files(self, content: SemanticBase, number: int) -> dict[str, bytes]:
        return {"semantic_base.png": png(content.pixels)}


KIND = SemanticBaseKind()
