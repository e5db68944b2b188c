"""Map colours layer: the mean colour of each larger region of a class map, so that what arrives without pixels is a
coloured drawing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from semcom.semantic.errors import LayerError
from semcom.semantic.layers.class_map import MAX_DIVISOR, ClassMap, spread
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.wire import BitReader, BitWriter, ByteReader, ByteWriter

MAX_REGIONS = 64
LUMA_BITS, CHROMA_BITS = 4, 4
CHROMA_REACH = 112
"""Chroma is sent between minus and plus this: stronger colours are rare, and come out a little weaker."""
_COLOUR_BITS = LUMA_BITS + 2 * CHROMA_BITS
_COVERED = 0.96
"""Regions are coloured, largest first, until they cover this share of the map."""


@dataclass(frozen=True)
class MapColours:
    """Colours of the regions of one class map.

    Attributes
    ----------
    divisor : int
        Of the class map that they belong to; of another one they say nothing.
    colours : uint8 [regions, 3]
        sRGB, of the regions in the order of `regions`.
    """

    divisor: int
    colours: np.ndarray


def regions(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Connected regions of one category each, largest first; of equal ones the one met first.

    Parameters
    ----------
    labels : uint8 [rows, columns]

    Returns
    -------
    numbers : int32 [rows, columns]
        Region of each cell.
    areas : int64 [regions]
        Cells of each.
    """
    numbers = np.zeros(labels.shape, np.int32)
    total = 0
    for label in np.unique(labels):
        components, count = ndimage.label(labels == label)
        numbers[components > 0] = components[components > 0] + total
        total += count
    numbers -= 1
    areas = np.bincount(numbers.ravel(), minlength=total)
    first = np.full(total, labels.size, np.int64)
    np.minimum.at(first, numbers.ravel(), np.arange(labels.size))
    order = np.lexsort((first, -areas))
    rank = np.empty(total, np.int32)
    rank[order] = np.arange(total)
    return rank[numbers], areas[order]


def colours_of(class_map: ClassMap, picture: np.ndarray, most: int = 24) -> MapColours:
    """Mean colours of a map's larger regions, as the receiver will see them.

    Parameters
    ----------
    class_map : ClassMap
    picture : uint8 [height, width, 3]
        Of any size; the map is laid over it.
    most : int
        Regions at most.
    """
    numbers, areas = regions(class_map.labels)
    covered = np.cumsum(areas) / areas.sum()
    count = min(most, MAX_REGIONS, 1 + int(np.searchsorted(covered, _COVERED)), len(areas))
    height, width = picture.shape[:2]
    shown = spread(numbers, class_map.divisor, (class_map.width, class_map.height), (width, height)).ravel()
    pixels = np.bincount(shown, minlength=len(areas))[:count].clip(1)
    sums = [np.bincount(shown, picture[..., k].ravel(), len(areas))[:count] / pixels for k in range(3)]
    return decode(ByteReader(encode(MapColours(class_map.divisor, np.stack(sums, 1))), "map colours"))


def paint(class_map: ClassMap, colours: MapColours, ground: np.ndarray) -> np.ndarray:
    """`ground`, uint8 [height, width, 3], with the regions of the map in their colours where they have one."""
    numbers, _ = regions(class_map.labels)
    table = np.zeros((numbers.max() + 1, 3), np.uint8)
    known = np.zeros(len(table), bool)
    count = min(len(colours.colours), len(table))
    table[:count], known[:count] = colours.colours[:count], True
    height, width = ground.shape[:2]
    shown = spread(numbers, class_map.divisor, (class_map.width, class_map.height), (width, height))
    return np.where(known[shown][..., None], table[shown], ground)


def encode(content: MapColours) -> bytes:
    if len(content.colours) > MAX_REGIONS:
        raise LayerError(f"map colours must be at most {MAX_REGIONS}, got {len(content.colours)}")
    writer = ByteWriter("map colours")
    writer.u8(writer.bounded(content.divisor, "divisor", 1, MAX_DIVISOR))
    writer.varint(len(content.colours))
    bits = BitWriter()
    for luma, blue, red in _quantised(np.asarray(content.colours, np.float64)).tolist():
        bits.put(luma, LUMA_BITS)
        bits.put(blue, CHROMA_BITS)
        bits.put(red, CHROMA_BITS)
    return writer.raw(bits.to_bytes()).to_bytes()


def decode(reader: ByteReader) -> MapColours:
    divisor = reader.bounded(reader.u8("divisor"), "divisor", 1, MAX_DIVISOR)
    count = reader.varint("number of colours", 0, MAX_REGIONS)
    bits = BitReader(reader.raw((count * _COLOUR_BITS + 7) // 8, "colours"))
    reader.end()
    levels = [[bits.take(LUMA_BITS), bits.take(CHROMA_BITS), bits.take(CHROMA_BITS)] for _ in range(count)]
    return MapColours(divisor, _colours(np.array(levels, np.int64).reshape(-1, 3)))


def _quantised(colours: np.ndarray) -> np.ndarray:
    """Levels int64 [n, 3] of luma and two chromas (BT.601, full range) of sRGB colours [n, 3]."""
    red, green, blue = colours.reshape(-1, 3).T
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    scaled = [luma / 255 * ((1 << LUMA_BITS) - 1)]
    for chroma in (0.564 * (blue - luma), 0.713 * (red - luma)):
        scaled.append((np.clip(chroma / CHROMA_REACH, -1, 1) + 1) / 2 * ((1 << CHROMA_BITS) - 2))
    return np.rint(np.stack(scaled, 1)).astype(np.int64)


def _colours(levels: np.ndarray) -> np.ndarray:
    """uint8 [n, 3] of levels; integers only, so that every machine sees the same."""
    luma = levels[:, 0] * 255 // ((1 << LUMA_BITS) - 1)
    steps = (1 << CHROMA_BITS) - 2
    blue, red = ((2 * level - steps) * CHROMA_REACH // steps for level in levels[:, 1:].T)
    channels = luma + red * 1402 // 1000, luma - (344 * blue + 714 * red) // 1000, luma + blue * 1772 // 1000
    return np.clip(np.stack(channels, 1), 0, 255).astype(np.uint8)


class MapColoursKind(LayerBase):
    number, label, importance, colour = 11, "map_colours", 5, "#9c7a3c"
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: MapColours) -> str:
        named = " ".join(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in content.colours[:8].tolist())
        more = " …" if len(content.colours) > 8 else ""
        return f"of the class map at 1/{content.divisor} resolution, {len(content.colours)} regions: {named}{more}"

    def says_something(self, content: MapColours) -> bool:
        """Nothing without its map."""
        return False


KIND = MapColoursKind()
