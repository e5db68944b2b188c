"""Exif blocks, broken ones too: they never refuse a picture."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.picture_file import read_picture

from .files import COLOURS, chunk, exif, png, saved, with_segment


@pytest.mark.parametrize(
    "body",
    [
        exif(6, more=((0x011A, 10, 1, b"\x08\0\0\0"),)),  # a resolution that is a signed rational
        exif(6, more=((0x8769, 4, 1, b"\xff\xff\xff\xff"), (0x9286, 99, 7, bytes(4)))),
        exif(6, more=((0x8769, 4, 1, b"\x08\0\0\0"),)),  # an Exif directory that is its own parent
        exif(6) + b"\xff" * 3000,
    ],
)
def test_broken_exif_keeps_its_orientation_and_refuses_nothing(body: bytes) -> None:
    large = np.kron(COLOURS, np.ones((8, 8, 1), np.uint8))
    for data in (with_segment(saved(large, "JPEG"), 0xE1, body), png(COLOURS, chunk(b"eXIf", body[6:]), colour_type=2)):
        height, width = read_picture(data).pixels.shape[:2]
        assert height > width


@pytest.mark.parametrize("body", [b"Exif\0\0", b"Exif\0\0II*\0", b"Exif\0\0XX", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_exif_that_says_nothing(body: bytes) -> None:
    large = np.kron(COLOURS, np.ones((8, 8, 1), np.uint8))
    assert read_picture(with_segment(saved(large, "JPEG"), 0xE1, body)).pixels.shape == large.shape
