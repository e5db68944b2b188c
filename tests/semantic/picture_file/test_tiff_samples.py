"""Numbers of every kind have the scale of their kind."""

from __future__ import annotations

import io

import numpy as np
import pytest

from semcom.semantic.picture_file import read_picture

from .files import (
    CMYK,
    COLOURS,
    GREY,
    HEIGHT,
    MIN_IS_BLACK,
    MIN_IS_WHITE,
    RGB,
    greys,
    page,
    tiff,
)


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
    scale, not_finite, outside = picture.notes
    assert "32-bit floats" in scale and not_finite.startswith("2 values are not finite")
    assert outside.startswith("2 of 768 values lie outside")


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


@pytest.mark.parametrize("kind", ["u2", "u4", "f2", "f4", "f8"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_an_independent_writer_agrees(kind: str, order: str) -> None:
    tifffile = pytest.importorskip("tifffile", reason="tifffile comes with scikit-image: scripts/setup dev")
    full = 1.0 if kind[0] == "f" else np.iinfo(kind).max
    values = (GREY / 255).astype(kind) if full == 1 else (GREY * (full // 255)).astype(kind)
    for tile, predictor, compression in ((None, None, None), ((16, 16), None, "zlib"), (None, True, "zlib")):
        file = io.BytesIO()
        tifffile.imwrite(
            file, values, compression=compression, tile=tile, byteorder=order, photometric="minisblack",
            predictor=predictor if kind[0] == "u" else None,
        )  # fmt: skip
        assert np.abs(greys(file.getvalue()).astype(int) - GREY).max() <= 1


def test_inks_beside_a_sample_that_is_none() -> None:
    inks = np.dstack([255 - COLOURS, np.zeros(GREY.shape, np.uint8), GREY])
    picture = read_picture(tiff(page(inks, CMYK, t338=(3, 0))))
    assert np.abs(picture.pixels.astype(int) - COLOURS).max() <= 1
    assert any("1 of 5 samples" in note for note in picture.notes)
