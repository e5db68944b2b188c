"""TIFFs of every kind that people bring: read rightly, or refused by name."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import read_picture

from .files import (
    CMYK,
    COLOURS,
    GREY,
    LAB,
    LARGE,
    MIN_IS_BLACK,
    RGB,
    SMALL,
    Page,
    page,
    saved,
    tiff,
)


def test_lab_and_cmyk() -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(Image.fromarray(COLOURS // 2 + 64), srgb, lab, outputMode="LAB")
    assert np.abs(read_picture(saved(image, "TIFF")).pixels.astype(int) - (COLOURS // 2 + 64)).mean() < 4
    inks = np.dstack([255 - COLOURS, np.zeros(GREY.shape, np.uint8)])
    picture = read_picture(tiff(page(inks, CMYK)))
    assert np.abs(picture.pixels.astype(int) - COLOURS).max() <= 1 and "without a colour profile" in picture.notes[0]


def test_the_largest_page_is_taken_and_said() -> None:
    picture = read_picture(tiff(SMALL, LARGE, SMALL))
    np.testing.assert_array_equal(picture.pixels, COLOURS)
    assert picture.notes == ("the file holds 3 pages: page 2, the largest, is taken",)
    picture = read_picture(tiff(LARGE, LARGE))
    assert picture.notes == ("the file holds 2 pages: the first is taken",)
    thumbnail = (SMALL[0] | {254: (4, 1)}, SMALL[1])
    assert read_picture(tiff(LARGE, thumbnail)).notes == ()  # a preview is no second picture


def test_a_page_below_another_is_found() -> None:
    tags, data = LARGE
    inner = tiff((tags, data))  # its directory becomes one below the preview's
    offset = struct.unpack("<I", inner[4:8])[0]
    outer = (SMALL[0] | {330: (4, offset), 273: (4, len(inner))}, SMALL[1])
    body = inner + SMALL[1]
    entries = b""
    for number, (kind, *values) in sorted(outer[0].items() | {279: (4, len(SMALL[1]))}.items()):
        letter = {3: "H", 4: "I"}[kind]
        raw = struct.pack(f"<{len(values)}{letter}", *values)
        place = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack("<I", len(body))
        body += raw if len(raw) > 4 else b""
        entries += struct.pack("<HHI", number, kind, len(values)) + place
    body = body[:4] + struct.pack("<I", len(body)) + body[8:]
    file = body + struct.pack("<H", len(outer[0]) + 1) + entries + bytes(4)
    picture = read_picture(file)
    np.testing.assert_array_equal(picture.pixels, COLOURS)
    assert "page 2, the largest" in picture.notes[0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(orientation: int) -> None:
    picture = read_picture(tiff(page(COLOURS, RGB, t274=(3, orientation)))).pixels
    turned = {1: COLOURS, 2: COLOURS[:, ::-1], 3: COLOURS[::-1, ::-1], 4: COLOURS[::-1]}
    turned |= {n + 4: np.moveaxis(v, 0, 1) for n, v in ((1, COLOURS), (2, COLOURS[::-1]))}
    turned |= {7: np.moveaxis(COLOURS[::-1, ::-1], 0, 1), 8: np.moveaxis(COLOURS[:, ::-1], 0, 1)}
    np.testing.assert_array_equal(picture, turned[orientation])


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (page(GREY.astype(np.int16), MIN_IS_BLACK), "grey of 16-bit signed integers"),
        (page(GREY.astype(np.int32), MIN_IS_BLACK), "grey of 32-bit signed integers"),
        (page(GREY.astype(np.complex64), MIN_IS_BLACK), "grey of 64-bit complex numbers"),
        (page(GREY, 32845, t259=(3, 34676)), "LogLuv"),
        (page(GREY, 9), "ICC Lab"),
        (page(COLOURS, RGB, t259=(3, 34712)), "compression JPEG 2000"),
        (page(COLOURS, RGB, t259=(3, 9999)), "compression 9999"),
        (page(COLOURS, RGB, t258=(3, 8, 8, 16)), "differ in size or kind"),
        (page(COLOURS, 6), "YCbCr of 8-bit integers"),
        (page(COLOURS.astype(np.float32), LAB), "CIE Lab of 32-bit floats"),
        (page(GREY, MIN_IS_BLACK, t258=(3, 24)), "24-bit integers"),
        (page(COLOURS, RGB, t50706=(1, 1, 4, 0, 0)), r"camera raw file \(DNG\)"),
        (page(GREY.astype(np.uint16), 32803), "camera raw file"),
        (page(COLOURS, RGB, t256=(4, 60_000), t257=(4, 60_000)), "at most 16384 pixels, got 60000 × 60000"),
        (page(COLOURS, RGB, t256=(4, 0)), "no page has a width"),
        (page(GREY.astype(np.uint32), MIN_IS_BLACK, t273=(4, 1 << 30)), "not a single row"),
    ],
)
def test_what_is_not_read_is_refused_by_name(made: Page, words: str) -> None:
    with pytest.raises(PictureError, match=words) as caught:
        read_picture(tiff(made), "scan.tif")
    assert str(caught.value).startswith("scan.tif: ") and "\n" not in str(caught.value)


def test_a_mask_is_no_picture_however_large() -> None:
    mask = page(np.kron(GREY, np.ones((2, 2), np.uint8)), MIN_IS_BLACK, t254=(4, 4))
    np.testing.assert_array_equal(read_picture(tiff(LARGE, mask)).pixels, COLOURS)
