from __future__ import annotations

import contextlib
import io
import os
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import check_picture, decode_picture_file, load_picture, read_picture

from .files import COLOURS, chunk, exif, png, saved, with_segment


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


def test_every_cut_of_a_jpeg_is_refused_or_a_picture_with_a_note() -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.repeat(np.repeat(GREY, 8, 0), 8, 1)).save(buffer, "JPEG", quality=90)
    data = buffer.getvalue()
    start = data.index(b"\xff\xda")
    for length in range(0, start, 7):
        with pytest.raises(PictureError):
            read_picture(data[:length])
    shares = []
    for length in range(start + 16, len(data), 29):
        with contextlib.suppress(PictureError):
            picture = read_picture(data[:length])
            assert "cut off" in picture.notes[0] and picture.pixels.shape == (192, 256, 3)
            shares.append(int(re.search(r"(\d+)%", picture.notes[0] + " 100%")[1]))
    assert shares == sorted(shares) and shares[0] < 20 and len(shares) > 20


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none.png", "cannot be read"), (tmp_path, "must be a file")):
        with pytest.raises(PictureError, match=words):
            load_picture(path)
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    with pytest.raises(PictureError, match="must be a file"):
        load_picture(pipe)


def test_arrays_are_checked() -> None:
    check_picture(np.zeros((16, 16, 3), np.uint8))
    with pytest.raises(PictureError, match=r"uint8 \[height, width, 3\]"):
        check_picture(np.zeros((16, 16), np.uint8))
    with pytest.raises(PictureError, match="float64"):
        check_picture(np.zeros((16, 16, 3)))


@pytest.mark.parametrize("orientation", range(10))
def test_orientations_of_a_jpeg(orientation: int) -> None:
    large = np.kron(COLOURS, np.ones((8, 8, 1), np.uint8))
    plain = read_picture(saved(large, "JPEG", quality=95)).pixels
    picture = read_picture(with_segment(saved(large, "JPEG", quality=95), 0xE1, exif(orientation)))
    turned = {2: plain[:, ::-1], 3: plain[::-1, ::-1], 4: plain[::-1], 5: np.moveaxis(plain, 0, 1)}
    turned |= {6: np.moveaxis(plain[::-1], 0, 1), 7: np.moveaxis(plain[::-1, ::-1], 0, 1)}
    turned |= {8: np.moveaxis(plain[:, ::-1], 0, 1)}
    np.testing.assert_array_equal(picture.pixels, turned.get(orientation, plain))
    assert len(picture.notes) == (orientation == 9)


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


def test_other_segments_and_trailing_bytes_of_a_jpeg_do_not_matter() -> None:
    large = np.kron(COLOURS, np.ones((8, 8, 1), np.uint8))
    plain = saved(large, "JPEG")
    odd = plain
    for marker, body in ((0xED, b"Photoshop 3.0\x008BIM" + bytes(3)), (0xE2, b"ICC_PROFILE\0"), (0xFE, b"\xff" * 99)):
        odd = with_segment(odd, marker, body)
    picture = read_picture(odd + b"junk" * 1000)
    np.testing.assert_array_equal(picture.pixels, read_picture(plain).pixels)
    assert picture.notes == ()
    further = read_picture(with_segment(plain, 0xE2, b"MPF\0II*\0broken"))
    assert further.notes == ("the file holds further pictures (MPO): the first is taken",)


@pytest.mark.parametrize("missing", [1, 2, 20])
def test_a_jpeg_without_its_last_bytes(missing: int) -> None:
    plain = saved(np.kron(COLOURS, np.ones((8, 8, 1), np.uint8)), "JPEG", quality=95)
    whole, cut = read_picture(plain), read_picture(plain[:-missing])
    assert np.abs(whole.pixels.astype(int) - cut.pixels)[:-24].max() == 0
    assert "cut off" in cut.notes[0]


def test_a_progressive_jpeg_that_is_cut_off() -> None:
    plain = saved(np.kron(COLOURS, np.ones((8, 8, 1), np.uint8)), "JPEG", quality=95, progressive=True)
    cut = read_picture(plain[: 3 * len(plain) // 4])
    assert np.abs(read_picture(plain).pixels.astype(int) - cut.pixels).mean() < 20
    assert cut.notes == ("the file is cut off: the picture is less fine than it was",)


def test_kinds_of_jpeg_that_are_not_read_are_named() -> None:
    plain = saved(np.kron(COLOURS, np.ones((8, 8, 1), np.uint8)), "JPEG")
    at = plain.index(b"\xff\xc0")
    with pytest.raises(PictureError, match="JPEG of 12 bits a sample"):
        read_picture(plain[: at + 4] + b"\x0c" + plain[at + 5 :])
    with pytest.raises(PictureError, match=r"not read \(lossless\)"):
        read_picture(plain[: at + 1] + b"\xc3" + plain[at + 2 :])
    with pytest.raises(PictureError, match="at most 200 scans"):
        read_picture(plain + b"\xff\xda" * 300)


def test_a_cut_png_and_one_with_damage_inside() -> None:
    rows = np.random.default_rng(1).integers(1, 256, (64, 64, 3), dtype=np.uint8)
    data = png(rows, colour_type=2)
    cut = read_picture(data[: len(data) // 2])
    came = int(re.search(r"(\d+)% of the picture came", cut.notes[0])[1])
    assert 40 <= came <= 52
    np.testing.assert_array_equal(cut.pixels[:25], rows[:25])
    with pytest.raises(PictureError, match="damaged: only 3% of the picture can be read, at least 10%"):
        read_picture(data[: 41 + len(data) // 25])


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "JPEG2000", "GIF"])
def test_other_formats_cut_off_end_in_a_sentence_or_a_picture(kind: str) -> None:
    data = saved(np.kron(COLOURS, np.ones((8, 8, 1), np.uint8)), kind)
    for length in range(12, len(data), max(1, len(data) // 23)):
        try:
            read_picture(data[:length], "it")
        except PictureError as error:
            assert str(error).startswith("it: ") and "\n" not in str(error)


def test_what_is_animated_gives_its_first_frame_with_a_note() -> None:
    first, second = Image.fromarray(COLOURS), Image.fromarray(255 - COLOURS)
    for kind, options in (("GIF", {}), ("WEBP", {"lossless": True}), ("AVIF", {"quality": 95}), ("PNG", {})):
        data = saved(first, kind, save_all=True, append_images=[second], duration=100, **options)
        picture = read_picture(data)
        assert np.abs(picture.pixels.astype(int) - COLOURS).mean() < 6, kind
        assert len(picture.notes) == 1 and "animated" in picture.notes[0]


def test_heic_is_turned_once() -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
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


def test_sizes_are_refused_before_pixels_are_decoded() -> None:
    for data in (
        saved(np.zeros((1, 1), np.uint8), "GIF"),
        png(np.zeros((1, 20), np.uint8), colour_type=0),
    ):
        with pytest.raises(PictureError, match="at least 16 pixels"):
            read_picture(data)
    webp = saved(COLOURS, "WEBP", lossless=True)
    huge = webp[:21] + ((16383 | 16383 << 14).to_bytes(4, "little")) + webp[25:]
    with pytest.raises(PictureError, match="got 16384 × 16384"):
        read_picture(huge)


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


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("photo.jpg", "load_picture"),
        (Path("photo.jpg"), "load_picture"),
        (b"\xff\xd8", "read_picture"),
        (Image.new("L", (20, 20)), r"PIL image of mode L: numpy\.array"),
        (None, "got NoneType"),
    ],
)
def test_what_is_no_array_is_told_how_to_become_one(given: object, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        check_picture(given)
