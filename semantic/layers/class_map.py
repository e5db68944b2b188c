"""Class map layer: a category for every pixel (A-seg; ES-ISC, §II), coded at a fraction of the picture's resolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from semcom.semantic.coding.label_map import MAX_MAP_PIXELS, decode_label_map, encode_label_map
from semcom.semantic.illustration import png, shown_size, write_words
from semcom.semantic.layers.context import (
    check_coded_map,
    coded_size,
    read_size,
    read_vocabulary,
    write_size,
    write_vocabulary,
)
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary
from semcom.semantic.wire import ByteReader, ByteWriter

MAX_DIVISOR = 64
MIN_LABELLED_SHARE = 0.008
"""Of the picture: smaller segments are drawn without their name."""


@dataclass(frozen=True)
class ClassMap:
    """Category per pixel.

    Attributes
    ----------
    width, height : int
        Of the picture, pixels.
    vocabulary : Vocabulary
    divisor : int
        The map has 1/`divisor` of the picture's resolution.
    labels : uint8 [ceil(height / divisor), ceil(width / divisor)]
        Category ids; 255 where there is none.
    """

    width: int
    height: int
    vocabulary: Vocabulary
    divisor: int
    labels: np.ndarray

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget."""
        return self.labels.size

    def shown(self, width: int, height: int) -> np.ndarray:
        """uint8 [height, width]: the map at the size at which the picture is shown."""
        return spread(self.labels, self.divisor, (self.width, self.height), (width, height))


def spread(coded: np.ndarray, divisor: int, picture_size: tuple[int, int], shown_size: tuple[int, int]) -> np.ndarray:
    """A coded map at the size at which the picture is shown; each cell covers `divisor` × `divisor` of its pixels.

    Parameters
    ----------
    coded : [rows, columns]
    divisor : int
    picture_size, shown_size : (width, height)
        The last cells may reach over the picture's edge.
    """
    rows, columns = (
        np.arange(shown) * whole // shown // divisor
        for whole, shown in zip(picture_size[::-1], shown_size[::-1], strict=True)
    )
    return coded[rows[:, None], columns[None, :]]


def encode(class_map: ClassMap) -> bytes:
    writer = ByteWriter("class map")
    write_size(writer, class_map.width, class_map.height)
    size = class_map.width, class_map.height, class_map.divisor
    check_coded_map(writer, *size, MAX_DIVISOR, MAX_MAP_PIXELS, class_map.labels.shape)
    write_vocabulary(writer, class_map.vocabulary)
    writer.u8(class_map.divisor)
    writer.raw(encode_label_map(class_map.labels, len(class_map.vocabulary.categories)))
    return writer.to_bytes()


def decode(reader: ByteReader) -> ClassMap:
    width, height = read_size(reader)
    vocabulary = read_vocabulary(reader)
    divisor = reader.bounded(reader.u8("divisor"), "divisor", 1, MAX_DIVISOR)
    columns, rows = coded_size(width, height, divisor)
    reader.bounded(rows * columns, "coded map pixels", 1, MAX_MAP_PIXELS)
    reader.spend_pixels(rows, columns, "coded map")
    labels = decode_label_map(reader.rest(), rows, columns, len(vocabulary.categories))
    return ClassMap(width, height, vocabulary, divisor, labels)


def picture(class_map: ClassMap) -> np.ndarray:
    """The class map in the vocabulary's colours, segments outlined, the larger ones named.

    Returns
    -------
    uint8 [height, width, 3]
        Of the picture's size, or smaller in the same shape where a side exceeds `illustration.MAX_SHOWN_SIDE`.
    """
    width, height = shown_size(class_map.width, class_map.height)
    labels = class_map.shown(width, height)
    sizes_px = class_map.divisor, (class_map.width, class_map.height), (width, height)
    colours = spread(class_map.vocabulary.colour_map(class_map.labels), *sizes_px)
    border = np.zeros(labels.shape, bool)
    border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    border[1:] |= labels[1:] != labels[:-1]
    colours[border] = colours[border] * 0.55
    image = Image.fromarray(colours)
    draw = ImageDraw.Draw(image)
    font_size = max(11, min(width, height) // 30)
    cells = class_map.labels  # where names fit is seen there, too, in a fraction of the time
    scale = class_map.divisor * width / class_map.width
    for label in np.unique(cells[cells != NO_LABEL]):
        components, count = ndimage.label(cells == label)
        sizes = np.bincount(components.ravel(), minlength=count + 1)[1:]
        for number in np.flatnonzero(sizes >= MIN_LABELLED_SHARE * cells.size) + 1:
            column, row = _deepest_point(components == number)
            position = int((column + 0.5) * scale), int((row + 0.5) * scale)
            write_words(draw, position, class_map.vocabulary[int(label)].name, font_size, anchor="mm")
    return np.asarray(image)


def _deepest_point(mask: np.ndarray) -> tuple[int, int]:
    """Where a name fits best: the point farthest from the segment's edge, looked for at a quarter of the resolution."""
    step = max(1, max(mask.shape) // 200)
    depth = ndimage.distance_transform_edt(np.pad(mask[::step, ::step], 1))[1:-1, 1:-1]
    row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
    return int(column * step), int(row * step)


class ClassMapKind(LayerBase):
    number, label, importance, colour = 3, "class_map", 5, "#4c8c4a"
    file_names = ("class_map.png",)
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: ClassMap) -> str:
        labels, counts = np.unique(content.labels, return_counts=True)
        names = [
            f"{'none' if label == NO_LABEL else content.vocabulary[int(label)].name} {count / counts.sum():.0%}"
            for label, count in sorted(zip(labels, counts, strict=True), key=lambda pair: -pair[1])
        ]
        return f"1/{content.divisor} resolution, {content.vocabulary.full_name}: {', '.join(names)}"

    def size(self, content: ClassMap) -> tuple[int, int]:
        return content.width, content.height

    def fineness(self, content: ClassMap) -> float:
        return -content.divisor

    def draw(self, content: ClassMap, ground: np.ndarray | None) -> tuple[np.ndarray, str]:
        return picture(content), "class map (A-seg): what is where"

    def files(self, content: ClassMap, number: int) -> dict[str, bytes]:
        return {"class_map.png": png(picture(content))}


KIND = ClassMapKind()
