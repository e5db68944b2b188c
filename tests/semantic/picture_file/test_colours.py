"""Profiles, gamma and transparency: colours as they were meant, or a note."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from semcom.semantic.picture_file import read_picture

from .files import COLOURS, GREY, chunk, grey_profile, png, saved

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
OF_GREY, OF_COLOURS, OF_GREY_AND_ALPHA = 0, 2, 4


def icc(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"name\0\0" + zlib.compress(profile))


def in_srgb(samples: np.ndarray) -> np.ndarray:
    """Linear samples 0..1 as sRGB, 0..255."""
    return 255 * np.where(samples <= 0.0031308, 12.92 * samples, 1.055 * samples ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_linear_profile_of_greys_is_converted_whatever_the_depth(dtype: type) -> None:
    scale = 257 if dtype == np.uint16 else 1
    data = png(GREY.astype(dtype) * scale, icc(grey_profile(1.0)), colour_type=OF_GREY)
    picture = read_picture(data)
    expected = in_srgb(GREY / 255.0)
    assert np.abs(picture.pixels[:, :, 0] - expected).max() < 3 and not picture.notes
    assert expected.mean() > GREY.mean() + 30


def test_a_profile_of_greys_beside_opacity_is_converted_too() -> None:
    both = np.dstack([GREY, np.full(GREY.shape, 255, np.uint8)])
    picture = read_picture(png(both, icc(grey_profile(1.0)), colour_type=OF_GREY_AND_ALPHA))
    assert np.abs(picture.pixels[:, :, 0] - in_srgb(GREY / 255.0)).max() < 3


@pytest.mark.parametrize(
    "profile", [icc(b"no profile at all"), icc(grey_profile(1.0)), chunk(b"iCCP", b"name\0\0broken"), icc(SRGB[:300])]
)
def test_a_profile_that_cannot_be_used_is_ignored_with_a_note(profile: bytes) -> None:
    picture = read_picture(png(COLOURS, profile, colour_type=OF_COLOURS))
    np.testing.assert_array_equal(picture.pixels, COLOURS)
    assert len(picture.notes) == 1 and "profile" in picture.notes[0] and "ignored" in picture.notes[0]


def test_a_profile_that_unpacks_to_gigabytes_is_ignored() -> None:
    bomb = zlib.compressobj(9)
    packed = b"".join([bomb.compress(bytes(1 << 20)) for _ in range(64)]) + bomb.flush()
    picture = read_picture(png(COLOURS, chunk(b"iCCP", b"name\0\0" + packed), colour_type=OF_COLOURS))
    assert "profile" in picture.notes[0]


@pytest.mark.parametrize(("gamma", "is_linear"), [(100_000, True), (45_455, False), (45_000, False)])
def test_the_gamma_of_a_png_is_honoured(gamma: int, is_linear: bool) -> None:
    data = png(COLOURS, chunk(b"gAMA", struct.pack(">I", gamma)), colour_type=OF_COLOURS)
    expected = in_srgb(COLOURS / 255.0) if is_linear else COLOURS
    assert np.abs(read_picture(data).pixels - expected).max() <= 1
    deep = png(GREY.astype(np.uint16) * 257, chunk(b"gAMA", struct.pack(">I", gamma)), colour_type=OF_GREY)
    expected = in_srgb(GREY / 255.0) if is_linear else GREY
    assert np.abs(read_picture(deep).pixels[:, :, 2] - expected).max() <= 1


def test_a_gamma_without_sense_or_beside_srgb_is_ignored() -> None:
    for gamma in (0, 1, 4_000_000_000):
        picture = read_picture(png(COLOURS, chunk(b"gAMA", struct.pack(">I", gamma)), colour_type=OF_COLOURS))
        np.testing.assert_array_equal(picture.pixels, COLOURS)
        assert "gamma" in picture.notes[0]
    meant = chunk(b"gAMA", struct.pack(">I", 100_000)), chunk(b"sRGB", b"\0")
    np.testing.assert_array_equal(read_picture(png(COLOURS, *meant, colour_type=OF_COLOURS)).pixels, COLOURS)


def test_colours_of_sixteen_bits() -> None:
    picture = read_picture(png(COLOURS.astype(np.uint16) * 257, colour_type=OF_COLOURS))
    np.testing.assert_array_equal(picture.pixels, COLOURS)


def test_greys_of_sixteen_bits_with_opacity_or_a_clear_value() -> None:
    alpha = np.full(GREY.shape, 65535, np.uint16)
    alpha[:12] = 0
    picture = read_picture(png(np.dstack([GREY.astype(np.uint16) * 257, alpha]), colour_type=OF_GREY_AND_ALPHA))
    assert (picture.pixels[:12] == 255).all() and "50% of the picture is transparent" in picture.notes[0]
    np.testing.assert_array_equal(picture.pixels[12:, :, 0], GREY[12:])
    deep = GREY.astype(np.uint16) * 257
    clear = read_picture(png(deep, colour_type=OF_GREY, transparency=struct.pack(">H", int(deep[3, 3]))))
    assert (clear.pixels[deep == deep[3, 3]] == 255).all()
    np.testing.assert_array_equal(clear.pixels[deep != deep[3, 3]][:, 0], GREY[deep != deep[3, 3]])


def test_a_palette_with_transparency() -> None:
    image = Image.fromarray(np.repeat(np.arange(16, dtype=np.uint8)[:, None], 16, 1), "L").convert("P")
    image.putpalette([min(n * 10, 255) for n in range(256) for _ in range(3)][:768])
    data = saved(image, "PNG", transparency=bytes([0] * 8 + [255] * 248))
    picture = read_picture(data)
    assert (picture.pixels[:8] == 255).all() and picture.pixels[9, 0].tolist() == [90, 90, 90]
    assert "50% of the picture is transparent" in picture.notes[0]


def test_inks_of_a_jpeg_with_its_adobe_mark() -> None:
    inks = np.kron(np.dstack([255 - COLOURS, np.zeros(GREY.shape, np.uint8)]), np.ones((8, 8, 1), np.uint8))
    data = saved(Image.fromarray(inks, "CMYK"), "JPEG", quality=95)
    assert b"Adobe" in data
    picture = read_picture(data)
    expected = np.kron(COLOURS, np.ones((8, 8, 1), np.uint8))
    assert np.abs(picture.pixels.astype(int) - expected).mean() < 4
    assert "CMYK without a colour profile" in picture.notes[0]


def test_profiles_of_every_container_are_found() -> None:
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "WEBP", "AVIF", "TIFF"):
        options = {"quality": 95} if kind != "TIFF" else {}
        good = read_picture(saved(COLOURS, kind, icc_profile=wide, **options))
        bad = read_picture(saved(COLOURS, kind, icc_profile=grey_profile(1.0), **options))
        assert good.notes == () and "profile" in bad.notes[0], kind
    jp2 = saved(COLOURS, "JPEG2000")
    at = jp2.index(b"colr") - 4
    body = b"\2\0\0" + grey_profile(1.0)
    box = struct.pack(">I", 8 + len(body)) + b"colr" + body
    length = int.from_bytes(jp2[at : at + 4], "big")
    header = jp2.index(b"jp2h") - 4
    size = int.from_bytes(jp2[header : header + 4], "big") + len(box) - length
    changed = jp2[:header] + struct.pack(">I", size) + jp2[header + 4 : at] + box + jp2[at + length :]
    assert "profile" in read_picture(changed).notes[0]
