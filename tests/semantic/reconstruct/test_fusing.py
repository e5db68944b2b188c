"""Captions of fields as one caption: in the order of the fields, each once, entities in place."""

from __future__ import annotations

from semcom.semantic.layers import Caption
from semcom.semantic.layers.region_caption import RegionCaption
from semcom.semantic.reconstruct.fusing import MAX_CHARACTERS, fuse


def said(field: int, text: str, *entities: tuple[int, int], columns: int = 2, rows: int = 2) -> RegionCaption:
    return RegionCaption(96, 64, columns, rows, field, Caption(text, entities))


def test_fields_are_named_in_their_order_whatever_order_they_came_in() -> None:
    fused = fuse([said(3, "A road."), said(0, "A blue sky.", (7, 10)), said(1, "A tree.", (2, 6))])
    assert fused.text == "Upper left: A blue sky. Upper right: A tree. Lower right: A road."
    assert fused.entity_words == ("sky", "tree")


def test_what_is_said_twice_is_said_once_of_both() -> None:
    parts = [said(0, "A sky.", (2, 5)), said(1, "A sky.", (2, 5)), said(2, "A road.")]
    assert fuse(parts).text == "Upper left and upper right: A sky. Lower left: A road."
    assert fuse([said(n, "A sky.") for n in range(4)]).text.startswith("Upper left, upper right, lower left and lower")


def test_one_field_is_the_whole_picture() -> None:
    assert fuse([said(0, "A sky.", (2, 5), columns=1, rows=1)]) == Caption("A sky.", ((2, 5),))


def test_nothing_is_none_and_very_long_texts_stay_within_a_caption() -> None:
    assert fuse([]) is None and fuse([said(0, "")]) is None
    long = fuse([said(number, f"{number} " + "x" * 2000) for number in range(4)])
    assert 2000 < len(long.text) <= MAX_CHARACTERS
