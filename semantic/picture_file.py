"""A picture file becomes an sRGB array: the door where photos enter.

Accepts what Pillow reads: greyscale, palette, RGBA, CMYK, 16-bit and EXIF-rotated pictures. Everything is turned into
uint8 ``[height, width, 3]``; transparency is laid over white.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from semcom.semantic.errors import PictureError

MIN_PICTURE_SIDE = 16
MAX_PICTURE_SIDE = 16_384
MAX_PICTURE_PIXELS = 64_000_000
MAX_FILE_BYTES = 512 * 1024 * 1024


def load_picture(path: str | Path) -> np.ndarray:
    """Read a picture file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    uint8 [height, width, 3]
        sRGB, upright.

    Raises
    ------
    PictureError
        Not a file, not a picture, damaged, or outside the limits above. Sizes are checked before pixels are decoded.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():  # a device or a pipe may never end
            raise PictureError(f"{path}: must be a file")
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise PictureError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_FILE_BYTES:
        raise PictureError(f"{path}: a picture file must have at most {MAX_FILE_BYTES} bytes")
    return decode_picture_file(data, str(path))


def decode_picture_file(data: bytes, name: str = "picture") -> np.ndarray:
    """The same for the bytes of a picture file."""
    if not data:
        raise PictureError(f"{name}: is empty (0 bytes)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limits speak, not Pillow's warning about large pictures
            with Image.open(io.BytesIO(data)) as image:
                check_size(*image.size, name)
                image = ImageOps.exif_transpose(image)
                return _to_rgb(image)
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError(f"{name}: is not a picture in a format we can read") from error
    except Image.DecompressionBombError as error:
        raise PictureError(f"{name}: a picture must have at most {MAX_PICTURE_PIXELS} pixels: {error}") from error
    except Exception as error:  # decoders of damaged files raise nearly anything
        raise PictureError(f"{name}: is damaged: {error}") from error


def check_size(width: int, height: int, name: str = "picture") -> None:
    """Refuse sizes outside the limits with name, rule and value."""
    if min(width, height) < MIN_PICTURE_SIDE:
        raise PictureError(f"{name}: both sides must be at least {MIN_PICTURE_SIDE} pixels, got {width} × {height}")
    if max(width, height) > MAX_PICTURE_SIDE:
        raise PictureError(f"{name}: both sides must be at most {MAX_PICTURE_SIDE} pixels, got {width} × {height}")
    if width * height > MAX_PICTURE_PIXELS:
        raise PictureError(f"{name}: a picture must have at most {MAX_PICTURE_PIXELS} pixels, got {width} × {height}")


def check_picture(image: np.ndarray) -> None:
    """Refuse arrays that are not a picture as `docs/conventions.md` has it."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        shape = getattr(image, "shape", type(image).__name__)
        raise PictureError(f"picture must be uint8 [height, width, 3], got {getattr(image, 'dtype', '')} {shape}")
    check_size(image.shape[1], image.shape[0])


def _to_rgb(image: Image.Image) -> np.ndarray:
    if image.mode in _DEEP_MODES:
        return _from_deep_grey(np.asarray(image), image.mode)
    profile = image.info.get("icc_profile")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(ground, image).convert("RGB")
    return np.array(_to_srgb(image, profile).convert("RGB"))


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours of the picture's own profile as sRGB; a profile that does not fit is ignored, as viewers do."""
    if profile and image.mode in ("RGB", "CMYK", "L"):
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return image


_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")


def _from_deep_grey(values: np.ndarray, mode: str) -> np.ndarray:
    """Greyscale of more than 8 bits as RGB. The range is the mode's own; where it has none, the values tell it."""
    values = np.nan_to_num(values.astype(np.float64))
    highest = values.max(initial=0.0)
    if mode.startswith("I;16"):
        full = 65535.0
    else:
        full = next((top for top in (1.0, 255.0, 65535.0) if highest <= top and (mode == "F" or top > 1)), highest)
    grey = np.clip(np.rint(values * (255.0 / full)), 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)
