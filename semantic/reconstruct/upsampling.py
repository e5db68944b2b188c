"""Enlarging a small picture along the shapes that were received: colours do not bleed over a segment's boundary."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from PIL import Image

OTHER_SEGMENT_WEIGHT = 0.15
OTHER_CLASS_WEIGHT = 0.02
"""Weights of samples that lie in another segment of the same class, and in another class: not zero, for a segment may
have no sample of its own nearby."""
GUIDANCE = 0.5
"""Share of what the maps change that is kept: on photos all of it is no better than none, half of it is best, for the
maps are coarser than the picture."""


def guided_upsample(small: np.ndarray, segments: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Enlarge a small picture to the size of its segment and class maps.

    A bicubic enlargement, moved by what the maps say. They say: a pixel is the mean of the 4 × 4 samples around it,
    weighted by a Gaussian of their distance and by whether they lie in the pixel's own segment and class (joint
    bilateral upsampling, Kopf et al. 2007, with maps for guide); the difference to the same mean without maps is added.

    Parameters
    ----------
    small : uint8 [rows, columns, 3]
    segments : int32 [height, width]
        Segment of each pixel.
    classes : uint8 [height, width]
        Category of each pixel; all the same where none is known.

    Returns
    -------
    uint8 [height, width, 3]
    """
    height, width = segments.shape
    row_weights = _spatial_weights(height, small.shape[0])
    column_weights = _spatial_weights(width, small.shape[1])
    centres = np.ix_(_sample_centres(height, small.shape[0]), _sample_centres(width, small.shape[1]))
    bicubic = np.array(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))
    _add_guidance(
        bicubic,
        np.ascontiguousarray(small, dtype=np.uint8),
        np.ascontiguousarray(segments, dtype=np.int32),
        np.ascontiguousarray(segments[centres], dtype=np.int32),
        np.ascontiguousarray(classes, dtype=np.uint8),
        np.ascontiguousarray(classes[centres], dtype=np.uint8),
        *row_weights,
        *column_weights,
    )
    return bicubic


def _sample_centres(size: int, samples: int) -> np.ndarray:
    """Pixel at the centre of each sample's footprint."""
    return np.minimum(((np.arange(samples) + 0.5) * size / samples).astype(np.int64), size - 1)


def _spatial_weights(size: int, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """First of four neighbouring samples for each pixel, and their Gaussian weights [size, 4]."""
    position = (np.arange(size) + 0.5) * samples / size - 0.5
    first = np.floor(position).astype(np.int64) - 1
    distance = position[:, None] - (first[:, None] + np.arange(4))
    sigma = 0.55
    return first, np.exp(-(distance**2) / (2 * sigma**2)).astype(np.float32)


@njit(cache=True, nogil=True)
def _add_guidance(
    picture,
    small,
    segments,
    sample_segments,
    classes,
    sample_classes,
    first_row,
    row_weights,
    first_column,
    column_weights,
):
    rows, columns = small.shape[0], small.shape[1]
    height, width = segments.shape
    guided, plain = np.empty(3, np.float32), np.empty(3, np.float32)
    for y in range(height):
        for x in range(width):
            own = segments[y, x]
            guided[:] = 0
            plain[:] = 0
            guided_total = plain_total = np.float32(0.0)
            crossed = False
            for i in range(4):
                r = min(max(first_row[y] + i, 0), rows - 1)
                for j in range(4):
                    c = min(max(first_column[x] + j, 0), columns - 1)
                    weight = row_weights[y, i] * column_weights[x, j]
                    plain_total += weight
                    for k in range(3):
                        plain[k] += weight * small[r, c, k]
                    if sample_classes[r, c] != classes[y, x]:
                        weight *= np.float32(OTHER_CLASS_WEIGHT)
                        crossed = True
                    elif sample_segments[r, c] != own:
                        weight *= np.float32(OTHER_SEGMENT_WEIGHT)
                        crossed = True
                    guided_total += weight
                    for k in range(3):
                        guided[k] += weight * small[r, c, k]
            if crossed:
                for k in range(3):
                    change = guided[k] / guided_total - plain[k] / plain_total
                    value = picture[y, x, k] + np.float32(GUIDANCE) * change + np.float32(0.5)
                    picture[y, x, k] = np.uint8(min(max(value, np.float32(0.0)), np.float32(255.0)))


def render_size(width: int, height: int, max_pixels: int) -> tuple[int, int]:
    """Largest size of the same shape within a limit of pixels: (width, height)."""
    if width * height <= max_pixels:
        return width, height
    scale = math.sqrt(max_pixels / (width * height))
    return max(1, int(width * scale)), max(1, int(height * scale))
