from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import decode_picture_file, load_picture, read_picture

from .files import COLOURS, exif, saved


def as_png(image: Image.Image, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


GREY = (np.arange(32 * 24) % 256).astype(np.uint8).reshape(24, 32)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "LA", "1", "CMYK"])
def test_legal_modes_become_rgb(mode: str) -> None:
    image = Image.fromarray(GREY).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, "TIFF")
    picture = decode_picture_file(buffer.getvalue())
    assert picture.shape == (24, 32, 3) and picture.dtype == np.uint8
    if mode != "1":
        assert np.abs(picture[:, :, 0].astype(int) - GREY).mean() < 3


def test_sixteen_bits_keep_their_brightness() -> None:
    deep = GREY.astype(np.uint16) * 257
    picture = decode_picture_file(as_png(Image.fromarray(deep)))
    np.testing.assert_array_equal(picture[:, :, 1], GREY)


def test_a_dark_deep_picture_stays_dark_and_floats_are_seen() -> None:
    dark = (GREY.astype(np.uint16) // 4) * 257
    assert np.abs(decode_picture_file(as_png(Image.fromarray(dark)))[:, :, 0].astype(int) - GREY // 4).max() <= 1
    buffer = io.BytesIO()
    Image.fromarray(GREY.astype(np.float32) / 255).save(buffer, "TIFF")
    np.testing.assert_array_equal(decode_picture_file(buffer.getvalue())[:, :, 2], GREY)


def test_colour_profiles_are_honoured() -> None:
    buffer = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    Image.fromarray(np.repeat(GREY[:, :, None], 3, 2)).save(buffer, "PNG", icc_profile=b"no profile at all")
    np.testing.assert_array_equal(decode_picture_file(buffer.getvalue())[:, :, 0], GREY)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for fitting in (srgb, profile):
        buffer = io.BytesIO()
        Image.fromarray(np.repeat(GREY[:, :, None], 3, 2)).save(buffer, "PNG", icc_profile=fitting)
        assert np.abs(decode_picture_file(buffer.getvalue())[:, :, 0].astype(int) - GREY).max() <= 1


def test_transparency_is_laid_over_white() -> None:
    image = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    assert (decode_picture_file(as_png(image)) == 255).all()


def test_exif_rotation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it a quarter turn clockwise
    buffer = io.BytesIO()
    Image.fromarray(np.repeat(GREY[:, :, None], 3, 2)).save(buffer, "JPEG", exif=exif, quality=95)
    assert decode_picture_file(buffer.getvalue()).shape == (32, 24, 3)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"this is no picture at all", "not a picture"),
        (as_png(Image.fromarray(GREY))[:41], "damaged"),
        (png_header(20_000, 20_000), "at most 64000000 pixels: .*400000000"),
        (png_header(10_000, 10_000), "at most 64000000 pixels, got 10000 × 10000"),
        (png_header(20_000, 100), "at most 16384 pixels, got 20000 × 100"),
        (png_header(8, 40), "at least 16 pixels, got 8 × 40"),
        (png_header(64, 64), "damaged"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(data: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=words) as caught:
        decode_picture_file(data, "photo.png")
    assert "photo.png" in str(caught.value) and "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none.png", "cannot be read"), (tmp_path, "must be a file")):
        with pytest.raises(PictureError, match=words):
            load_picture(path)
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    with pytest.raises(PictureError, match="must be a file"):
        load_picture(pipe)


def test_what_is_animated_gives_its_first_frame_with_a_note() -> None:
    first, second = Image.fromarray(COLOURS), Image.fromarray(255 - COLOURS)
    for kind, options in (("GIF", {}), ("WEBP", {"lossless": True}), ("AVIF", {"quality": 95}), ("PNG", {})):
        data = saved(first, kind, save_all=True, append_images=[second], duration=100, **options)
        picture = read_picture(data)
        assert np.abs(picture.pixels.astype(int) - COLOURS).mean() < 6, kind
        assert len(picture.notes) == 1 and "animated" in picture.notes[0]


def test_heic_is_turned_once() -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif is needed: scripts/setup dev")
    image = Image.fromarray(np.kron(COLOURS, np.ones((4, 4, 1), np.uint8)))
    for orientation in (1, 3, 6):
        file = io.BytesIO()
        heif = pillow_heif.from_pillow(image)
        heif[0].info["exif"] = exif(orientation)
        heif.save(file, quality=95)
        turned = {1: image, 3: image.rotate(180), 6: image.rotate(270, expand=True)}[orientation]
        pixels = read_picture(file.getvalue()).pixels
        assert pixels.shape[:2] == turned.size[::-1]
        assert np.abs(pixels.astype(int) - np.asarray(turned)).mean() < 10


def test_greys_of_sixteen_bits_in_a_ppm_and_a_jpeg_2000() -> None:
    deep = GREY.astype(np.uint16) * 257
    ppm = b"P5\n32 24\n65535\n" + deep.astype(">u2").tobytes()
    np.testing.assert_array_equal(read_picture(ppm).pixels[:, :, 0], GREY)
    twelve = b"P5\n32 24\n4095\n" + (GREY.astype(int) * 4095 // 255).astype(">u2").tobytes()
    assert np.abs(read_picture(twelve).pixels[:, :, 0].astype(int) - GREY).max() <= 1
    np.testing.assert_array_equal(read_picture(saved(deep, "JPEG2000")).pixels[:, :, 0], GREY)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    locked = tmp_path / "locked.png"
    locked.write_bytes(as_png(Image.fromarray(GREY)))
    locked.chmod(0)
    if not os.access(locked, os.R_OK):  # root reads everything
        with pytest.raises(PictureError, match=r"locked\.png: cannot be read"):
            load_picture(locked)
    with pytest.raises(PictureError, match="cannot be read"):
        load_picture("with a zero byte\0.png")
    with pytest.raises(PictureError, match="must be a file"):
        load_picture("/dev/zero")
