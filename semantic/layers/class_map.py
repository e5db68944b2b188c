"""Class map layer: a category for every pixel (A-seg; ES-ISC, §II), coded at a fraction of the picture's resolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcom.semantic.coding.label_map import MAX_MAP_PIXELS, decode_label_map, encode_label_map
from semcom.semantic.layers.context import (
    check_coded_map,
    coded_size,
    read_size,
    read_vocabulary,
    write_size,
    write_vocabulary,
)
from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.wire import ByteReader, ByteWriter

MAX_DIVISOR = 64


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
