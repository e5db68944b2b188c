"""Limits of a picture, shared by whatever reads one, makes a packet of one, or reads a packet."""

from __future__ import annotations

import numpy as np

from semcom.semantic.errors import PictureError

MIN_PICTURE_SIDE = 16
MAX_PICTURE_SIDE = 16_384
MAX_PICTURE_PIXELS = 64_000_000
MAX_FILE_BYTES = 512 * 1024 * 1024


def check_size(width: int, height: int, name: str = "picture") -> None:
    """Refuse sizes outside the limits with name, rule and value."""
    if min(width, height) < MIN_PICTURE_SIDE:
        raise PictureError(f"{name}: both sides must be at least {MIN_PICTURE_SIDE} pixels, got {width} × {height}")
    if max(width, height) > MAX_PICTURE_SIDE:
        raise PictureError(f"{name}: both sides must be at most {MAX_PICTURE_SIDE} pixels, got {width} × {height}")
    if width * height > MAX_PICTURE_PIXELS:
        raise PictureError(f"{name}: a picture must have at most {MAX_PICTURE_PIXELS} pixels, got {width} × {height}")


def check_picture(image: object) -> None:
    """Refuse what is not a picture as `docs/conventions.md` has it, and say what would make one of it."""
    if not isinstance(image, np.ndarray):
        raise PictureError(f"picture must be a numpy array, uint8 [height, width, 3], {_remedy(image)}")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise PictureError(f"picture must be uint8 [height, width, 3], got {image.dtype} {list(image.shape)}")
    check_size(image.shape[1], image.shape[0])


def _remedy(image: object) -> str:
    """What was given in place of an array, and how to go on from there."""
    if isinstance(image, str) or hasattr(image, "__fspath__"):
        return f"got the path {str(image)[:200]!r}: load_picture(path) reads one"
    if isinstance(image, bytes | bytearray | memoryview):
        return f"got {len(image)} bytes: read_picture(data).pixels reads the bytes of a picture file"
    if type(image).__module__.partition(".")[0] == "PIL":
        return f"got a PIL image of mode {getattr(image, 'mode', '?')}: numpy.array(image.convert('RGB')) makes one"
    return f"got {type(image).__name__}"
