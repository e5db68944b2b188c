"""The photo of `semcom demo`: one that scikit-image brings along (Eileen Collins, by NASA, in the public domain)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from semcom.semantic import PictureError

PHOTO = "data/astronaut.png"


def demo_photo() -> Path:
    """Where the photo lies.

    Raises
    ------
    PictureError
        scikit-image is not installed.
    """
    package = find_spec("skimage")
    if package is None or package.origin is None:
        needed = 'pip install "gr-semcom[demo]", or name a photo of yours to `semcom send`'
        raise PictureError(f"the demo photo comes with scikit-image: {needed}")
    return Path(package.origin).parent / PHOTO
