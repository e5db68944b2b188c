"""WebP, lossy: a VP8 frame without start code and size."""

from __future__ import annotations

import io

from PIL import Image

from semcom.semantic.coding.picture_codecs.codec import ClassicalCodec, not_as_expected, opened
from semcom.semantic.coding.webp_container import rebuild_webp, strip_webp


class WebP(ClassicalCodec):
    name, number = "webp", 4

    def compress(self, picture: Image.Image, quality: int) -> bytes:
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=quality, method=6)
        frame = strip_webp(file.getvalue())
        if frame is None:
            raise not_as_expected(self.name)
        return frame

    def open(self, data: bytes, size: tuple[int, int]) -> Image.Image:
        return opened(rebuild_webp(data, *size), "WEBP")
