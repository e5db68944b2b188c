"""Directories of TIFF files: loops end, cuts and broken tags are survived."""

from __future__ import annotations

import struct

import numpy as np

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import read_picture

from .files import (
    COLOURS,
    GREY,
    LARGE,
    MIN_IS_BLACK,
    RGB,
    SMALL,
    page,
    tiff,
)


def test_chains_of_pages_that_never_end() -> None:
    start = struct.unpack("<I", tiff(LARGE)[4:8])[0]
    np.testing.assert_array_equal(read_picture(tiff(LARGE, last_link=start)).pixels, COLOURS)


def test_broken_metadata_refuses_nothing() -> None:
    odd = page(
        COLOURS, RGB, t282=(10, -72, 0), t274=(3, 77), t34675=(7, *b"no profile"), t34665=(4, 0xFFFFFFF0), t700=(7, 1)
    )
    picture = read_picture(tiff(odd))
    np.testing.assert_array_equal(picture.pixels, COLOURS)
    assert any("orientation 77" in note for note in picture.notes)
    assert any("profile" in note for note in picture.notes)


def test_every_cut_ends_in_a_sentence_or_a_picture() -> None:
    data = tiff(SMALL, LARGE, page((GREY / 255).astype(np.float64), MIN_IS_BLACK))
    for length in range(0, len(data), 61):
        try:
            read_picture(data[:length])
        except PictureError as error:
            assert "\n" not in str(error)
