"""HEIC: one HEVC slice, and one byte of what its picture parameters leave open.

HEIC stands for BPG, too: both are HEVC intra frames in a box of their own. Needs pillow-heif.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from semcom.semantic.coding.picture_codecs.codec import ClassicalCodec, not_as_expected
from semcom.semantic.coding.picture_codecs.heic_container import LEAST_SIDE, rebuild_heic, strip_heic
from semcom.semantic.errors import PacketError


class Heic(ClassicalCodec):
    name, number = "heic", 2
    least_side = LEAST_SIDE

    def compress(self, picture: Image.Image, quality: int) -> bytes:
        from pillow_heif import from_pillow

        even = _padded_to_even(picture)
        file = io.BytesIO()
        from_pillow(even).save(file, quality=quality, chroma=420)
        stripped = strip_heic(file.getvalue(), *even.size)
        if stripped is None:
            raise not_as_expected(self.name)
        return bytes([stripped[1]]) + stripped[0]

    def open(self, data: bytes, size: tuple[int, int]) -> Image.Image:
        from pillow_heif import open_heif

        if min(size) < LEAST_SIDE or data[0] > 1:
            raise PacketError(f"picture: heic needs sides from {LEAST_SIDE} and a first byte of 0 or 1, got {data[0]}")
        width, height = (side + side % 2 for side in size)
        picture = open_heif(io.BytesIO(rebuild_heic(data[1:], width, height, bool(data[0]))), convert_hdr_to_8bit=True)
        if picture.size != (width, height):
            raise PacketError(f"picture: coded size must be {width} × {height}, got {picture.size}")
        return picture.to_pillow().convert("RGB").crop((0, 0, *size))


def _padded_to_even(picture: Image.Image) -> Image.Image:
    """With its last column and row twice where a side is odd."""
    if picture.width % 2 == picture.height % 2 == 0:
        return picture
    padding = ((0, picture.height % 2), (0, picture.width % 2), (0, 0))
    return Image.fromarray(np.pad(np.asarray(picture), padding, mode="edge"))
