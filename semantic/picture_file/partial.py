"""Pixels of a file that may be cut off or damaged: as far as they came, and how far that is."""

from __future__ import annotations

import numpy as np
from PIL import Image

from semcom.semantic.errors import PictureError

LEAST_SHARE = 0.1
"""Of the rows: of a picture of which less came there is nothing to show."""


def load_pixels(image: Image.Image) -> tuple[Image.Image, float, Exception | None]:
    """Decode an opened picture.

    Returns
    -------
    image : PIL.Image
    share : float
        Of the rows that came, 0..1; the others are black.
    error : Exception or None
        What the decoder said where it did not reach the end.

    Raises
    ------
    Exception
        Whatever the decoder raised, where not a single row came.
    """
    try:
        image.load()
        return image, 1.0, None
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # decoders of damaged files raise nearly anything
        share = _share_of_rows(image)
        if share == 0:
            raise
        return image, share, error


def _share_of_rows(image: Image.Image) -> float:
    """Rows down to the last one that is not black, over all."""
    if getattr(image, "_im", None) is None:
        return 0.0
    image.tile = []  # nothing more is to be decoded
    try:
        pixels = np.asarray(image)
    except Exception:
        return 0.0
    rows = np.flatnonzero(pixels.reshape(len(pixels), -1).any(axis=1))
    return (rows[-1] + 1) / len(pixels) if rows.size else 0.0


def rows_before_flat_end(pixels: np.ndarray) -> float:
    """Share of the rows of uint8 [height, width, 3] before those of one colour at the bottom.

    A JPEG decoder goes on with the last colour where its data end.
    """
    flat = (pixels == pixels[-1, -1]).all(axis=(1, 2))
    return 1.0 - (len(flat) if flat.all() else int(np.argmin(flat[::-1]))) / len(flat)


def cut_off_note(share: float, rest: str = "black") -> str:
    """A line about a picture of whose rows a share came."""
    if share >= 0.995:
        return "the file is cut off at its end or damaged; the picture is all there, or nearly so"
    return f"the file is cut off or damaged: {share:.0%} of the picture came, the rest is {rest}"


def check_share(share: float, name: str, error: Exception | None) -> None:
    """Refuse a picture of which next to nothing came."""
    if share < LEAST_SHARE:
        raise PictureError(
            f"{name}: is damaged: only {share:.0%} of the picture can be read, at least {LEAST_SHARE:.0%} are needed"
            + (f": {error}" if error else "")
        )
