"""Residual of a picture beside its reference: what a picture codec makes of the difference, 128 for none.

A form of the compensation layer (``compensation.py``), which both say what is left when a picture's bases are known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from semcom.semantic import registry
from semcom.semantic.coding.picture_codecs.codec import MAX_CODED_BYTES, MAX_CODED_SIDE, check_size
from semcom.semantic.layers.context import read_size, write_size
from semcom.semantic.layers.picture import PIXEL_COST, codec_of
from semcom.semantic.wire import ByteReader, ByteWriter

NOTHING = 128
"""Value of a residual where nothing is added."""


@dataclass(frozen=True)
class Residual:
    """What is added to the reference of a picture.

    Attributes
    ----------
    width, height : int
        Of the picture, pixels.
    codec : str
        Name in the registry of picture codecs.
    pixels : uint8 [rows, columns, 3]
        As coded; `NOTHING` where nothing is added.
    coded : bytes
    """

    width: int
    height: int
    codec: str
    pixels: np.ndarray
    coded: bytes

    label = "residual"

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget."""
        rows, columns = self.pixels.shape[:2]
        return -(-rows * columns // PIXEL_COST)

    @property
    def reduction(self) -> float:
        """How many pixels of the picture one received pixel stands for, along a side."""
        return max(1.0, self.width / self.pixels.shape[1], self.height / self.pixels.shape[0])

    def added(self) -> np.ndarray:
        """int16 [height, width, 3] to add."""
        image = Image.fromarray(self.pixels)
        if image.size != (self.width, self.height):
            image = image.resize((self.width, self.height), Image.Resampling.BICUBIC)
        return np.asarray(image).astype(np.int16) - NOTHING


def write_residual(writer: ByteWriter, content: Residual) -> None:
    rows, columns = content.pixels.shape[:2]
    check_size(columns, rows)
    write_size(writer, content.width, content.height)
    writer.bounded(len(content.coded), "coded bytes", 1, MAX_CODED_BYTES)
    writer.u8(registry.create("picture_codecs", content.codec).number)
    writer.varint(columns).varint(rows).raw(content.coded)


def read_residual(reader: ByteReader) -> Residual:
    width, height = read_size(reader)
    number = reader.u8("codec")
    codec = codec_of(number)
    if codec is None:
        raise reader.fail("codec", "must be known here", number)
    columns = reader.varint("coded width", 1, MAX_CODED_SIDE)
    rows = reader.varint("coded height", 1, MAX_CODED_SIDE)
    check_size(columns, rows)
    reader.spend_pixels(-(-rows * columns // PIXEL_COST), 1, "residual")
    coded = reader.rest()
    return Residual(width, height, codec.name, codec.decode(coded, (columns, rows)), coded)
