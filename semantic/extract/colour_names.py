"""The word a person would use for the colour of a region."""

from __future__ import annotations

import numpy as np

MAX_SAMPLES = 4096

_HUES = (
    (15, "red"),
    (40, "orange"),
    (68, "yellow"),
    (165, "green"),
    (200, "turquoise"),
    (260, "blue"),
    (290, "purple"),
    (335, "pink"),
    (361, "red"),
)


def colour_name(pixels: np.ndarray, least_share: float = 0.4) -> str | None:
    """Name the colour most pixels of a region have.

    Parameters
    ----------
    pixels : uint8 [num_pixels, 3]
        sRGB of the region.
    least_share : float
        Share of the pixels that must agree.

    Returns
    -------
    str or None
        None where no colour reaches `least_share`: a region of many colours has no name.
    """
    shares = colour_shares(pixels)
    best = max(sorted(shares), key=shares.__getitem__, default=None)
    return best if best is not None and shares[best] >= least_share else None


def colour_shares(pixels: np.ndarray) -> dict[str, float]:
    """Share of the pixels, uint8 [num_pixels, 3], that each colour word names."""
    if len(pixels) == 0:
        return {}
    step = max(1, len(pixels) // MAX_SAMPLES)
    words, counts = np.unique(_names(pixels[::step].astype(np.float32)), return_counts=True)
    return {str(word): count / counts.sum() for word, count in zip(words, counts, strict=True)}


def _names(rgb: np.ndarray) -> np.ndarray:
    """A word for every pixel [num_pixels], from hue, chroma and brightness."""
    high, low = rgb.max(1), rgb.min(1)
    chroma = high - low
    safe = np.maximum(chroma, 1e-6)
    red, green, blue = rgb.T
    hue = np.where(
        high == red,
        (green - blue) / safe % 6,
        np.where(high == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )
    degrees = 60.0 * hue
    edges = np.array([edge for edge, _ in _HUES])
    names = np.array([name for _, name in _HUES], dtype=object)[np.searchsorted(edges, degrees, side="right")]
    brown = (degrees >= 10) & (degrees < 45) & (high < 150)
    names[brown] = "brown"
    saturation = chroma / np.maximum(high, 1)
    grey = (saturation < 0.18) | (chroma < 22)
    names[grey] = "grey"
    names[grey & (high > 195)] = "white"
    names[high < 50] = "black"
    return names.astype(str)
