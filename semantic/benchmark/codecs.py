"""Picture codecs at their best in so many bytes: every quality, and where it helps a smaller size enlarged again.

Bytes are those of the coded picture alone: what follows from width, height and an agreed way of coding is taken off, as
our own packets have it taken off (file boxes, sequence headers, main headers). That is generous to the codecs.

HEIC stands for BPG: both are HEVC intra frames in a box of their own.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, features

from semcom.semantic.coding.avif_container import strip_avif
from semcom.semantic.coding.webp_container import strip_webp
from semcom.semantic.metrics.quality import ms_ssim

SCALES = (1.0, 0.75, 0.5, 0.375, 0.3, 0.25, 0.1875, 0.125)
_FILTERS = (Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)
_RATE_TRIES = 6


@dataclass(frozen=True)
class Coded:
    """A picture through a codec.

    Attributes
    ----------
    num_bytes : int
        Without what can be rebuilt.
    picture : uint8 [height, width, 3]
        At the size of the original.
    setting : str
        Size and quality that were best.
    """

    num_bytes: int
    picture: np.ndarray
    setting: str


@dataclass(frozen=True)
class Rival:
    """A codec: `code(picture, max_bytes)` gives bytes used, decoded picture and setting, or None where nothing fits."""

    name: str
    code: Callable[[Image.Image, int], tuple[int, Image.Image, str] | None]
    scales: tuple[float, ...] = SCALES

    def best(self, image: np.ndarray, max_bytes: int) -> Coded | None:
        """The size whose decoded picture has the highest MS-SSIM; None where no size fits the bytes."""
        original, found = Image.fromarray(image), None
        best = -1.0
        for scale in self.scales:
            size = tuple(max(8, round(side * scale)) for side in original.size)
            small = original if scale == 1 else original.resize(size, Image.Resampling.LANCZOS)
            coded = self.code(small, max_bytes)
            if coded is None:
                continue
            num_bytes, decoded, setting = coded
            for way in _FILTERS if scale < 1 else _FILTERS[:1]:
                shown = np.asarray(decoded if scale == 1 else decoded.resize(original.size, way))
                quality = ms_ssim(image, shown)
                if quality > best:
                    best, found = quality, Coded(num_bytes, shown, f"{size[0]}×{size[1]}, {setting}")
        return found


def rivals() -> list[Rival]:
    """The codecs this installation has."""
    known = [
        (features.check("avif"), Rival("AVIF", _avif, (1.0,))),
        (features.check("avif"), Rival("AVIF, best size", _avif)),
        (_has_heif(), Rival("HEIC, best size", _heic)),
        (features.check("jpg_2000"), Rival("JPEG 2000, best size", _jpeg2000)),
        (features.check("webp"), Rival("WebP, best size", _webp)),
    ]
    return [rival for here, rival in known if here]


def _has_heif() -> bool:
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _best_quality(save: Callable[[int], tuple[int, bytes]], qualities: range, max_bytes: int):
    """Highest quality whose stripped length fits: (length, file, quality), or None."""
    low, high, best = qualities.start - 1, qualities.stop, None
    while high - low > 1:
        quality = (low + high) // 2
        length, file = save(quality)
        if length <= max_bytes:
            low, best = quality, (length, file, quality)
        else:
            high = quality
    return best


def _opened(file: bytes) -> Image.Image:
    with Image.open(io.BytesIO(file)) as picture:
        return picture.convert("RGB")


def _avif(picture: Image.Image, max_bytes: int):
    def save(quality: int) -> tuple[int, bytes]:
        file = io.BytesIO()
        picture.save(file, "AVIF", quality=quality, subsampling="4:2:0", speed=4, max_threads=1, autotiling=False)
        stripped = strip_avif(file.getvalue(), *picture.size)
        length = len(stripped[0]) if stripped else len(file.getvalue())
        return length, file.getvalue()

    best = _best_quality(save, range(101), max_bytes)
    return best and (best[0], _opened(best[1]), f"quality {best[2]}")


def _webp(picture: Image.Image, max_bytes: int):
    def save(quality: int) -> tuple[int, bytes]:
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=quality, method=6)
        return len(strip_webp(file.getvalue()) or file.getvalue()), file.getvalue()

    best = _best_quality(save, range(101), max_bytes)
    return best and (best[0], _opened(best[1]), f"quality {best[2]}")


def _heic(picture: Image.Image, max_bytes: int):
    def save(quality: int) -> tuple[int, bytes]:
        file = io.BytesIO()
        picture.save(file, "HEIF", quality=quality, chroma=420)
        return _mdat_bytes(file.getvalue()), file.getvalue()

    best = _best_quality(save, range(101), max_bytes)
    return best and (best[0], _opened(best[1]), f"quality {best[2]}")


def _mdat_bytes(file: bytes) -> int:
    """Payload of the media data box of an ISO file."""
    position = 0
    while position + 8 <= len(file):
        size = int.from_bytes(file[position : position + 4], "big")
        if file[position + 4 : position + 8] == b"mdat":
            return (size or len(file) - position) - 8
        position += max(size, 8)
    return len(file)


def _jpeg2000(picture: Image.Image, max_bytes: int):
    """Rate control aims at a length; what it aims at is moved until the packets fit."""
    raw, aim, best = 3 * picture.width * picture.height, float(max_bytes + 90), None
    for _ in range(_RATE_TRIES):
        file = io.BytesIO()
        rate = max(raw / aim, 1.0)
        picture.save(file, "JPEG2000", quality_mode="rates", quality_layers=[rate], irreversible=True, no_jp2=True)
        length = _tile_bytes(file.getvalue())
        if length <= max_bytes and (best is None or length > best[0]):
            best = (length, file.getvalue(), rate)
        if max_bytes * 0.98 <= length <= max_bytes:
            break
        aim = max(aim + (max_bytes - length), 32.0)
    return best and (best[0], _opened(best[1]), f"rate 1:{best[2]:.0f}")


def _tile_bytes(codestream: bytes) -> int:
    """Bytes of the packets of a JPEG 2000 codestream: from the start of data to the end marker."""
    start = codestream.find(b"\xff\x93")
    return len(codestream) - start - 4 if start >= 0 else len(codestream)
