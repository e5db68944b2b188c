"""AVIF: an AV1 frame, and one byte of tools before it."""

from __future__ import annotations

import io

from PIL import Image

from semcom.semantic.coding.avif_container import ALL_TOOLS, rebuild_avif, strip_avif
from semcom.semantic.coding.picture_codecs.codec import ClassicalCodec, not_as_expected, opened
from semcom.semantic.errors import PacketError

_LARGE_PIXELS = 1 << 20


class Avif(ClassicalCodec):
    """AVIF.

    Parameters
    ----------
    best_size : bool
        As for `ClassicalCodec`.
    speed : int
        Of the encoder, 0 (thorough) to 10; -1 leaves it to the picture's size.
    """

    name, number = "avif", 1

    def __init__(self, best_size: bool = True, speed: int = -1) -> None:
        super().__init__(best_size)
        self._speed = speed

    def compress(self, picture: Image.Image, quality: int) -> bytes:
        file = io.BytesIO()
        speed = self._speed if self._speed >= 0 else 4 if picture.width * picture.height <= _LARGE_PIXELS else 7
        picture.save(file, "AVIF", quality=quality, subsampling="4:2:0", speed=speed, max_threads=1, autotiling=False)
        stripped = strip_avif(file.getvalue(), *picture.size)
        if stripped is None:
            raise not_as_expected(self.name)
        return bytes([stripped[1]]) + stripped[0]

    def open(self, data: bytes, size: tuple[int, int]) -> Image.Image:
        if data[0] > ALL_TOOLS:
            raise PacketError(f"picture: AV1 tools must be 0 to {ALL_TOOLS}, got {data[0]}")
        return opened(rebuild_avif(data[1:], *size, data[0]), "AVIF")
