"""What all classical codecs share: of all sizes and qualities that fit the bytes, the one nearest to the original.

Where bytes are few, a smaller picture enlarged again beats a full one of starved quality. Every size of a list is tried
with the highest quality that fits, enlarged by the better of two filters, and judged by MS-SSIM.
"""

from __future__ import annotations

import io
import math
import zlib

import numpy as np
from PIL import Image

from semcom.semantic.coding.picture_codecs.coded import Coded
from semcom.semantic.errors import LayerError, PacketError
from semcom.semantic.metrics.quality import ms_ssim

MAX_CODED_PIXELS = 1 << 22
"""Of one coded picture: larger originals are coded smaller, and larger claims are refused unread."""
MAX_CODED_SIDE = 1 << 14
MAX_CODED_BYTES = (1 << 20) - 64
"""Fits a layer's payload with its other fields."""
SCALES = (1.0, 0.75, 0.5, 0.375, 0.3, 0.25, 0.1875, 0.125)
LEAST_SIDE = 8
ENLARGED_BY = {"bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}
"""How a coded picture is brought to its full size, in the order of their numbers in picture layers."""
JUDGED_PIXELS = 1 << 20
"""Larger originals are judged at about this size."""
_FIRST_BITS_PER_PIXEL, _QUALITIES_PER_OCTAVE = 0.08, 17
"""Of the lowest quality, and how many qualities double the bytes: about, of photos."""
_CLOSE_ENOUGH = 0.99
_PAST_THE_BEST = 0.02
"""MS-SSIM lost against the best size: sizes beyond one that loses more are not tried."""
LIKELY_BITS_PER_PIXEL = 0.3
"""About where, of photos, a smaller picture of better quality stops being the better one: tried first."""
HOPELESS_BITS_PER_PIXEL = 0.002
"""With fewer no codec codes a photo at all: such sizes are not tried."""

Memory = dict[tuple[tuple[int, int], int], bytes]
"""Codings of one picture by coded size and quality."""


class ClassicalCodec:
    """A codec at its best size and quality.

    Parameters
    ----------
    best_size : bool
        Try smaller sizes, too; else the picture's own alone.
    """

    name: str
    number: int
    qualities = range(101)
    least_side = LEAST_SIDE

    def __init__(self, best_size: bool = True) -> None:
        self._scales = SCALES if best_size else SCALES[:1]
        self._last: tuple[tuple[tuple[int, ...], int], Memory] | None = None

    def compress(self, picture: Image.Image, quality: int) -> bytes:
        """One coding at a quality of `qualities`, without container; `LayerError` where that cannot be taken off."""
        raise NotImplementedError

    def open(self, data: bytes, size: tuple[int, int]) -> Image.Image:
        """RGB picture of what `compress` made at that size; any error where the bytes are not that."""
        raise NotImplementedError

    def encode(self, image: np.ndarray, max_bytes: int) -> Coded | None:
        """The picture in at most `max_bytes`, of all sizes the one whose picture has the highest MS-SSIM.

        Parameters
        ----------
        image : uint8 [height, width, 3]
        max_bytes : int

        Returns
        -------
        Coded or None
            None where no size fits.
        """
        max_bytes = min(max_bytes, MAX_CODED_BYTES)
        original = Image.fromarray(np.ascontiguousarray(image))
        memory = self._memory_of(image)
        likely = self.qualities.start + _QUALITIES_PER_OCTAVE * math.log2(8 * max_bytes / _FIRST_BITS_PER_PIXEL)
        best, found = -1.0, None
        larger, smaller = self._sizes(original.size, max_bytes)
        for sizes in (larger, smaller):
            for size in sizes:
                small = original if size == original.size else original.resize(size, Image.Resampling.LANCZOS)
                per_pixel = _QUALITIES_PER_OCTAVE * math.log2(math.prod(size))
                fitting = self._fitting(small, max_bytes, likely - per_pixel, memory)
                if fitting is None:
                    if found is not None and sizes is larger:
                        break
                    continue
                data, quality = fitting
                likely = quality + per_pixel
                similarity, enlarged_by = self._similarity(data, size, original)
                if similarity > best:
                    best = similarity
                    found = Coded(data, *size, enlarged_by, f"{size[0]}×{size[1]}, {self._words(quality)}")
                elif similarity < best - _PAST_THE_BEST:
                    break
        return found

    def fill(self, picture: Image.Image, max_bytes: int, first: float = 50.0) -> tuple[bytes, int] | None:
        """The picture at its own size and the highest quality that fits: (data, quality); None where none does.

        `first` is the quality tried first: of a similar picture in as many bytes, if one is known.
        """
        return self._fitting(picture, min(max_bytes, MAX_CODED_BYTES), first, {}) if max_bytes > 0 else None

    def _similarity(self, data: bytes, size: tuple[int, int], original: Image.Image) -> tuple[float, str]:
        """MS-SSIM of the coded picture with the original, and the filter that enlarges it best."""
        judged = _at_most(original, JUDGED_PIXELS)
        reference, decoded = np.asarray(judged), Image.fromarray(self.decode(data, size))
        if size == judged.size:
            return ms_ssim(reference, np.asarray(decoded)), next(iter(ENLARGED_BY))
        return max(
            (ms_ssim(reference, np.asarray(decoded.resize(judged.size, resampling))), name)
            for name, resampling in reversed(ENLARGED_BY.items())
        )

    def decode(self, data: bytes, size: tuple[int, int]) -> np.ndarray:
        """The coded picture, uint8 [height, width, 3].

        Raises
        ------
        PacketError
            A size outside the limits, or bytes that do not decode to it.
        """
        check_size(*size)
        if not 1 <= len(data) <= MAX_CODED_BYTES:
            raise PacketError(f"picture: length must be 1 to {MAX_CODED_BYTES} bytes, got {len(data)}")
        try:
            picture = self.open(data, size)
        except PacketError:
            raise
        except (OSError, ValueError, SyntaxError, RuntimeError, EOFError, MemoryError) as error:
            raise PacketError(f"picture: {self.name} of {len(data)} bytes must decode, got: {error}") from None
        if picture.size != size:
            raise PacketError(f"picture: coded size must be {size[0]} × {size[1]}, got {picture.size}")
        return np.array(picture.convert("RGB"))

    def _sizes(self, full: tuple[int, int], max_bytes: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Sizes to try: from a likely one to larger ones, and from there to smaller ones.

        A picture beyond the limit begins at the limit.
        """
        whole = min(1.0, math.sqrt(MAX_CODED_PIXELS / math.prod(full)) * 0.999, MAX_CODED_SIDE / max(full))
        sizes: list[tuple[int, int]] = []
        for scale in self._scales:
            size = tuple(max(LEAST_SIDE, round(side * scale * whole)) for side in full)
            hopeless = 8 * max_bytes < HOPELESS_BITS_PER_PIXEL * math.prod(size)
            if min(size) >= self.least_side and size not in sizes and not hopeless:
                sizes.append(size)
        wanted = 8 * max_bytes / LIKELY_BITS_PER_PIXEL
        larger = [size for size in sizes if math.prod(size) > wanted]
        return larger[::-1], sizes[len(larger) :]

    def _fitting(self, picture: Image.Image, max_bytes: int, first: float, memory: Memory) -> tuple[bytes, int] | None:
        """The highest quality whose bytes fit (or fill them nearly): (data, quality), or None; `first` is tried first.

        A bracket of qualities, closed in from where the logarithm of their bytes, taken for linear, meets the limit.
        """
        (low, low_octaves), (high, high_octaves) = (self.qualities.start - 1, None), (self.qualities.stop, None)
        best, quality = None, first
        while high - low > 1:
            quality = min(max(round(quality), low + 1), high - 1)
            data = self._compressed(picture, quality, memory)
            octaves = math.log2(len(data) / max_bytes)
            if octaves <= 0:
                low, low_octaves, best = quality, octaves, (data, quality)
                if len(data) >= _CLOSE_ENOUGH * max_bytes:
                    break
            else:
                high, high_octaves = quality, octaves
            if low_octaves is None or high_octaves is None or high_octaves <= low_octaves:
                quality -= _QUALITIES_PER_OCTAVE * octaves
            else:
                quality = low - (high - low) * low_octaves / (high_octaves - low_octaves)
        return best

    def _compressed(self, picture: Image.Image, quality: int, memory: Memory) -> bytes:
        """As `compress`; what was coded of the same picture before is remembered."""
        key = picture.size, quality
        if key not in memory:
            memory[key] = self.compress(picture, quality)
        return memory[key]

    def _memory_of(self, image: np.ndarray) -> Memory:
        """Codings of this picture so far, several budgets share them; those of the picture before are forgotten."""
        of, last = (image.shape, zlib.crc32(np.ascontiguousarray(image))), self._last
        if last is None or last[0] != of:
            self._last = last = of, {}
        return last[1]

    def _words(self, quality: int) -> str:
        return f"quality {quality}"


def check_size(width: int, height: int) -> None:
    """Refuse a coded size before anything is allocated for it."""
    for name, side in (("width", width), ("height", height)):
        if not 1 <= side <= MAX_CODED_SIDE:
            raise PacketError(f"picture: coded {name} must be 1 to {MAX_CODED_SIDE}, got {side}")
    if width * height > MAX_CODED_PIXELS:
        raise PacketError(f"picture: must have at most {MAX_CODED_PIXELS} coded pixels, got {width} × {height}")


def opened(file: bytes, format_name: str) -> Image.Image:
    """A picture file of one format, through Pillow."""
    with Image.open(io.BytesIO(file), formats=[format_name]) as picture:
        return picture.convert("RGB")


def not_as_expected(name: str) -> LayerError:
    """This installation's encoder builds files whose container we cannot rebuild."""
    return LayerError(f"{name}: the encoder installed here makes files whose headers cannot be rebuilt by a receiver")


def _at_most(picture: Image.Image, pixels: int) -> Image.Image:
    reduction = math.ceil(math.sqrt(picture.width * picture.height / pixels))
    return picture if reduction <= 1 else picture.reduce(reduction)
