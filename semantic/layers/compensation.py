"""Compensation layer: how a picture differs from the reference that its semantic bases give (Seb; §II-C).

Its first byte says the form: what is done to the reference (patches, or smaller blocks, that are shifted and made
brighter), or the residual that is added to it at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcom.semantic.coding.block_compensation import OFFSET_STEP, decode_blocks, encode_blocks, shifted
from semcom.semantic.coding.motion_field import SIDES, compensated, decode_field, encode_field
from semcom.semantic.coding.patches import grid_of
from semcom.semantic.illustration import png
from semcom.semantic.layers.context import read_size, write_size
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.layers.residual import Residual, read_residual, write_residual
from semcom.semantic.layers.semantic_base import CELL_COST, MAX_CELLS, MAX_MAP_BYTES, PATCH_SIDE
from semcom.semantic.wire import ByteReader, ByteWriter

BLOCKS, RESIDUAL, FIELD = 0, 1, 2
"""Forms, as the first byte says them."""


class _Blocks:
    """Content whose blocks, int32 [rows, columns, 3], change the reference."""

    label = "compensation"
    blocks: np.ndarray

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget."""
        return CELL_COST * self.blocks.shape[0] * self.blocks.shape[1]


@dataclass(frozen=True)
class BlockCompensation(_Blocks):
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

    def applied(self, reference: np.ndarray) -> np.ndarray:
        """The reference, uint8 of whole patches, as it is shown."""
        return shifted(reference, self.blocks, PATCH_SIDE)


@dataclass(frozen=True)
class MotionField(_Blocks):
    """The reference's blocks of a chosen size, moved by parts of a pixel and made brighter.

    Attributes
    ----------
    width, height : int
        Of the picture, pixels.
    side : int
        Of a block, pixels; one of `SIDES`.
    blocks : int32 [rows, columns, 3]
        As `BlockCompensation.blocks`, in quarters of a pixel; of all whole patches that the picture takes.
    """

    width: int
    height: int
    side: int
    blocks: np.ndarray

    def applied(self, reference: np.ndarray) -> np.ndarray:
        """The reference, uint8 of whole patches, as it is shown."""
        return compensated(reference, self.blocks, self.side)


Content = BlockCompensation | MotionField | Residual
"""By form."""


def encode(content: Content) -> bytes:
    writer = ByteWriter(content.label)
    if isinstance(content, Residual):
        write_residual(writer.u8(RESIDUAL), content)
        return writer.to_bytes()
    fine = isinstance(content, MotionField)
    write_size(writer.u8(FIELD if fine else BLOCKS), content.width, content.height)
    if fine:
        if content.side not in SIDES:
            raise writer.fail("side of blocks", f"must be one of {list(SIDES)}", content.side)
        writer.u8(SIDES.index(content.side))
    rows, columns = _grid(writer, content.width, content.height, content.side if fine else PATCH_SIDE)
    if content.blocks.shape != (rows, columns, 3):
        raise writer.fail("blocks", f"must be {[rows, columns, 3]}", list(content.blocks.shape))
    coded = encode_field(content.blocks) if fine else encode_blocks(content.blocks)
    writer.bounded(len(coded), "bytes of the blocks", 0, MAX_MAP_BYTES)
    return writer.raw(coded).to_bytes()


def decode(reader: ByteReader) -> Content:
    form = reader.bounded(reader.u8("form"), "form", BLOCKS, FIELD)
    if form == RESIDUAL:
        return read_residual(reader)
    width, height = read_size(reader)
    side = PATCH_SIDE
    if form == FIELD:
        side = SIDES[reader.bounded(reader.u8("size of blocks"), "size of blocks", 0, len(SIDES) - 1)]
    rows, columns = _grid(reader, width, height, side)
    reader.spend_pixels(CELL_COST * rows, columns, "compensation")
    reader.bounded(reader.remaining, "bytes of the blocks", 0, MAX_MAP_BYTES)
    if form == FIELD:
        return MotionField(width, height, side, decode_field(reader.rest(), rows, columns))
    return BlockCompensation(width, height, decode_blocks(reader.rest(), rows, columns))


def _grid(wire: ByteReader | ByteWriter, width: int, height: int, side: int) -> tuple[int, int]:
    """(rows, columns) of the blocks in all whole patches of a picture, which are bounded."""
    rows, columns = grid_of(width, height, PATCH_SIDE)
    wire.bounded(rows * columns, "blocks", 1, MAX_CELLS)
    return rows * PATCH_SIDE // side, columns * PATCH_SIDE // side


class CompensationKind(LayerBase):
    number, label, importance, colour = 10, "compensation", 4, "#3f8f6b"
    many = True
    file_names = ("residual.png",)
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: Content) -> str:
        if isinstance(content, Residual):
            rows, columns = content.pixels.shape[:2]
            size = f"{columns} × {rows} of {content.width} × {content.height} pixels"
            return f"residual by {content.codec}, coded at {size}"
        moved, brighter = content.blocks[..., :2].any(2).mean(), (content.blocks[..., 2] != 0).mean()
        side = f" of {content.side} pixels" if isinstance(content, MotionField) else ""
        told = f"{moved:.0%} moved, {brighter:.0%} brighter or darker by {OFFSET_STEP} or more"
        return f"blocks{side} of the reference: {told}"

    def size(self, content: Content) -> tuple[int, int]:
        return content.width, content.height

    def says_something(self, content: Content) -> bool:
        return isinstance(content, Residual)

    def draw(self, content: Content, ground: np.ndarray | None) -> tuple[np.ndarray, str] | None:
        if not isinstance(content, Residual):
            return None
        return content.pixels, f"residual by {content.codec}, {len(content.coded)} B: what the bases do not say"

    def files(self, content: Content, number: int) -> dict[str, bytes]:
        return {"residual.png": png(content.pixels)} if isinstance(content, Residual) else {}


KIND = CompensationKind()
