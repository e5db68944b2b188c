"""Cut-out layer: the main object of the picture alone, a small picture with a mask (Multi-SC, §II-A, "slice").

Its pixels are coded and follow the mask; or they travel beside it as analog symbols, in analog block layers of the size
that is written here, and nothing follows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from semcom.semantic.coding.label_map import decode_label_map, encode_label_map
from semcom.semantic.coding.picture import (
    MAX_PICTURE_BYTES,
    MAX_PICTURE_SIDE,
    MIN_PICTURE_BYTES,
    decode_picture,
    picture_scale,
)
from semcom.semantic.illustration import PAPER, png
from semcom.semantic.layers.context import printable, read_size, write_size
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.wire import ByteReader, ByteWriter

MAX_SUBJECT_BYTES = 64
MAX_MASK_SIDE = 256
MAX_MASK_BYTES = 1 << 13
GREY = 128
"""Of pixels that travel as analog symbols, until those are looked at."""


@dataclass(frozen=True)
class CutOut:
    """An object without what is around it.

    Attributes
    ----------
    width, height : int
        Of the whole picture, pixels.
    subject : str
        What it is, in a word or two; empty where nobody knows.
    box : (x0, y0, x1, y1)
        Where it belongs, pixels of the whole picture.
    mask : bool [mask rows, mask columns]
        True on the object, at a resolution of its own.
    pixels : uint8 [rows, columns, 3]
        Of the box, as the receiver sees them: decoded from `coded`. What lies beside the object means nothing.
    coded : bytes
        From `coding.picture.encode_picture`; none where the pixels travel as analog symbols.
    is_analog : bool
        They do.
    has_pixels : bool
        `pixels` are the object's, and not a grey that stands for symbols that have not been looked at or did not come.
    """

    width: int
    height: int
    subject: str
    box: tuple[int, int, int, int]
    mask: np.ndarray
    pixels: np.ndarray
    coded: bytes
    is_analog: bool = False
    has_pixels: bool = True

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget."""
        return self.mask.size + self.pixels.shape[0] * self.pixels.shape[1]

    @property
    def reduction(self) -> float:
        """How many pixels of the picture one received pixel stands for, along a side."""
        box_width, box_height = self.box[2] - self.box[0], self.box[3] - self.box[1]
        spread = max(1.0, box_width / self.pixels.shape[1], box_height / self.pixels.shape[0])
        return spread if self.is_analog else spread / picture_scale(self.coded)

    def shown(self, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """uint8 [height, width, 3] and its alpha, uint8 [height, width]: the box at the size at which it is shown."""
        size = (width, height)
        pixels = Image.fromarray(self.pixels).resize(size, Image.Resampling.BICUBIC)
        alpha = Image.fromarray(np.where(self.mask, np.uint8(255), np.uint8(0)))
        return np.array(pixels), np.array(alpha.resize(size, Image.Resampling.BILINEAR))


def encode(content: CutOut) -> bytes:
    x0, y0, x1, y1 = content.box
    writer = ByteWriter("cut-out")
    write_size(writer, content.width, content.height)
    subject = content.subject.encode("utf-8")
    writer.bounded(len(subject), "bytes of the subject", 0, MAX_SUBJECT_BYTES)
    if printable(content.subject) != content.subject:
        raise writer.fail("subject", "must not contain control characters", repr(content.subject))
    writer.bounded(x0, "box left", 0, content.width - 1)
    writer.bounded(y0, "box top", 0, content.height - 1)
    writer.bounded(x1, "box right", x0 + 1, content.width)
    writer.bounded(y1, "box bottom", y0 + 1, content.height)
    for name, array, most in (("mask", content.mask, MAX_MASK_SIDE), ("coded", content.pixels, MAX_PICTURE_SIDE)):
        writer.bounded(array.shape[1], f"{name} width", 1, most)
        writer.bounded(array.shape[0], f"{name} height", 1, most)
    if not content.mask.any():
        raise writer.fail("mask", "must have pixels of the object", 0)
    least, most = (0, 0) if content.is_analog else (MIN_PICTURE_BYTES, MAX_PICTURE_BYTES)
    writer.bounded(len(content.coded), "coded bytes", least, most)
    mask = encode_label_map(content.mask.astype(np.uint8), 2)
    writer.bounded(len(mask), "bytes of the mask", 1, MAX_MASK_BYTES)
    writer.block(subject).varint(x0).varint(y0).varint(x1 - x0).varint(y1 - y0)
    writer.varint(content.mask.shape[1]).varint(content.mask.shape[0]).block(mask)
    writer.varint(content.pixels.shape[1]).varint(content.pixels.shape[0])
    return writer.raw(content.coded).to_bytes()


def decode(reader: ByteReader) -> CutOut:
    width, height = read_size(reader)
    subject = printable(reader.block("subject", MAX_SUBJECT_BYTES).decode("utf-8", "replace"))
    x0, y0 = reader.varint("box left", 0, width - 1), reader.varint("box top", 0, height - 1)
    x1 = x0 + reader.varint("box width", 1, width - x0)
    y1 = y0 + reader.varint("box height", 1, height - y0)
    mask_columns = reader.varint("mask width", 1, MAX_MASK_SIDE)
    mask_rows = reader.varint("mask height", 1, MAX_MASK_SIDE)
    reader.spend_pixels(mask_rows, mask_columns, "mask")
    mask = decode_label_map(reader.block("mask", MAX_MASK_BYTES), mask_rows, mask_columns, 2) == 1
    if not mask.any():
        raise reader.fail("mask", "must have pixels of the object", 0)
    columns = reader.varint("coded width", 1, MAX_PICTURE_SIDE)
    rows = reader.varint("coded height", 1, MAX_PICTURE_SIDE)
    reader.spend_pixels(rows, columns, "cut-out")
    coded, box = reader.rest(), (x0, y0, x1, y1)
    if not coded:
        grey = np.full((rows, columns, 3), GREY, np.uint8)
        return CutOut(width, height, subject, box, mask, grey, coded, is_analog=True, has_pixels=False)
    return CutOut(width, height, subject, box, mask, decode_picture(coded, rows, columns), coded)


def on_paper(content: CutOut) -> np.ndarray:
    """The object on paper, at the size it was coded at: uint8 [rows, columns, 3]."""
    pixels, alpha = content.shown(content.pixels.shape[1], content.pixels.shape[0])
    weight = alpha[..., None] / 255.0
    return np.rint(weight * pixels + (1 - weight) * np.array(PAPER)).astype(np.uint8)


class CutOutKind(LayerBase):
    number, label, importance, colour = 7, "cut_out", 4, "#7d4f9e"
    many = True
    file_names = ("cut_outs",)
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: CutOut) -> str:
        rows, columns = content.pixels.shape[:2]
        what = content.subject or "main object"
        pixels = f"{columns} × {rows} pixels" + " as analog symbols" * content.is_analog
        return f"{what} at {content.box}, {pixels}, mask {content.mask.mean():.0%} of the box"

    def size(self, content: CutOut) -> tuple[int, int]:
        return content.width, content.height

    def draw(self, content: CutOut, ground: np.ndarray | None) -> tuple[np.ndarray, str]:
        what = content.subject or "main object"
        if content.is_analog:
            pixels = "pixels as the noise left them" if content.has_pixels else "its mask alone, no pixels came"
        else:
            pixels = f"{len(content.coded)} B and its mask"
        return on_paper(content), f"cut-out: {what}, {pixels}"

    def says_something(self, content: CutOut) -> bool:
        return not content.is_analog or content.has_pixels

    def files(self, content: CutOut, number: int) -> dict[str, bytes]:
        name = "_".join("".join(c if c.isalnum() else " " for c in content.subject).split()) or "object"
        return {f"cut_outs/{number:02d}_{name}.png": png(on_paper(content))}


KIND = CutOutKind()
