"""Usage layer: which semantic base lies where in a picture (Seb; Zheng et al. §II-B)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from semcom.semantic.coding.index_map import AS_EXPECTED, decode_index_map, encode_index_map
from semcom.semantic.coding.patches import grid_of
from semcom.semantic.illustration import png
from semcom.semantic.layers.context import read_size, write_size
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.layers.semantic_base import CELL_COST, MAX_BASES, MAX_CELLS, MAX_MAP_BYTES, PATCH_SIDE
from semcom.semantic.wire import ByteReader, ByteWriter

MAX_LAYER_NUMBER = 255


@dataclass(frozen=True)
class Usage:
    """A base for each patch of a picture.

    Attributes
    ----------
    width, height : int
        Of the picture, pixels.
    base : int
        Number of the layer with the bases.
    count : int
        Of the bases that it was made with.
    expecting : bool
        Whether cells may be what the base layer expects of most pictures.
    cells : int32 [rows, columns]
        0..count - 1; `count` where no base is used; `AS_EXPECTED` for the base layer's own.
    """

    width: int
    height: int
    base: int
    count: int
    expecting: bool
    cells: np.ndarray

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget."""
        return CELL_COST * self.cells.size

    def resolved(self, expected: np.ndarray) -> np.ndarray:
        """int32 [rows, columns]: with what is expected filled in; `count` where the base layer expects nothing."""
        if expected.shape != self.cells.shape:
            expected = np.full_like(self.cells, self.count)
        return np.where(self.cells == AS_EXPECTED, expected, self.cells)


def encode(content: Usage) -> bytes:
    writer = ByteWriter("usage")
    write_size(writer, content.width, content.height)
    shape = grid_of(content.width, content.height, PATCH_SIDE)
    if tuple(content.cells.shape) != shape:
        raise writer.fail("cells", f"must be {list(shape)}", list(content.cells.shape))
    writer.bounded(content.cells.size, "cells", 1, MAX_CELLS)
    writer.bounded(content.count, "number of bases", 1, MAX_BASES)
    writer.u8(writer.bounded(content.base, "base layer", 0, MAX_LAYER_NUMBER))
    writer.varint(content.count << 1 | content.expecting)
    return writer.raw(encode_index_map(content.cells, content.count, content.expecting)).to_bytes()


def decode(reader: ByteReader) -> Usage:
    width, height = read_size(reader)
    base = reader.u8("base layer")
    count_and_form = reader.varint("number of bases and form", 2, MAX_BASES << 1 | 1)
    rows, columns = grid_of(width, height, PATCH_SIDE)
    reader.bounded(rows * columns, "cells", 1, MAX_CELLS)
    reader.spend_pixels(CELL_COST * rows, columns, "usage")
    reader.bounded(reader.remaining, "bytes of the map", 0, MAX_MAP_BYTES)
    count, expecting = count_and_form >> 1, bool(count_and_form & 1)
    cells = decode_index_map(reader.rest(), rows, columns, count, expecting)
    return Usage(width, height, base, count, expecting, cells)


class UsageKind(LayerBase):
    number, label, importance, colour = 9, "usage", 6, "#7f9440"
    file_names = ("usage.png",)
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: Usage) -> str:
        rows, columns = content.cells.shape
        used = f"{columns} × {rows} patches, {len(np.unique(content.cells[content.cells >= 0]))} numbers of bases"
        return f"{used}, {(content.cells == AS_EXPECTED).mean():.0%} as expected" if content.expecting else used

    def size(self, content: Usage) -> tuple[int, int]:
        return content.width, content.height

    def says_something(self, content: Usage) -> bool:
        return False

    def draw(self, content: Usage, ground: np.ndarray | None) -> tuple[np.ndarray, str]:
        return _coloured(content), "which semantic base lies where; white: as the base layer expects, black: none"

    def files(self, content: Usage, number: int) -> dict[str, bytes]:
        return {"usage.png": png(_coloured(content))}


def _coloured(content: Usage) -> np.ndarray:
    """uint8 [8 · rows, 8 · columns, 3]: a colour for each number."""
    table = np.random.default_rng(0).integers(40, 230, (content.count + 2, 3), dtype=np.uint8)
    table[content.count], table[AS_EXPECTED] = 0, 255
    image = Image.fromarray(table[content.cells])
    return np.asarray(image.resize((8 * image.width, 8 * image.height), Image.Resampling.NEAREST))


KIND = UsageKind()
