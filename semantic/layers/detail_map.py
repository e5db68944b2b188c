"""Detail map layer: the fine boundaries of all segments, without categories (B-seg; ES-ISC, §II)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcom.semantic.coding.binary_map import MAX_MAP_PIXELS, decode_binary_map, encode_binary_map
from semcom.semantic.illustration import INK, PAPER, png, shown_size
from semcom.semantic.layers.class_map import MAX_DIVISOR, spread
from semcom.semantic.layers.context import check_coded_map, coded_size, read_size, write_size
from semcom.semantic.layers.kind import LayerBase
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


def picture(detail_map: DetailMap) -> np.ndarray:
    """Boundaries as ink on paper: uint8 [height, width, 3]."""
    width, height = shown_size(detail_map.width, detail_map.height)
    edges = detail_map.shown(width, height)
    return np.where(edges[:, :, None], np.uint8(INK), np.uint8(PAPER))


class DetailMapKind(LayerBase):
    number, label, importance, colour = 4, "detail_map", 3, "#2f7f86"
    file_names = ("detail_map.png",)
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: DetailMap) -> str:
        return f"1/{content.divisor} resolution, {content.edges.mean():.1%} of it boundary"

    def size(self, content: DetailMap) -> tuple[int, int]:
        return content.width, content.height

    def fineness(self, content: DetailMap) -> float:
        return -content.divisor

    def draw(self, content: DetailMap, ground: np.ndarray | None) -> tuple[np.ndarray, str]:
        return picture(content), "detail map (B-seg): fine boundaries"

    def files(self, content: DetailMap, number: int) -> dict[str, bytes]:
        return {"detail_map.png": png(picture(content))}


KIND = DetailMapKind()
