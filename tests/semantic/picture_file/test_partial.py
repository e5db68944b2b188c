"""Files that are cut off: as far as they came, with a note, or refused."""

from __future__ import annotations

import contextlib
import io
import re

import numpy as np
import pytest
from PIL import Image

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import read_picture

from .files import COLOURS, GREY, png, saved


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
