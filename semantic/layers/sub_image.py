"""Sub-image layer: a small coded picture of a region of interest, or of the whole scene (S-img; ES-ISC, §II).

The scene may come in two layers: its *base*, a small picture as any, and its *refinement*, a finer picture less what
the enlarged base tells of it. A refinement of layer number n stands on the scene of number n - 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcom.semantic.coding.picture import MAX_PICTURE_BYTES as MAX_CODED_BYTES
from semcom.semantic.coding.picture import MAX_PICTURE_SIDE as MAX_CODED_SIDE
from semcom.semantic.coding.picture import MIN_PICTURE_BYTES as MIN_CODED_BYTES
from semcom.semantic.coding.picture import decode_picture, picture_scale, prediction_weight
from semcom.semantic.illustration import png
from semcom.semantic.layers.context import read_size, write_size
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.layers.objects import MAX_OBJECTS
from semcom.semantic.wire import ByteReader, ByteWriter

WHOLE_SCENE = 0
"""Object id of a sub-image that shows the whole scene."""
NAMELESS = MAX_OBJECTS
"""Object id of a region that shows no object: the last one, which a list of objects from ES-ISC never reaches."""


@dataclass(frozen=True)
class SubImage:
    """A small picture of part of the picture.

    Attributes
    ----------
    width, height : int
        Of the whole picture, pixels.
    object_id : int
        The object it shows (`Objects.items[...].object_id`), or `WHOLE_SCENE`.
    box : (x0, y0, x1, y1)
        Where it belongs, pixels of the whole picture.
    pixels : uint8 [rows, columns, 3]
        As the receiver sees them: decoded from `coded`. Of a refinement, what it adds: 128 where nothing.
    coded : bytes
        From `coding.picture.encode_picture`.
    """

    width: int
    height: int
    object_id: int
    box: tuple[int, int, int, int]
    pixels: np.ndarray
    coded: bytes

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget."""
        return self.pixels.shape[0] * self.pixels.shape[1]

    @property
    def is_scene(self) -> bool:
        """Whether it shows the whole scene by itself."""
        return self.object_id == WHOLE_SCENE and not self.is_refinement

    @property
    def is_refinement(self) -> bool:
        """Whether it is what a scene has more than its base: nothing to look at without that."""
        return self.object_id == WHOLE_SCENE and prediction_weight(self.coded) > 0

    @property
    def subject(self) -> str:
        """What it shows, in words: ``scene``, ``object 3``, or ``region`` where no object of the list is meant."""
        if self.object_id == WHOLE_SCENE:
            return "scene refinement" if self.is_refinement else "scene"
        return "region" if self.object_id == NAMELESS else f"object {self.object_id}"

    @property
    def reduction(self) -> float:
        """How many pixels of the picture one received pixel stands for, along a side."""
        box_width, box_height = self.box[2] - self.box[0], self.box[3] - self.box[1]
        spread = max(1.0, box_width / self.pixels.shape[1], box_height / self.pixels.shape[0])
        return spread / picture_scale(self.coded)


def encode(sub_image: SubImage) -> bytes:
    x0, y0, x1, y1 = sub_image.box
    writer = ByteWriter("sub-image")
    write_size(writer, sub_image.width, sub_image.height)
    writer.varint(writer.bounded(sub_image.object_id, "object id", 0, MAX_OBJECTS))
    is_whole = sub_image.object_id == WHOLE_SCENE
    if not is_whole and prediction_weight(sub_image.coded):
        raise writer.fail("codec", "of a close-up must be that of a whole picture", "a difference")
    if is_whole and sub_image.box != (0, 0, sub_image.width, sub_image.height):
        raise writer.fail("box of the scene", "must be that of the picture", sub_image.box)
    writer.bounded(x0, "box left", 0, sub_image.width - 1)
    writer.bounded(y0, "box top", 0, sub_image.height - 1)
    writer.bounded(x1, "box right", x0 + 1, sub_image.width)
    writer.bounded(y1, "box bottom", y0 + 1, sub_image.height)
    writer.bounded(sub_image.pixels.shape[1], "coded width", 1, MAX_CODED_SIDE)
    writer.bounded(sub_image.pixels.shape[0], "coded height", 1, MAX_CODED_SIDE)
    writer.bounded(len(sub_image.coded), "coded bytes", MIN_CODED_BYTES, MAX_CODED_BYTES)
    if not is_whole:
        writer.varint(x0).varint(y0).varint(x1 - x0).varint(y1 - y0)
    writer.varint(sub_image.pixels.shape[1]).varint(sub_image.pixels.shape[0])
    return writer.raw(sub_image.coded).to_bytes()


def decode(reader: ByteReader) -> SubImage:
    width, height = read_size(reader)
    object_id = reader.varint("object id", 0, MAX_OBJECTS)
    box = (0, 0, width, height)
    if object_id != WHOLE_SCENE:
        x0, y0 = reader.varint("box left", 0, width - 1), reader.varint("box top", 0, height - 1)
        x1 = x0 + reader.varint("box width", 1, width - x0)
        y1 = y0 + reader.varint("box height", 1, height - y0)
        box = (x0, y0, x1, y1)
    columns = reader.varint("coded width", 1, MAX_CODED_SIDE)
    rows = reader.varint("coded height", 1, MAX_CODED_SIDE)
    reader.spend_pixels(rows, columns, "sub-image")
    coded = reader.rest()
    if object_id != WHOLE_SCENE and prediction_weight(coded):
        raise reader.fail("codec", "of a close-up must be that of a whole picture", "a difference")
    return SubImage(width, height, object_id, box, decode_picture(coded, rows, columns), coded)


class SubImageKind(LayerBase):
    number, label, importance, colour = 5, "sub_image", 2, "#2f6fb0"
    many = True
    file_names = ("sub_images",)
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: SubImage) -> str:
        if content.is_refinement:
            what = "what the scene has more than the enlarged layer before"
        else:
            what = "whole scene" if content.is_scene else f"{content.subject} at {content.box}"
        return f"{what}, {content.pixels.shape[1]} × {content.pixels.shape[0]} pixels"

    def says_something(self, content: SubImage) -> bool:
        return not content.is_refinement

    def size(self, content: SubImage) -> tuple[int, int]:
        return content.width, content.height

    def draw(self, content: SubImage, ground: np.ndarray | None) -> tuple[np.ndarray, str]:
        rows, columns = content.pixels.shape[:2]
        what = "the whole scene" if content.is_scene else content.subject
        if content.is_refinement:
            what = "added to the scene (grey: nothing)"
        return content.pixels, f"{what}, {columns} × {rows}, {len(content.coded)} B"

    def files(self, content: SubImage, number: int) -> dict[str, bytes]:
        return {f"sub_images/{number:02d}_{content.subject.replace(' ', '_')}.png": png(content.pixels)}


KIND = SubImageKind()
