"""One picture beside the bases of its subset: usage, compensation, residual in so many bytes (Zheng et al. §II-C)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from semcom.semantic.coding.block_compensation import MAX_OFFSET, OFFSET_STEP
from semcom.semantic.coding.index_map import AS_EXPECTED
from semcom.semantic.coding.patches import divide, grid_of
from semcom.semantic.layers import LayerKey, LayerKind, encode_layer
from semcom.semantic.layers.compensation import BlockCompensation, MotionField
from semcom.semantic.layers.layer import Layer
from semcom.semantic.layers.residual import NOTHING, Residual
from semcom.semantic.layers.semantic_base import PATCH_SIDE, SemanticBase
from semcom.semantic.layers.usage import Usage
from semcom.semantic.reconstruct.from_bases import reference_of
from semcom.semantic.systems.seb.bases import nearest_bases
from semcom.semantic.systems.seb.motion import find_fields
from semcom.semantic.systems.seb.preset import Preset

USAGE_NUMBER, COMPENSATION_NUMBER, RESIDUAL_NUMBER = 1, 2, 3
SCALES = (1.0, 0.5, 0.25, 0.125)
"""Sizes that a residual is coded at."""
FULL_SIZE_ABOVE = 0.12
"""Bits per pixel above which smaller residuals are not tried."""
LEAST_OFFSET = 3
"""Steps of brightness: smaller differences are left to the residual."""
_SHIFT_GAIN = 0.8
"""A shift must leave at most this part of a block's squared difference: its bits could have served the residual."""


@dataclass
class CodedPicture:
    """What is sent of a picture besides the bases.

    Attributes
    ----------
    layers : list of Layer
    squared_error : float
        Of the picture as the receiver shows it, summed over all values.
    """

    layers: list[Layer] = field(default_factory=list)
    squared_error: float = np.inf


class PictureCoder:
    """Codes pictures beside one base layer.

    Parameters
    ----------
    codec : ClassicalCodec
        Of the residual.
    base : SemanticBase or None
        As the receiver has it; None codes the picture alone.
    base_key : LayerKey or None
    preset : Preset
        Says how blocks of the reference are moved.
    """

    def __init__(self, codec, base: SemanticBase | None, base_key: LayerKey | None, preset: Preset) -> None:
        self._codec, self._base, self._base_key, self._preset = codec, base, base_key, preset
        self._quality = dict.fromkeys(SCALES, 50.0)

    def code(self, image: np.ndarray, max_bytes: int, identity: tuple[int, int, int]) -> CodedPicture:
        """Usage, compensation and the best residual in `max_bytes` of payloads; image uint8 [height, width, 3]."""
        usage, cells = self._usage(image, identity)
        best = CodedPicture()
        left = max_bytes - sum(len(layer.payload) for layer in usage)
        for compensation, reference in self._references(image, cells, identity, left):
            layers = [*usage, *compensation]
            room = left - sum(len(layer.payload) for layer in compensation)
            residual, error = self._residual(image, reference, room)
            if residual is not None:
                layers.append(encode_layer(LayerKey(*identity, RESIDUAL_NUMBER), LayerKind.COMPENSATION, residual))
            if error < best.squared_error:
                best = CodedPicture(layers, error)
        return best

    def _usage(self, image: np.ndarray, identity: tuple[int, int, int]) -> tuple[list[Layer], np.ndarray | None]:
        """Which base lies where: as a layer, and int32 [rows, columns]; nothing without bases."""
        height, width = image.shape[:2]
        if self._base is None:
            return [], None
        grid = grid_of(width, height, PATCH_SIDE)
        patches = divide(image, PATCH_SIDE)
        cells = nearest_bases(patches, self._base.patches).reshape(grid)
        cells = self._with_expected(patches, cells)
        expecting = self._base.expected.shape == grid
        told = np.where(cells == self._base.expected, AS_EXPECTED, cells) if expecting else cells
        usage = Usage(width, height, self._base_key.layer, self._base.count, expecting, told)
        requires = (self._base_key,)
        return [encode_layer(LayerKey(*identity, USAGE_NUMBER), LayerKind.USAGE, usage, requires=requires)], cells

    def _references(
        self, image: np.ndarray, cells: np.ndarray | None, identity: tuple[int, int, int], max_bytes: int
    ) -> Iterator[tuple[list[Layer], np.ndarray]]:
        """Compensations to try, each with the reference that it makes, int16 of the picture's size; none in place of
        one that does not fit."""
        height, width = image.shape[:2]
        if cells is None:
            yield [], np.full(image.shape, NOTHING, np.int16)
            return
        reference = reference_of(self._base, cells)
        if self._preset.motion == "flow":
            tried = [MotionField(width, height, *found) for found in find_fields(image, reference)]
        else:
            blocks = find_blocks(image, reference, cells < self._base.count, self._preset.largest_shift)
            tried = [BlockCompensation(width, height, blocks)]
        key, requires = LayerKey(*identity, COMPENSATION_NUMBER), (LayerKey(*identity, USAGE_NUMBER),)
        for content in tried:
            told = [encode_layer(key, LayerKind.COMPENSATION, content, 5, requires)] if content.blocks.any() else []
            fits = sum(len(layer.payload) for layer in told) <= max_bytes
            shown = content.applied(reference) if fits else reference
            yield told if fits else [], shown[:height, :width].astype(np.int16)

    def _with_expected(self, patches: np.ndarray, cells: np.ndarray) -> np.ndarray:
        """Cells with what is expected in the place of a base that is hardly better: it costs next to nothing."""
        expected = self._base.expected
        if expected.shape != cells.shape:
            return cells
        there = ((expected < self._base.count) & (cells < self._base.count) & (expected != cells)).ravel()
        if not there.any():
            return cells
        some, new = patches[there].astype(np.float32), cells.copy().ravel()
        error = [
            ((some - self._base.patches[numbers.ravel()[there]]) ** 2).sum((1, 2, 3)) for numbers in (cells, expected)
        ]
        new[there] = np.where(error[1] < 1.1 * error[0], expected.ravel()[there], new[there])
        return new.reshape(cells.shape)

    def _residual(self, image: np.ndarray, reference: np.ndarray, room: int) -> tuple[Residual | None, float]:
        """The residual of the size that leaves the least squared error, None where none helps; and that error."""
        height, width = image.shape[:2]
        difference = image.astype(np.int16) - reference
        best, least = None, float((difference.astype(np.float64) ** 2).sum())
        whole = Image.fromarray((difference + NOTHING).clip(0, 255).astype(np.uint8))
        for scale in SCALES:
            size = (max(8, round(width * scale)), max(8, round(height * scale)))
            if best is not None and 8 * room > FULL_SIZE_ABOVE * width * height:
                break
            small = whole if scale == 1 else whole.resize(size, Image.Resampling.BOX if scale <= 0.5 else None)
            fitting = self._codec.fill(small, room - 16, self._quality[scale])
            if fitting is None:
                continue
            data, self._quality[scale] = fitting
            made = Residual(width, height, self._codec.name, self._codec.decode(data, small.size), data)
            shown = np.clip(reference + made.added(), 0, 255)
            error = float(((image - shown).astype(np.float64) ** 2).sum())
            if error < least:
                best, least = made, error
        return best, least


