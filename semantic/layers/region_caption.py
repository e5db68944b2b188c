"""Region caption layer: what a person would say about one field of the picture's grid (Multi-SC, §II-A).

Each field has a layer of its own, so that what is lost with one is that field's words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcom.semantic.layers import caption as words
from semcom.semantic.layers.caption import DECODING_COST_PIXELS, Caption
from semcom.semantic.layers.context import read_size, write_size
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.wire import ByteReader, ByteWriter

MAX_GRID_SIDE = 8
"""Most fields along a side of the grid."""
MAX_FIELDS = 12
"""Of a grid whose captions travel: the packet's decoding budget holds no more beside a cut-out."""
_VERTICAL = {1: ("",), 2: ("upper", "lower"), 3: ("upper", "middle", "lower")}
_HORIZONTAL = {1: ("",), 2: ("left", "right"), 3: ("left", "centre", "right")}
_DIMMED = 0.35


@dataclass(frozen=True)
class RegionCaption:
    """The words for one field of a grid over the picture.

    Attributes
    ----------
    width, height : int
        Of the picture, pixels.
    columns, rows : int
        Of the grid, 1..`MAX_GRID_SIDE` each.
    field : int
        Which field: row by row from the upper left, from 0.
    caption : Caption
    """

    width: int
    height: int
    columns: int
    rows: int
    field: int
    caption: Caption

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget: as a caption of the whole picture."""
        return DECODING_COST_PIXELS

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1) of the field, pixels of the picture."""
        return field_box(self.width, self.height, self.columns, self.rows, self.field)

    @property
    def place(self) -> str:
        """Where the field is, in words: ``upper left``; ``row 2, column 5`` of a fine grid."""
        return place_in_words(self.columns, self.rows, self.field)


def field_box(width: int, height: int, columns: int, rows: int, field: int) -> tuple[int, int, int, int]:
    """(x0, y0, x1, y1) of a field of a grid over a picture, pixels; the fields cover the picture without overlap."""
    row, column = divmod(field, columns)
    return (
        column * width // columns,
        row * height // rows,
        (column + 1) * width // columns,
        (row + 1) * height // rows,
    )


def place_in_words(columns: int, rows: int, field: int) -> str:
    """Where a field of a grid is, in words."""
    row, column = divmod(field, columns)
    if columns in _HORIZONTAL and rows in _VERTICAL:
        return f"{_VERTICAL[rows][row]} {_HORIZONTAL[columns][column]}".strip() or "whole picture"
    return f"row {row + 1}, column {column + 1}"


def place_number(columns: int, rows: int, field: int) -> int:
    """The field as one number, as plain text names it: 0 for a picture of one field, else 1..179.

    All fields of all grids of 2 to `MAX_FIELDS` fields are counted, by columns, then rows, then field. 0 also where the
    grid has more fields: such texts are taken as of the whole picture.
    """
    return _FIELDS.index((columns, rows, field)) if (columns, rows, field) in _FIELDS else 0


def field_of_place(place: int) -> tuple[int, int, int] | None:
    """(columns, rows, field) of a number of `place_number`; None where no field has it."""
    return _FIELDS[place] if 0 <= place < len(_FIELDS) else None


_SIDES = range(1, MAX_GRID_SIDE + 1)
_FIELDS = tuple(
    (columns, rows, field)
    for columns in _SIDES
    for rows in _SIDES
    if columns * rows <= MAX_FIELDS
    for field in range(columns * rows)
)


def encode(content: RegionCaption) -> bytes:
    writer = ByteWriter("region caption")
    write_size(writer, content.width, content.height)
    columns = writer.bounded(content.columns, "columns of the grid", 1, MAX_GRID_SIDE)
    rows = writer.bounded(content.rows, "rows of the grid", 1, MAX_GRID_SIDE)
    writer.u8(columns - 1 << 4 | rows - 1)
    writer.u8(writer.bounded(content.field, "field of the grid", 0, columns * rows - 1))
    return writer.raw(words.encode(content.caption)).to_bytes()


def decode(reader: ByteReader) -> RegionCaption:
    width, height = read_size(reader)
    grid = reader.u8("grid")
    columns = reader.bounded((grid >> 4) + 1, "columns of the grid", 1, MAX_GRID_SIDE)
    rows = reader.bounded((grid & 15) + 1, "rows of the grid", 1, MAX_GRID_SIDE)
    field = reader.bounded(reader.u8("field"), "field of the grid", 0, columns * rows - 1)
    return RegionCaption(width, height, columns, rows, field, words.decode(reader))


class RegionCaptionKind(LayerBase):
    number, label, importance, colour = 6, "region_caption", 6, "#b8762e"
    many = alone = True
    file_names = ("region_captions",)
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: RegionCaption) -> str:
        return f"{content.place}: {words.KIND.describe(content.caption)}"

    def size(self, content: RegionCaption) -> tuple[int, int]:
        return content.width, content.height

    def says_something(self, content: RegionCaption) -> bool:
        return bool(content.caption.text)

    def draw(self, content: RegionCaption, ground: np.ndarray | None) -> tuple[np.ndarray, str] | None:
        """The picture that arrived, dark outside the field."""
        if ground is None:
            return None
        height, width = ground.shape[:2]
        x0, y0, x1, y1 = field_box(width, height, content.columns, content.rows, content.field)
        shown = (ground * _DIMMED).astype(np.uint8)
        shown[y0:y1, x0:x1] = ground[y0:y1, x0:x1]
        return shown, f"{content.place}: {content.caption.text}"

    def files(self, content: RegionCaption, number: int) -> dict[str, bytes]:
        name = content.place.replace(", ", "_").replace(" ", "_")
        return {f"region_captions/{number:02d}_{name}.txt": f"{content.caption.text}\n".encode()}


KIND = RegionCaptionKind()
