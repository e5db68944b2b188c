"""Picture layer: the whole picture, coded by a named classical codec at the size that serves best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from semcom.semantic import registry
from semcom.semantic.coding.picture_codecs.codec import ENLARGED_BY, MAX_CODED_BYTES, MAX_CODED_SIDE, check_size
from semcom.semantic.errors import SemanticError
from semcom.semantic.illustration import png
from semcom.semantic.layers.context import read_size, write_size
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.wire import ByteReader, ByteWriter

MAX_CODEC = 15
PIXEL_COST = 4
"""Coded pixels for one of the packet's decoding budget: these decoders are so much faster than those of our maps."""
_FILTERS = tuple(ENLARGED_BY)
_FILTER_SHIFT = 4


@dataclass(frozen=True)
class Picture:
    """The whole picture through a classical codec.

    Attributes
    ----------
    width, height : int
        Of the picture, pixels.
    codec : str
        Name in the registry of picture codecs.
    enlarged_by : str
        ``bicubic`` or ``lanczos``.
    pixels : uint8 [rows, columns, 3]
        As coded.
    coded : bytes
        From the codec, without its container.
    """

    width: int
    height: int
    codec: str
    enlarged_by: str
    pixels: np.ndarray
    coded: bytes

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget."""
        rows, columns = self.pixels.shape[:2]
        return -(-rows * columns // PIXEL_COST)

    @property
    def reduction(self) -> float:
        """How many pixels of the picture one received pixel stands for, along a side."""
        return max(1.0, self.width / self.pixels.shape[1], self.height / self.pixels.shape[0])

    def shown(self, width: int, height: int) -> np.ndarray:
        """uint8 [height, width, 3]: at the size at which the picture is shown."""
        image = Image.fromarray(self.pixels)
        return np.array(image if image.size == (width, height) else image.resize((width, height), self._resampling))

    @property
    def _resampling(self) -> Image.Resampling:
        return ENLARGED_BY[self.enlarged_by]


def encode(picture: Picture) -> bytes:
    rows, columns = picture.pixels.shape[:2]
    check_size(columns, rows)
    codec = registry.create("picture_codecs", picture.codec)
    writer = ByteWriter("picture")
    write_size(writer, picture.width, picture.height)
    if picture.enlarged_by not in _FILTERS:
        raise writer.fail("filter", f"must be one of {', '.join(_FILTERS)}", repr(picture.enlarged_by))
    writer.bounded(len(picture.coded), "coded bytes", 1, MAX_CODED_BYTES)
    writer.u8(codec.number | _FILTERS.index(picture.enlarged_by) << _FILTER_SHIFT)
    return writer.varint(columns).varint(rows).raw(picture.coded).to_bytes()


def decode(reader: ByteReader) -> Picture:
    width, height = read_size(reader)
    way = reader.bounded(reader.u8("codec and filter"), "codec and filter", 0, (len(_FILTERS) << _FILTER_SHIFT) - 1)
    codec = codec_of(way & MAX_CODEC)
    if codec is None:
        raise reader.fail("codec", f"must be one of {sorted(_numbers())}", way & MAX_CODEC)
    columns = reader.varint("coded width", 1, MAX_CODED_SIDE)
    rows = reader.varint("coded height", 1, MAX_CODED_SIDE)
    check_size(columns, rows)
    reader.spend_pixels(-(-rows * columns // PIXEL_COST), 1, "picture")
    coded = reader.rest()
    pixels = codec.decode(coded, (columns, rows))
    return Picture(width, height, codec.name, _FILTERS[way >> _FILTER_SHIFT], pixels, coded)


def codec_of(number: int) -> Any | None:
    """The picture codec of that number; None where this installation has none."""
    return _numbers().get(number)


def _numbers() -> dict[int, Any]:
    """Codecs by number; one that cannot be used, or takes the number of another, is left out and named."""
    found: dict[int, Any] = {}
    own = registry.own_names("picture_codecs")
    for name in sorted(registry.names("picture_codecs"), key=lambda name: (name not in own, name)):
        try:
            codec = registry.create("picture_codecs", name)
            if not isinstance(codec.number, int) or not 1 <= codec.number <= MAX_CODEC or codec.number in found:
                raise SemanticError(
                    f"picture codec {name!r}: number must be free and 1..{MAX_CODEC}, got {codec.number!r}"
                )
        except SemanticError as error:
            registry.report_problem("picture_codecs", name, str(error))
            continue
        found[codec.number] = codec
    return found


class PictureKind(LayerBase):
    number, label, importance, colour = 12, "picture", 4, "#6a4fb0"
    file_names = ("picture.png",)
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: Picture) -> str:
        rows, columns = content.pixels.shape[:2]
        return f"{content.codec}, coded at {columns} × {rows} of {content.width} × {content.height} pixels"

    def size(self, content: Picture) -> tuple[int, int]:
        return content.width, content.height

    def fineness(self, content: Picture) -> float:
        return len(content.coded)

    def draw(self, content: Picture, ground: np.ndarray | None) -> tuple[np.ndarray, str]:
        rows, columns = content.pixels.shape[:2]
        return content.pixels, f"picture by {content.codec}, as coded: {columns} × {rows}, {len(content.coded)} B"

    def files(self, content: Picture, number: int) -> dict[str, bytes]:
        return {"picture.png": png(content.pixels)}


KIND = PictureKind()