def find_blocks(image: np.ndarray, reference: np.ndarray, used: np.ndarray, largest_shift: int) -> np.ndarray:
    """int32 [rows, columns, 3], the shift and offset of each block that leaves the least, as `shifted` takes them.

    Parameters
    ----------
    image : uint8 [height, width, 3]
    reference : uint8 [rows · PATCH_SIDE, columns · PATCH_SIDE, 3]
    used : bool [rows, columns]
        Where there is a base; other blocks are not shifted.
    largest_shift : int
        Looked for, pixels.
    """
    rows, columns = used.shape
    pad = ((0, rows * PATCH_SIDE - image.shape[0]), (0, columns * PATCH_SIDE - image.shape[1]))
    wanted = np.pad(image.mean(2, dtype=np.float32), pad, mode="edge")
    luma = np.pad(reference.mean(2, dtype=np.float32), largest_shift, mode="edge")
    blocks = np.zeros((rows, columns, 3), np.int32)
    least = None
    shifts = sorted(
        np.ndindex(2 * largest_shift + 1, 2 * largest_shift + 1), key=lambda s: sum((i - largest_shift) ** 2 for i in s)
    )
    for down, right in shifts:
        difference = wanted - luma[down : down + wanted.shape[0], right : right + wanted.shape[1]]
        parts = difference.reshape(rows, PATCH_SIDE, columns, PATCH_SIDE).swapaxes(1, 2).reshape(rows, columns, -1)
        offset = np.rint(parts.mean(2) / OFFSET_STEP).clip(-MAX_OFFSET, MAX_OFFSET)
        offset[np.abs(offset) < LEAST_OFFSET] = 0
        left = ((parts - OFFSET_STEP * offset[..., None]) ** 2).sum(2)
        if least is None:
            least, flat = left, offset.astype(np.int32)
            blocks[..., 2] = offset
            start = left.copy()
        else:
            better = (left < least) & (left < _SHIFT_GAIN * start)
            least = np.where(better, left, least)
            blocks[better] = np.stack(
                [np.full_like(offset, right - largest_shift), np.full_like(offset, down - largest_shift), offset], -1
            )[better].astype(np.int32)
    blocks[~used, :2] = 0
    blocks[~used, 2] = flat[~used]
    return blocks
