"""Strips and tiles, compressed or cut off."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import read_picture

from .files import (
    GREY,
    HEIGHT,
    MIN_IS_BLACK,
    WIDTH,
    greys,
    page,
    saved,
    tiff,
)


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


def test_no_bytes_are_taken_for_what_the_tags_promise() -> None:
    huge = page(GREY.astype(np.uint32), MIN_IS_BLACK, t256=(4, 16_000), t257=(4, 4_000), t278=(4, 4_000))
    with pytest.raises(PictureError, match="strips of 256000000 bytes"):
        read_picture(tiff(huge))


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "tiff_adobe_deflate", "zstd", "lzma"])
def test_ways_of_compressing(compression: str) -> None:
    for values in (GREY.astype(np.uint16) * 257, (GREY / 255).astype(np.float32)):
        data = saved(values, "TIFF", compression=compression)
        np.testing.assert_array_equal(greys(data), GREY)
