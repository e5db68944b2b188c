"""Decoded samples as sRGB, uint8 [height, width, 3]: profiles, gamma, transparency, greys of 16 bits."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

from semcom.semantic.picture_file.metadata import UPRIGHT, Metadata

_DEEP_GREY = ("I;16", "I;16L", "I;16B", "I;16N")
_WITH_ALPHA = ("RGBA", "LA", "PA", "RGBa", "La")
_NOTED_SHARE = 0.01
"""Of the area: less transparency than this is no more than an edge."""

_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def to_srgb(image: Image.Image, metadata: Metadata) -> tuple[np.ndarray, list[str]]:
    """A decoded picture as sRGB, upright, on white; and notes on what was decided on the way."""
    notes: list[str] = []
    if image.mode == "I":  # of the formats read, only PPM of more than 8 bits: scaled to 16 by its decoder
        image = Image.fromarray(np.clip(np.asarray(image), 0, 0xFFFF).astype(np.uint16))
    colours, alpha = _apart(image)
    pixels = _colours(colours, metadata, notes)
    if alpha is not None:
        pixels = _on_white(pixels, alpha, notes)
    if metadata.orientation != UPRIGHT:
        pixels = np.asarray(Image.fromarray(pixels).transpose(_TRANSPOSE[metadata.orientation]))
    return np.array(pixels), notes


def linear_to_srgb(light: np.ndarray) -> np.ndarray:
    """The sRGB curve (IEC 61966-2-1), 0..1 to 0..1."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def _apart(image: Image.Image) -> tuple[Image.Image, np.ndarray | None]:
    """Colours, and opacity as uint8 [height, width] where there is any."""
    if image.mode in _DEEP_GREY:
        clear = image.info.get("transparency")
        if isinstance(clear, int):
            return image, np.where(np.asarray(image) == clear, 0, 255).astype(np.uint8)
        return image, None
    if image.mode not in _WITH_ALPHA and "transparency" not in image.info:
        return image, None
    with_alpha = image.convert("RGBA")
    alpha = np.asarray(with_alpha.getchannel("A"))
    if image.mode in ("LA", "La"):
        return image.convert("LA").getchannel("L"), alpha
    return with_alpha.convert("RGB"), alpha


def _colours(image: Image.Image, metadata: Metadata, notes: list[str]) -> np.ndarray:
    """uint8 [height, width, 3] of colours without opacity."""
    if image.mode in ("P", "1", "YCbCr", "HSV"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    if metadata.profile:
        converted = _by_profile(image, metadata.profile)
        if converted is not None:
            return converted
        notes.append("the colour profile is damaged or does not fit and is ignored")
    elif image.mode == "CMYK":
        notes.append("the picture is CMYK without a colour profile: its colours are approximate")
    if image.mode == "LAB":
        image = ImageCms.profileToProfile(
            image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    if image.mode in _DEEP_GREY:
        grey = np.asarray(image).astype(np.float32) / 65535.0
        if metadata.gamma is not None:
            grey = linear_to_srgb(grey ** (1 / metadata.gamma))
        grey = np.rint(255.0 * grey).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    pixels = np.asarray(image.convert("RGB"))
    if metadata.gamma is not None:
        table = np.rint(255.0 * linear_to_srgb((np.arange(256) / 255.0) ** (1 / metadata.gamma)))
        pixels = table.astype(np.uint8)[pixels]
    return pixels


def _by_profile(image: Image.Image, profile: bytes) -> np.ndarray | None:
    """Colours by a profile; None where it cannot be used."""
    if image.mode in _DEEP_GREY:  # one byte order, whatever the file's
        image = Image.fromarray(np.asarray(image).astype(np.uint16))
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return None if converted is None else np.asarray(converted)


def _on_white(pixels: np.ndarray, alpha: np.ndarray, notes: list[str]) -> np.ndarray:
    share = float((alpha < 255).mean())
    if share == 0:
        return pixels
    if share >= _NOTED_SHARE:
        notes.append(f"{share:.0%} of the picture is transparent: it is laid over white")
    ground = Image.new("RGBA", (pixels.shape[1], pixels.shape[0]), (255, 255, 255, 255))
    top = Image.fromarray(np.dstack([pixels, alpha]))
    return np.asarray(Image.alpha_composite(ground, top).convert("RGB"))
