"""At which quality a picture has so many bytes: told by its last codings, before the next is tried.

The logarithm of a picture's bytes is nearly a line over its quality, and over the logarithm of its coded pixels; the
slope over quality is the picture's own, and two codings of one size show it (the secant method).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_QUALITIES_PER_E, _FEWEST_PER_E, _MOST_PER_E = 8.0, 4.0, 20.0
"""Bytes grow by the factor e in about so many qualities; of one picture, as the last two codings say, within limits."""
_BYTES_BY_PIXELS = 0.85
"""Bytes grow with this power of the coded pixels, at one quality."""


@dataclass(frozen=True)
class Coding:
    """What a coding of a picture cost, and how fast its bytes grow: tells the quality at which another one fits.

    Attributes
    ----------
    quality : int
        Of the encoder, 0 to `picture.NUM_QUALITIES` - 1.
    num_bytes : int
    size : (width, height)
        Coded pixels.
    per_e : float
        Qualities in which bytes grow by the factor e.
    """

    quality: int
    num_bytes: int
    size: tuple[int, int]
    per_e: float

    @classmethod
    def after(cls, last: Coding | None, quality: int, num_bytes: int, size: tuple[int, int]) -> Coding:
        """A new coding: how fast bytes grow is learned where the last one had the same size."""
        per_e = _QUALITIES_PER_E if last is None else last.per_e
        if last is not None and last.size == size and (quality - last.quality) * (num_bytes - last.num_bytes) > 0:
            per_e = (quality - last.quality) / math.log(num_bytes / last.num_bytes)
        return cls(quality, num_bytes, size, min(max(per_e, _FEWEST_PER_E), _MOST_PER_E))

    def quality_for(self, size: tuple[int, int], max_bytes: int) -> float:
        """Quality at which a picture of this size has about so many bytes."""
        grown = _BYTES_BY_PIXELS * math.log(math.prod(size) / math.prod(self.size))
        return self.quality + self.per_e * (math.log(max_bytes / self.num_bytes) - grown)
