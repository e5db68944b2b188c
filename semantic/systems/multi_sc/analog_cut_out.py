"""The main object with its pixels as analog symbols (Multi-SC, §II-B): they arrive with noise, whatever the SNR.

```
mask, place, subject ─► cut-out layer, coded
pixels of the box, nothing of what is around ─► linear analog code ─► blocks of symbols, uncoded
```
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from semcom.semantic.coding import linear_analog
from semcom.semantic.coding.picture import MAX_PICTURE_SIDE
from semcom.semantic.framing import framed_bytes
from semcom.semantic.layers import Layer, LayerKey, LayerKind, encode_layer
from semcom.semantic.layers.analog_block import EXACT_BYTES, MAX_SYMBOLS, SYMBOL_COST, AnalogBlock
from semcom.semantic.layers.cut_out import CutOut
from semcom.semantic.picture_file import MIN_PICTURE_SIDE
from semcom.semantic.systems.analog import AnalogSettings
from semcom.semantic.systems.multi_sc.cut_out_coding import FRAMING_BYTES, CutOutRoom, alone, box_of, mask_within, short
from semcom.semantic.systems.multi_sc.main_object import MainObject

MAX_BLOCKS = 32
SYMBOL_BYTES = 4
BLOCK_LAYER_BYTES = EXACT_BYTES + 20
"""Of a block in a packet, besides its symbols: requirement and line in the header among them."""
HEAD_IMPORTANCE = 5
LEAST_PER_BLOCK = 3
"""Complex symbols for a block of 16 × 16 pixels: with fewer the object is sent smaller."""


def analog_cut_out_layers(
    image: np.ndarray,
    found: MainObject,
    reduction: int,
    room: CutOutRoom,
    key: LayerKey,
    settings: AnalogSettings,
    within_bytes: bool,
) -> list[Layer]:
    """The cut-out without pixels, and behind it blocks of symbols, numbered on; empty where there is too little room.

    Parameters
    ----------
    image, found, reduction, room, key
        As of `cut_out_coding.cut_out_layer`.
    settings : AnalogSettings
        Its `cbr` counts symbols for a colour value of the object's box.
    within_bytes : bool
        The symbols count in the room's bytes, four bytes each; else only mask and place do.
    """
    height, width = image.shape[:2]
    box = box_of(found, reduction, width, height)
    x0, y0, x1, y1 = found.box
    inside, subject = found.mask[y0:y1, x0:x1], short(found.subject)
    num_bytes = room.max_bytes - FRAMING_BYTES - len(subject.encode())
    mask, mask_bytes = mask_within(inside, num_bytes * room.mask_share)
    if mask is None:
        return []
    most = (num_bytes - mask_bytes) // SYMBOL_BYTES if within_bytes else MAX_BLOCKS * MAX_SYMBOLS
    most -= -(-most // MAX_SYMBOLS) * BLOCK_LAYER_BYTES // SYMBOL_BYTES if within_bytes else 0
    size, count = _size_and_symbols(box, settings.cbr, most, room.max_pixels - mask.size)
    if count < 1:
        return []
    pixels = alone(image[box[1] : box[3], box[0] : box[2]], inside)
    pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    content = CutOut(width, height, subject, box, mask, pixels, b"", is_analog=True)
    head = encode_layer(key, LayerKind.CUT_OUT, content, HEAD_IMPORTANCE)
    layers = [head, *_blocks(pixels, count, settings.snr_db, key)]
    needed = sum(map(framed_bytes, layers)) if within_bytes else framed_bytes(head)
    return layers if needed <= room.max_bytes else []


def _size_and_symbols(
    box: tuple[int, int, int, int], cbr: float, most_symbols: int, most_pixels: int
) -> tuple[tuple[int, int], int]:
    """(width, height) at which a box is sent, at most its own where that is no less than a block; and symbols.

    Smaller where there are few symbols for each block, or more pixels than a receiver decodes: pixels count once for
    the picture, and symbols as `analog_block` has it.
    """
    width, height = box[2] - box[0], box[3] - box[1]
    most_symbols = min(most_symbols, MAX_BLOCKS * MAX_SYMBOLS, SYMBOL_COST * most_pixels // 2)
    count = min(round(cbr * 3 * width * height), most_symbols)
    pixels = min(most_pixels - count / SYMBOL_COST - MAX_BLOCKS, count * linear_analog.BLOCK**2 / LEAST_PER_BLOCK)
    scale = min(1.0, math.sqrt(max(pixels, 0) / (width * height)), MAX_PICTURE_SIDE / max(width, height))
    sides = [max(MIN_PICTURE_SIDE, int(scale * side)) for side in (width, height)]
    count = min(count, linear_analog.most_symbols(*sides))
    if sides[0] * sides[1] + -(-count // SYMBOL_COST) + MAX_BLOCKS > most_pixels:
        return (sides[0], sides[1]), 0
    return (sides[0], sides[1]), count


def _blocks(pixels: np.ndarray, count: int, snr_db: int, key: LayerKey) -> list[Layer]:
    code, symbols = linear_analog.encode(pixels, count, snr_db)
    layers = []
    for number, first in enumerate(range(0, count, MAX_SYMBOLS), start=key.layer + 1):
        block = AnalogBlock(code, first, symbols[first : first + MAX_SYMBOLS], of_cut_out=True)
        layers.append(encode_layer(key._replace(layer=number), LayerKind.ANALOG_BLOCK, block, requires=(key,)))
    return layers
