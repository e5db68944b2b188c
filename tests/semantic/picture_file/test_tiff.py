"""TIFFs of every kind that people bring: read rightly, or refused by name."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import read_picture

from .files import COLOURS, GREY, HEIGHT, WIDTH, Page, page, saved, tiff

MIN_IS_WHITE, MIN_IS_BLACK, RGB, CMYK, LAB = 0, 1, 2, 5, 8


def greys(data: bytes) -> np.ndarray:
    """The one channel of a picture that must be grey."""
    pixels = read_picture(data).pixels
    assert (pixels == pixels[:, :, :1]).all()
    return pixels[:, :, 0]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "u8", "f2", "f4", "f8"])
def test_greys_of_every_number_have_the_scale_of_their_kind(kind: str, order: str, big: bool) -> None:
    dtype = np.dtype(kind)
    full = 1.0 if dtype.kind == "f" else (1 << 8 * dtype.itemsize) - 1
    light = GREY * (full // 255) if dtype.kind == "u" and dtype.itemsize > 1 else GREY / 255 * full
    values = light.astype(dtype) if dtype != np.uint64 else GREY.astype(np.uint64) * (full // 255)
    assert np.abs(greys(tiff(page(values, MIN_IS_BLACK, order), order=order, big=big)).astype(int) - GREY).max() <= 1
    inverse = (full - values) if dtype.kind == "f" else (np.iinfo(dtype).max - values)
    white = greys(tiff(page(inverse.astype(dtype), MIN_IS_WHITE, order), order=order, big=big))
    assert np.abs(white.astype(int) - GREY).max() <= 1


def test_a_dark_picture_of_deep_integers_stays_dark() -> None:
    assert greys(tiff(page(np.full((20, 20), 1 << 24, np.uint32), MIN_IS_BLACK))).max() == 1


def test_floats_are_clipped_to_0_to_1_and_said() -> None:
    values = (GREY / 255).astype(np.float32)
    values[0, :4] = [1.07, -0.3, np.inf, np.nan]
    picture = read_picture(tiff(page(values, MIN_IS_BLACK)))
    assert picture.pixels[0, :4, 1].tolist() == [255, 0, 0, 0]
    np.testing.assert_array_equal(picture.pixels[1:, :, 1], GREY[1:])
    words = " | ".join(picture.notes)
    assert "32-bit floats" in words and "2 values are not finite" in words and "2 of 768 values lie outside" in words


@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "f4"])
def test_colours_of_every_number_and_planes(kind: str) -> None:
    dtype = np.dtype(kind)
    full = 1.0 if dtype.kind == "f" else (1 << 8 * dtype.itemsize) - 1
    values = np.rint(COLOURS / 255 * full).astype(dtype) if full > 1 else (COLOURS / 255).astype(dtype)
    chunky = read_picture(tiff(page(values, RGB))).pixels
    assert np.abs(chunky.astype(int) - COLOURS).max() <= 1
    planes = np.concatenate([values[:, :, channel] for channel in range(3)])
    tags, data = page(planes, RGB)
    bytes_each = len(data) // 3
    tags |= {
        257: (4, HEIGHT), 258: (3, *[8 * dtype.itemsize] * 3), 277: (3, 3), 278: (4, HEIGHT), 284: (3, 2),
        339: (3, *[3 if dtype.kind == "f" else 1] * 3), 273: (4, 8, 8 + bytes_each, 8 + 2 * bytes_each),
        279: (4, *[bytes_each] * 3),
    }  # fmt: skip
    separate = read_picture(tiff((tags, data))).pixels
    assert np.abs(separate.astype(int) - COLOURS).max() <= 1


def test_samples_of_twelve_bits() -> None:
    values = (GREY.astype(int) * 4095 // 255).astype(np.uint16)
    bits = np.unpackbits(values.astype(">u2").view(np.uint8).reshape(-1, 2), axis=1)[:, 4:]
    tags, _ = page(values, MIN_IS_BLACK, t258=(3, 12))
    assert np.abs(greys(tiff((tags, np.packbits(bits).tobytes()))).astype(int) - GREY).max() <= 1


@pytest.mark.parametrize("predictor", [1, 2, 3])
def test_compressed_strips_and_predictors(predictor: int) -> None:
    dtype = np.float32 if predictor == 3 else np.uint32
    values = (GREY / 255).astype(dtype) if predictor == 3 else GREY.astype(dtype) * 0x01010101
    strips = []
    for first in range(0, HEIGHT, 10):
        rows = values[first : first + 10]
        if predictor == 2:
            rows = np.diff(rows, axis=1, prepend=rows[:, :1] * 0)
        data = rows.tobytes()
        if predictor == 3:
            parts = rows.astype(">f4").view(np.uint8).reshape(len(rows), WIDTH, 4).transpose(0, 2, 1)
            parts = parts.reshape(len(rows), -1)
            data = np.diff(parts, axis=1, prepend=np.zeros((len(rows), 1), np.uint8)).tobytes()
        strips.append(zlib.compress(data))
    starts = [8 + sum(map(len, strips[:at])) for at in range(len(strips))]
    tags, _ = page(values, MIN_IS_BLACK, t259=(3, 8), t317=(3, predictor), t278=(4, 10))
    tags |= {273: (4, *starts), 279: (4, *map(len, strips))}
    np.testing.assert_array_equal(greys(tiff((tags, b"".join(strips)))), GREY)


def test_tiles() -> None:
    values = GREY.astype(np.uint32) * 0x01010101
    tiles = [values[y : y + 16, x : x + 16] for y in (0, 16) for x in (0, 16)]
    data = [np.pad(tile, ((0, 16 - len(tile)), (0, 0))).tobytes() for tile in tiles]
    tags, _ = page(values, MIN_IS_BLACK)
    tags = {number: value for number, value in tags.items() if number != 278}
    tags |= {322: (4, 16), 323: (4, 16), 324: (4, *(8 + 1024 * at for at in range(4))), 325: (4, *[1024] * 4)}
    np.testing.assert_array_equal(greys(tiff((tags, b"".join(data)))), GREY)


def test_opacity_of_deep_greys_and_of_colours() -> None:
    alpha = np.full(GREY.shape, 0xFFFF, np.uint16)
    alpha[:, :8] = 0
    deep = np.dstack([GREY.astype(np.uint16) * 257, alpha])
    picture = read_picture(tiff(page(deep, MIN_IS_BLACK, t338=(3, 2))))
    assert (picture.pixels[:, :8] == 255).all() and "25% of the picture is transparent" in picture.notes[-1]
    np.testing.assert_array_equal(picture.pixels[:, 8:, 0], GREY[:, 8:])
    ahead = np.dstack([COLOURS // 2, np.full(GREY.shape, 128, np.uint8)]).astype(np.uint16) * 257
    picture = read_picture(tiff(page(ahead, RGB, t338=(3, 1))))  # multiplied by the opacity already
    assert np.abs(picture.pixels.astype(int) - (COLOURS // 2 + 127)).max() <= 3


def test_samples_that_are_no_colours_are_left_out_with_a_note() -> None:
    more = np.dstack([COLOURS, GREY, GREY]).astype(np.uint16) * 257
    picture = read_picture(tiff(page(more, RGB, t338=(3, 0, 0))))
    assert np.abs(picture.pixels.astype(int) - COLOURS).max() <= 1 and "2 of 5 samples" in picture.notes[0]


def test_lab_and_cmyk() -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(Image.fromarray(COLOURS // 2 + 64), srgb, lab, outputMode="LAB")
    assert np.abs(read_picture(saved(image, "TIFF")).pixels.astype(int) - (COLOURS // 2 + 64)).mean() < 4
    inks = np.dstack([255 - COLOURS, np.zeros(GREY.shape, np.uint8)])
    picture = read_picture(tiff(page(inks, CMYK)))
    assert np.abs(picture.pixels.astype(int) - COLOURS).max() <= 1 and "without a colour profile" in picture.notes[0]


SMALL: Page = page(np.full((16, 16, 3), 200, np.uint8), RGB)
LARGE: Page = page(COLOURS, RGB)


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


@pytest.mark.parametrize("kind", ["u1", "u4"])
def test_a_cut_tiff_is_a_picture_as_far_as_it_came(kind: str) -> None:
    values = GREY.astype(kind) if kind == "u1" else GREY.astype(np.uint32) * 0x01010101
    rows = [row.tobytes() for row in values]
    tags, _ = page(values, MIN_IS_BLACK, t278=(4, 1))
    head = tiff((tags | {273: (4, *[8] * HEIGHT), 279: (4, *[len(rows[0])] * HEIGHT)}, b""))
    tags |= {273: (4, *(len(head) + len(rows[0]) * at for at in range(HEIGHT))), 279: (4, *[len(rows[0])] * HEIGHT)}
    whole = tiff((tags, b"")) + b"".join(rows)
    np.testing.assert_array_equal(greys(whole), GREY)
    cut = read_picture(whole[: -len(rows[0]) * HEIGHT // 2])
    np.testing.assert_array_equal(cut.pixels[: HEIGHT // 2, :, 0], GREY[: HEIGHT // 2])
    assert (cut.pixels[HEIGHT // 2 :] == 0).all() and "50% of the picture came" in cut.notes[0]


def test_every_cut_ends_in_a_sentence_or_a_picture() -> None:
    data = tiff(SMALL, LARGE, page((GREY / 255).astype(np.float64), MIN_IS_BLACK))
    for length in range(0, len(data), 61):
        try:
            read_picture(data[:length])
        except PictureError as error:
            assert "\n" not in str(error)


def test_no_bytes_are_taken_for_what_the_tags_promise() -> None:
    huge = page(GREY.astype(np.uint32), MIN_IS_BLACK, t256=(4, 16_000), t257=(4, 4_000), t278=(4, 4_000))
    with pytest.raises(PictureError, match="strips of 256000000 bytes"):
        read_picture(tiff(huge))


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "tiff_adobe_deflate", "zstd", "lzma"])
def test_ways_of_compressing(compression: str) -> None:
    for values in (GREY.astype(np.uint16) * 257, (GREY / 255).astype(np.float32)):
        data = saved(values, "TIFF", compression=compression)
        np.testing.assert_array_equal(greys(data), GREY)


@pytest.mark.parametrize("kind", ["u2", "u4", "f2", "f4", "f8"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_an_independent_writer_agrees(kind: str, order: str) -> None:
    tifffile = pytest.importorskip("tifffile")
    full = 1.0 if kind[0] == "f" else np.iinfo(kind).max
    values = (GREY / 255).astype(kind) if full == 1 else (GREY * (full // 255)).astype(kind)
    for tile, predictor, compression in ((None, None, None), ((16, 16), None, "zlib"), (None, True, "zlib")):
        file = io.BytesIO()
        tifffile.imwrite(
            file, values, compression=compression, tile=tile, byteorder=order, photometric="minisblack",
            predictor=predictor if kind[0] == "u" else None,
        )  # fmt: skip
        assert np.abs(greys(file.getvalue()).astype(int) - GREY).max() <= 1
