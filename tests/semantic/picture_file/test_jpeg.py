"""JPEG files: what decoders need of them is kept, the rest is read apart or does not matter."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import read_picture

from .files import COLOURS, exif, saved, with_segment


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


def test_filling_and_markers_without_a_body_before_the_segments() -> None:
    plain = saved(np.kron(COLOURS, np.ones((8, 8, 1), np.uint8)), "JPEG")
    turned = with_segment(plain, 0xE1, exif(6))
    odd = turned[:2] + b"\xff\xff\xff\x01\xff\x01" + turned[2:]
    assert read_picture(odd).pixels.shape == (256, 192, 3)
