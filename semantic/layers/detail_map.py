"""Detail map layer: the fine boundaries of all segments, without categories (B-seg; ES-ISC, §II)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcom.semantic.coding.binary_map import MAX_MAP_PIXELS, decode_binary_map, encode_binary_map
from semcom.semantic.layers.class_map import MAX_DIVISOR, spread
from semcom.semantic.layers.context import check_coded_map, coded_size, read_size, write_size
from semcom.semantic.wire import ByteReader, ByteWriter


@dataclass(frozen=True)
class DetailMap:
    """Boundaries of segments.

    Attributes
    ----------
    width, height : int
        Of the picture, pixels.
    divisor : int
        The map has 1/`divisor` of the picture's resolution.
    edges : bool [ceil(height / divisor), ceil(width / divisor)]
        True on a boundary.
    """

    width: int
    height: int
    divisor: int
    edges: np.ndarray

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget."""
        return self.edges.size

    def shown(self, width: int, height: int) -> np.ndarray:
        """bool [height, width]: the map at the size at which the picture is shown."""
        return spread(self.edges, self.divisor, (self.width, self.height), (width, height))


def encode(detail_map: DetailMap) -> bytes:
    writer = ByteWriter("detail map")
    write_size(writer, detail_map.width, detail_map.height)
    size = detail_map.width, detail_map.height, detail_map.divisor
    check_coded_map(writer, *size, MAX_DIVISOR, MAX_MAP_PIXELS, detail_map.edges.shape)
    return writer.u8(detail_map.divisor).raw(encode_binary_map(detail_map.edges)).to_bytes()


def decode(reader: ByteReader) -> DetailMap:
    width, height = read_size(reader)
    divisor = reader.bounded(reader.u8("divisor"), "divisor", 1, MAX_DIVISOR)
    columns, rows = coded_size(width, height, divisor)
    reader.bounded(rows * columns, "coded map pixels", 1, MAX_MAP_PIXELS)
    reader.spend_pixels(rows, columns, "coded map")
    return DetailMap(width, height, divisor, decode_binary_map(reader.rest(), rows, columns))
