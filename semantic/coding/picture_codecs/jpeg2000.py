"""JPEG 2000: the packets of one tile, from start of data to the end marker; the main header follows from the size.

The way that is agreed: one tile, one quality layer, irreversible 9/7 wavelet, colour transform, code blocks of 64 × 64,
as many decompositions up to five as the shorter side allows, and the quantiser steps of OpenJPEG for 8 bits.

References
----------
ITU-T T.800, annex A (markers). See docs/coding.md.
"""

from __future__ import annotations

import io
import struct

from PIL import Image

from semcom.semantic.coding.picture_codecs.codec import ClassicalCodec, Memory, not_as_expected, opened

_RATE_TRIES = 6
_HEADER_BYTES = 90
_LL_STEPS = {3: "6738", 4: "6f20", 5: "7720"}
"""Exponent and mantissa of the step of the lowest band, by the number of decompositions."""
_STEPS = "76f076f076c06f006f006ee067506750676850055005504757d357d35762"
"""Of the other bands: three for each decomposition, the coarsest of five first."""
_START_OF_DATA = b"\xff\x93"
_END = b"\xff\xd9"


class Jpeg2000(ClassicalCodec):
    name, number = "jpeg2000", 3

    def _fitting(self, picture: Image.Image, max_bytes: int, first: float, memory: Memory) -> tuple[bytes, int] | None:
        """Rate control aims at a length; what it aims at is moved until the packets fit: (data, rate 1:n)."""
        raw, aim, best = 3 * picture.width * picture.height, float(max_bytes + _HEADER_BYTES), None
        for _ in range(_RATE_TRIES):
            rate = max(raw / aim, 1.0)
            data = self._at_rate(picture, rate)
            if len(data) <= max_bytes and (best is None or len(data) > len(best[0])):
                best = data, round(rate)
            if max_bytes * 0.98 <= len(data) <= max_bytes:
                break
            aim = max(aim + (max_bytes - len(data)), 32.0)
        return best

    def compress(self, picture: Image.Image, quality: int) -> bytes:
        return self._at_rate(picture, float(quality))

    def _at_rate(self, picture: Image.Image, rate: float) -> bytes:
        file = io.BytesIO()
        picture.save(
            file, "JPEG2000", quality_mode="rates", quality_layers=[rate], irreversible=True, no_jp2=True, mct=1
        )
        codestream = file.getvalue()
        start = codestream.find(_START_OF_DATA)
        data = codestream[start + len(_START_OF_DATA) : -len(_END)]
        if start < 0 or _without_comments(codestream[:start]) != main_header(*picture.size, len(data)):
            raise not_as_expected(self.name)
        return data

    def open(self, data: bytes, size: tuple[int, int]) -> Image.Image:
        return opened(main_header(*size, len(data)) + _START_OF_DATA + data + _END, "JPEG2000")

    def _words(self, quality: int) -> str:
        return f"rate 1:{quality}"


def main_header(width: int, height: int, data_bytes: int) -> bytes:
    """Everything before the start of data: SOC, SIZ, COD, QCD and the start of the only tile part."""
    levels = max(3, min(5, min(width, height).bit_length() - 1))
    size = struct.pack(">HIIIIIIIIH", 0, width, height, 0, 0, width, height, 0, 0, 3) + bytes((7, 1, 1)) * 3
    coding = bytes((0, 0, 0, 1, 1, levels, 4, 4, 0, 0))
    steps = bytes((0x42,)) + bytes.fromhex(_LL_STEPS[levels] + _STEPS[-12 * levels :])
    tile = struct.pack(">HIBB", 0, 12 + 2 + data_bytes, 0, 1)
    markers = (b"\xff\x51", size), (b"\xff\x52", coding), (b"\xff\x5c", steps), (b"\xff\x90", tile)
    return b"\xff\x4f" + b"".join(marker + struct.pack(">H", 2 + len(body)) + body for marker, body in markers)


def _without_comments(header: bytes) -> bytes:
    """A trusted main header without its comments."""
    kept, position = header[:2], 2
    while position + 4 <= len(header):
        end = position + 2 + int.from_bytes(header[position + 2 : position + 4], "big")
        if header[position : position + 2] != b"\xff\x64":
            kept += header[position:end]
        position = end
    return kept
