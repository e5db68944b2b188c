"""A picture in so many bytes: the size and quality at which it looks most like the original, enlarged again.

`picture.encode_picture` codes a picture of given size. Here the size is free: the coded picture's own size travels
beside it (a sub-image layer has it), so any will do. A fast encoder tries sizes and qualities, a slow one codes
the winner again, in the same number of bytes.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, features

from semcom.semantic.coding.picture import (
    MAX_PICTURE_BYTES,
    MAX_PICTURE_SIDE,
    MIN_PICTURE_BYTES,
    NUM_QUALITIES,
    decode_picture,
    difference_flags,
    encode_avif,
    encode_webp,
)
from semcom.semantic.coding.prediction import Prediction
from semcom.semantic.coding.quality_guess import Coding
from semcom.semantic.coding.similarity import Likeness

MAX_PICTURE_PIXELS = MAX_PICTURE_SIDE**2
_BITS_PER_PIXEL = 0.31
"""Of the coded picture, where lost resolution and starved quality weigh the same: mean of photos, a flat optimum."""
_GOOD_QUALITIES = (10, 30)
"""Outside of these another size is better: smaller by a third, larger by a half, at most so often."""
_SMALLER, _LARGER, _SIZES = 0.8, 1.5, 5
_BLOCKS = 0.004
"""Likeness that a smaller size may lose: starved blocks are uglier than MS-SSIM says."""
_DIFFERENCE_BITS_PER_PIXEL = (0.31, 0.17)
"""Sizes tried of what a prediction lacks: much of it is grey and free, so that more pixels, more coarsely, may win."""
_REFERENCE_SIDE = 768
_SMALLEST_SIDE = 8
_FAST, _FAST_LARGE, _QUICKEST = 6, 8, 9
_LARGE_PIXELS = 1 << 17
_SLOW_BY_PIXELS = ((30_000, 3), (80_000, 4))
"""Encoder speed of the final coding, for pictures up to so many pixels: about a tenth of a second each."""
_LESS_SLOW = 1
"""Encoder speed that is added for a difference: slower ones gain nothing there."""
_FIRST_QUALITY = 16
_SLOW_IS_LARGER = 1.01
"""Bytes of the slow encoder over those of the fast one at the same quality, which it reaches better: mean of photos."""
_FAST_TRIES, _SLOW_TRIES = 5, 3
_CLOSE_ENOUGH, _AIM = 0.97, 0.985
DISTORTION_EXPONENT = 0.4
"""1 - MS-SSIM falls with this power of the bytes, on photos between 0.005 and 0.1 bits per pixel."""


@dataclass(frozen=True)
class FittedPicture:
    """A coded picture and how much it looks like its original.

    Attributes
    ----------
    coded : bytes
        For `picture.decode_picture(coded, height, width)`.
    width, height : int
        Coded size, pixels.
    quality : int
        Of the encoder, 0 to `picture.NUM_QUALITIES` - 1.
    likeness : float
        MS-SSIM with the original after enlarging, at a working size: 0..1.
    """

    coded: bytes
    width: int
    height: int
    quality: int
    likeness: float

    @property
    def pixels(self) -> np.ndarray:
        """uint8 [height, width, 3]: as the receiver decodes it; of a fitter with a prediction, the difference."""
        return decode_picture(self.coded, self.height, self.width)


class PictureFitter:
    """Codes one picture in as many bytes as it is told, again and again; what was tried once is remembered.

    Parameters
    ----------
    rgb : uint8 [height, width, 3]
        Any size.
    quick : bool
        A tenth of the time, 0.02 of MS-SSIM at a thousand bytes: only the quickest encoder, and no second coding.
    """

    def __init__(self, rgb: np.ndarray, quick: bool = False) -> None:
        self._quick = quick
        self._original = _at_most(Image.fromarray(np.ascontiguousarray(rgb)), MAX_PICTURE_SIDE)
        reference = _at_most(self._original, _REFERENCE_SIDE)
        self._shown_size = reference.size
        self._largest = self._original.size
        self._likeness = Likeness(np.asarray(reference))
        self._encode = encode_avif if has_avif() else encode_webp
        self._last: Coding | None = None
        self._prediction: Prediction | None = None
        self._sized: dict[tuple[int, int], Image.Image] = {}
        self._tried: dict[tuple[tuple[int, int], int, int], tuple[bytes, int] | None] = {}

    def beyond(self, prediction: Prediction) -> PictureFitter:
        """A fitter of the same picture that codes only the brightness that a prediction lacks, by AVIF (`has_avif`)."""
        other = copy.copy(self)
        other._prediction, other._tried = prediction, {}
        other.restart()
        return other

    @property
    def last(self) -> Coding | None:
        """What the last coding says of the next, for `restart`."""
        return self._last

    def restart(self, last: Coding | None = None) -> None:
        """Search as a new fitter would, or one that has just come to `last`: what was asked before does not matter."""
        self._last = last

    def probe(
        self, max_bytes: int, max_pixels: int = MAX_PICTURE_PIXELS, most_sizes: int = _SIZES
    ) -> FittedPicture | None:
        """A quick look at what so many bytes give; None where nothing fits."""
        max_bytes = min(max_bytes, MAX_PICTURE_BYTES)
        self._largest = _within(self._original.size, max_pixels)
        if max_bytes < MIN_PICTURE_BYTES or math.prod(self._largest) > max_pixels:
            return None
        side = math.sqrt(8 * max(max_bytes - 10, 1) / _BITS_PER_PIXEL / math.prod(self._original.size))
        best = None
        for _ in range(most_sizes):
            size = self._scaled(self._original.size, side)
            fitted = self._fitted(size, max_bytes)
            if best is not None:
                bonus = _BLOCKS if size[0] < best.width else 0.0
                if fitted is None or fitted.likeness + bonus <= best.likeness:
                    break
            best = fitted
            if fitted is None or fitted.quality < _GOOD_QUALITIES[0]:
                side *= _SMALLER
            elif fitted.quality > _GOOD_QUALITIES[1] and size != self._largest:
                side *= _LARGER
            else:
                break
        return best

    def fit(self, max_bytes: int, max_pixels: int = MAX_PICTURE_PIXELS) -> FittedPicture | None:
        """The best coding in at most `max_bytes`, of at most `max_pixels`; None where nothing fits."""
        max_bytes = min(max_bytes, MAX_PICTURE_BYTES)
        if self._prediction is None:
            quick = [fitted for fitted in [self.probe(max_bytes, max_pixels)] if fitted is not None]
        else:
            quick = self._differences(max_bytes, max_pixels)
        slow = [] if self._quick else [self._coded_slowly(fitted, max_bytes) for fitted in quick[:1]]
        found = [fitted for fitted in (*slow, *quick) if fitted is not None]
        return max(found, key=lambda fitted: fitted.likeness, default=None)

    def _differences(self, max_bytes: int, max_pixels: int) -> list[FittedPicture]:
        """A quick coding of the difference at each of some sizes, best first."""
        self._largest = _within(self._original.size, max_pixels)
        if max_bytes < MIN_PICTURE_BYTES or math.prod(self._largest) > max_pixels:
            return []
        area = math.prod(self._original.size)
        sides = [math.sqrt(8 * max(max_bytes - 10, 1) / bits / area) for bits in _DIFFERENCE_BITS_PER_PIXEL]
        sizes = dict.fromkeys(self._scaled(self._original.size, side) for side in sides)
        found = [fitted for size in sizes if (fitted := self._fitted(size, max_bytes)) is not None]
        return sorted(found, key=lambda fitted: -fitted.likeness)

    def _coded_slowly(self, quick: FittedPicture, max_bytes: int) -> FittedPicture | None:
        """The slow encoder at the same quality; the size is stretched until the bytes are used."""
        best = None
        fitting, too_long = (0.0, 0), (math.inf, 0)  # scale of the sides, and bytes
        scale = math.sqrt(_AIM * max_bytes / (_SLOW_IS_LARGER * len(quick.coded)))
        for _ in range(_SLOW_TRIES):
            size = self._scaled((quick.width, quick.height), scale)
            speed = _slow_speed(size) + (0 if self._prediction is None else _LESS_SLOW)
            coded = self._try(size, quick.quality, speed)
            if coded is None:
                break
            num_bytes = 1 + len(coded[0])
            if num_bytes <= max_bytes and (best is None or num_bytes > len(best.coded)):
                best = self._judged(coded, size, quick.quality)
            if _CLOSE_ENOUGH * max_bytes <= num_bytes <= max_bytes or (size == self._largest and best):
                break
            if num_bytes <= max_bytes:
                fitting = max(fitting, (scale, num_bytes))
            else:
                too_long = min(too_long, (scale, num_bytes))
            scale *= math.sqrt(_AIM * max_bytes / num_bytes)
            if not fitting[0] < scale < too_long[0]:  # bytes do not grow evenly: between the two
                share = math.log(_AIM * max_bytes / fitting[1]) / math.log(too_long[1] / fitting[1])
                scale = fitting[0] * (too_long[0] / fitting[0]) ** share
        return best

    def _scaled(self, size: tuple[int, int], factor: float) -> tuple[int, int]:
        return tuple(
            min(most, max(_SMALLEST_SIDE, round(side * factor))) for side, most in zip(size, self._largest, strict=True)
        )

    def _fitted(self, size: tuple[int, int], max_bytes: int) -> FittedPicture | None:
        """The best quality of the fast encoder that fits: the secant method on the logarithm of the length."""
        speed = _QUICKEST if self._quick else _FAST if size[0] * size[1] <= _LARGE_PIXELS else _FAST_LARGE
        low, high, fitting = -1, NUM_QUALITIES, None
        for _ in range(_FAST_TRIES):
            wanted = _FIRST_QUALITY if self._last is None else int(self._last.quality_for(size, max_bytes))
            if fitting is not None and wanted <= low:
                break  # the next quality would be too long, as far as the last two say
            quality = min(max(wanted, low + 1), high - 1)
            coded = self._try(size, quality, speed)
            num_bytes = 1 + len(coded[0]) if coded else max_bytes + 1
            self._last = Coding.after(self._last, quality, num_bytes, size)
            if num_bytes <= max_bytes:
                low, fitting = quality, coded
                if num_bytes >= _CLOSE_ENOUGH * max_bytes:
                    break
            else:
                high = quality
            if high - low <= 1:
                break
        return None if fitting is None else self._judged(fitting, size, low)

    def _judged(self, coded: tuple[bytes, int], size: tuple[int, int], quality: int) -> FittedPicture:
        data = bytes((coded[1],)) + coded[0]
        pixels = decode_picture(data, size[1], size[0])
        shown = Image.fromarray(pixels if self._prediction is None else self._prediction.refined(pixels))
        shown = shown.resize(self._shown_size, Image.Resampling.BICUBIC)
        return FittedPicture(data, *size, quality, self._likeness(np.asarray(shown)))

    def _try(self, size: tuple[int, int], quality: int, speed: int) -> tuple[bytes, int] | None:
        key = (size, quality, speed)
        if key not in self._tried:
            if size not in self._sized:
                same = self._original.size == size
                self._sized[size] = self._original if same else self._original.resize(size, Image.Resampling.LANCZOS)
            self._tried[key] = self._code(self._sized[size], quality, speed)
        return self._tried[key]

    def _code(self, picture: Image.Image, quality: int, speed: int) -> tuple[bytes, int] | None:
        if self._prediction is None:
            return self._encode(picture, quality, speed)
        coded = self._encode(Image.fromarray(self._prediction.difference(np.asarray(picture))), quality, speed)
        flags = coded and difference_flags(coded[1], self._prediction.weight)
        return None if flags is None else (coded[0], flags)


def has_avif() -> bool:
    """Whether this Pillow codes AVIF."""
    return bool(features.check("avif"))


def _slow_speed(size: tuple[int, int]) -> int:
    for most, speed in _SLOW_BY_PIXELS:
        if size[0] * size[1] <= most:
            return speed
    return _FAST if size[0] * size[1] <= _LARGE_PIXELS else _FAST_LARGE


def _within(size: tuple[int, int], max_pixels: int) -> tuple[int, int]:
    """The largest size of the same shape with at most so many pixels; more only where a side would be too short."""
    scale = math.sqrt(max_pixels / math.prod(size)) if max_pixels > 0 else 0.0
    if scale >= 1.0:
        return size
    return tuple(min(side, max(_SMALLEST_SIDE, int(side * scale))) for side in size)


def _at_most(picture: Image.Image, longer_side: int) -> Image.Image:
    """The picture, its longer side at most so long."""
    scale = longer_side / max(picture.size)
    if scale >= 1.0:
        return picture
    size = tuple(max(1, round(side * scale)) for side in picture.size)
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
