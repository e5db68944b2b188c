"""The caption of one field of a grid: what comes back, where fields lie, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.errors import PacketError
from semcom.semantic.layers import Caption, LayerError, LayerKey, LayerKind, decode_layer, encode_layer
from semcom.semantic.layers.region_caption import (
    KIND,
    MAX_FIELDS,
    MAX_GRID_SIDE,
    RegionCaption,
    field_box,
    field_of_place,
    place_in_words,
    place_number,
)

KEY = LayerKey(0, 0, 1, 2)
SAID = Caption("A red car is on a road.", ((6, 9), (18, 22)))
HEAD = bytes([1 << 4 | 6, 96, 64])


def field(columns: int = 2, rows: int = 2, number: int = 3, caption: Caption = SAID) -> RegionCaption:
    return RegionCaption(96, 64, columns, rows, number, caption)


def test_it_comes_back_alone() -> None:
    layer = encode_layer(KEY, LayerKind.REGION_CAPTION, field())
    assert (layer.kind, layer.importance) == (6, 6)
    assert layer.payload[:5] == HEAD + bytes([0x11, 3])[:2]
    got = decode_layer(KEY, layer.payload).content
    assert got == field() and got.caption.entity_words == ("car", "road")
    assert KIND.size(got) == (96, 64)


@pytest.mark.parametrize(("columns", "rows"), [(2, 2), (3, 3), (1, 1), (5, 2), (8, 8)])
def test_the_fields_cover_the_picture_once(columns: int, rows: int) -> None:
    covered = np.zeros((65, 97), int)
    for number in range(columns * rows):
        x0, y0, x1, y1 = field_box(97, 65, columns, rows, number)
        covered[y0:y1, x0:x1] += 1
    assert (covered == 1).all()
    assert field_box(97, 65, columns, rows, 0)[:2] == (0, 0)


def test_places_are_named() -> None:
    assert [place_in_words(2, 2, number) for number in range(4)] == [
        "upper left", "upper right", "lower left", "lower right",
    ]  # fmt: skip
    assert place_in_words(1, 1, 0) == "whole picture" and place_in_words(1, 2, 1) == "lower"
    assert place_in_words(3, 3, 4) == "middle centre" and place_in_words(5, 2, 6) == "row 2, column 2"


def test_people_see_which_field_is_meant() -> None:
    ground = np.full((64, 96, 3), 200, np.uint8)
    shown, words = KIND.draw(field(), ground)
    assert words == "lower right: A red car is on a road."
    assert (shown[32:, 48:] == 200).all() and (shown[:32] < 100).all() and (shown[:, :48] < 100).all()
    assert KIND.draw(field(), None) is None
    assert KIND.files(field(), 4) == {"region_captions/04_lower_right.txt": b"A red car is on a road.\n"}
    assert KIND.describe(field()).startswith("lower right: “A red car")
    assert not KIND.says_something(field(caption=Caption("")))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (bytes([0x81, 0]), r"columns of the grid must be in 1\.\.8, got 9"),
        (bytes([0x18, 0]), r"rows of the grid must be in 1\.\.8, got 9"),
        (bytes([0x11, 4]), r"field of the grid must be in 0\.\.3, got 4"),
        (bytes([0x11]), "field needs 1 bytes"),
        (b"", "grid needs 1 bytes"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(body: bytes, said: str) -> None:
    with pytest.raises(PacketError, match=said):
        decode_layer(KEY, HEAD + body)


def test_writers_refuse_what_readers_would() -> None:
    for wrong in (field(9, 1, 0), field(1, 0, 0), field(2, 2, 4)):
        with pytest.raises(LayerError, match="of the grid must be in"):
            encode_layer(KEY, LayerKind.REGION_CAPTION, wrong)


def test_random_bytes_are_read_or_refused(rng: np.random.Generator) -> None:
    for _ in range(200):
        body = rng.bytes(int(rng.integers(0, 40)))
        try:
            content = decode_layer(KEY, HEAD + body).content
        except PacketError:
            continue
        assert 0 <= content.field < content.columns * content.rows


def test_every_field_of_every_grid_has_a_number_of_its_own() -> None:
    found = {}
    for columns in range(1, MAX_GRID_SIDE + 1):
        for rows in range(1, MAX_GRID_SIDE + 1):
            for field in range(columns * rows):
                number = place_number(columns, rows, field)
                assert (number == 0) == (columns * rows == 1 or columns * rows > MAX_FIELDS)
                if number:
                    found[number] = (columns, rows, field)
    assert sorted(found) == list(range(1, 180))
    assert all(field_of_place(number) == field for number, field in found.items())
    assert place_number(2, 2, 0) == 38 and field_of_place(0) == (1, 1, 0)
    assert field_of_place(180) is None and field_of_place(-1) is None
