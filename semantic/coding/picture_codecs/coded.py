"""What a classical codec makes of a picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Coded:
    """A picture through a classical codec.

    Attributes
    ----------
    data : bytes
        What travels: the codec's frame without what follows from its size and an agreed way of coding.
    width, height : int
        Coded size, pixels; the picture is enlarged from it.
    enlarged_by : str
        Filter that enlarges it best: ``bicubic`` or ``lanczos``.
    setting : str
        Size and quality that were best, in words.
    """

    data: bytes
    width: int
    height: int
    enlarged_by: str
    setting: str
