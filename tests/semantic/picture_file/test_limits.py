"""Arrays and sizes outside the limits are refused, with the way to make it right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import check_picture, read_picture

from .files import COLOURS, png, saved


def test_arrays_are_checked() -> None:
    check_picture(np.zeros((16, 16, 3), np.uint8))
    with pytest.raises(PictureError, match=r"uint8 \[height, width, 3\]"):
        check_picture(np.zeros((16, 16), np.uint8))
    with pytest.raises(PictureError, match="float64"):
        check_picture(np.zeros((16, 16, 3)))


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
