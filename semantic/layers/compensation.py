"""Compensation layer: how a picture differs from the reference that its semantic bases give (Seb; §II-C).

Its first byte says the form: what is done to the reference (blocks that are shifted and made brighter), or the residual
that is added to it at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcom.semantic.coding.block_compensation import OFFSET_STEP, decode_blocks, encode_blocks
from semcom.semantic.coding.patches import grid_of
from semcom.semantic.illustration import png
from semcom.semantic.layers.context import read_size, write_size
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.layers.residual import Residual, read_residual, write_residual
from semcom.semantic.layers.semantic_base import CELL_COST, MAX_CELLS, MAX_MAP_BYTES, PATCH_SIDE
from semcom.semantic.wire import ByteReader, ByteWriter

BLOCKS, RESIDUAL = 0, 1
"""Forms, as the first byte says them."""


@dataclass(frozen=True)
class BlockCompensation:
    """The reference's blocks, moved and made brighter.

    Attributes
    ----------
    width, height : int
        Of the picture, pixels.
    blocks : int32 [rows, columns, 3]
        How far to the right and down in the reference the block's content lies, pixels; what is added to it, in steps
        of `OFFSET_STEP`.
    """

    width: int
    height: int
    blocks: np.ndarray

    label = "compensation"

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget."""
        return CELL_COST * self.blocks.shape[0] * self.blocks.shape[1]


def encode(content: BlockCompensation | Residual) -> bytes:
    writer = ByteWriter(content.label)
    if isinstance(content, Residual):
        write_residual(writer.u8(RESIDUAL), content)
        return writer.to_bytes()
    write_size(writer.u8(BLOCKS), content.width, content.height)
    rows, columns = grid_of(content.width, content.height, PATCH_SIDE)
    if content.blocks.shape != (rows, columns, 3):
        raise writer.fail("blocks", f"must be {[rows, columns, 3]}", list(content.blocks.shape))
    writer.bounded(rows * columns, "blocks", 1, MAX_CELLS)
    return writer.raw(encode_blocks(content.blocks)).to_bytes()


def decode(reader: ByteReader) -> BlockCompensation | Residual:
    form = reader.bounded(reader.u8("form"), "form", BLOCKS, RESIDUAL)
    if form == RESIDUAL:
        return read_residual(reader)
    width, height = read_size(reader)
    rows, columns = grid_of(width, height, PATCH_SIDE)
    reader.bounded(rows * columns, "blocks", 1, MAX_CELLS)
    reader.spend_pixels(CELL_COST * rows, columns, "compensation")
    reader.bounded(reader.remaining, "bytes of the blocks", 0, MAX_MAP_BYTES)
    return BlockCompensation(width, height, decode_blocks(reader.rest(), rows, columns))


class CompensationKind(LayerBase):
    number, label, importance, colour = 10, "compensation", 4, "#3f8f6b"
    many = True
    file_names = ("residual.png",)
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: BlockCompensation | Residual) -> str:
        if isinstance(content, Residual):
            rows, columns = content.pixels.shape[:2]
            size = f"{columns} × {rows} of {content.width} × {content.height} pixels"
            return f"residual by {content.codec}, coded at {size}"
        moved, brighter = content.blocks[..., :2].any(2).mean(), (content.blocks[..., 2] != 0).mean()
        return f"blocks of the reference: {moved:.0%} moved, {brighter:.0%} brighter or darker by {OFFSET_STEP} or more"

    def size(self, content: BlockCompensation | Residual) -> tuple[int, int]:
        return content.width, content.height

    def says_something(self, content: BlockCompensation | Residual) -> bool:
        return isinstance(content, Residual)

    def draw(self, content: BlockCompensation | Residual, ground: np.ndarray | None) -> tuple[np.ndarray, str] | None:
        if not isinstance(content, Residual):
            return None
        return content.pixels, f"residual by {content.codec}, {len(content.coded)} B: what the bases do not say"

    def files(self, content: BlockCompensation | Residual, number: int) -> dict[str, bytes]:
        return {"residual.png": png(content.pixels)} if isinstance(content, Residual) else {}


KIND = CompensationKind()
