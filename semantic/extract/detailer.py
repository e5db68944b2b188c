"""B-seg: where segments meet, and closed thin boundaries as fine as one wants them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic.extract.region_merging import merge_regions
from semcom.semantic.extract.segmenter import check_picture, working_picture
from semcom.semantic.extract.watershed import watershed
from semcom.semantic.nets.learned import learned

WEIGHTS = Path(__file__).parents[1] / "weights" / "boundary.safetensors"

WORKING_SIDE_PX = 512
"""Pictures are seen at this length of the longer side, whatever their size."""
FRAME_PX = 5
"""At working size: so near its edge a map repeats what lies inside, or the frame of a scan would be a boundary."""
MAX_BOUNDARY_SIDE_PX = 1024
"""Closed boundaries are found at the map's size, but at most at this one, and scaled up beyond."""


class Detailer:
    """Picture → boundary probability, by the network of `nets.boundary_net`.

    Parameters
    ----------
    weights : path, optional
        A file written by `nets.loading.save_weights`; the weights shipped with the package by default.
    threads : int
        CPU threads while it works.
    mirror : bool
        Also look at the mirrored picture and take the mean: a little better, twice the time.

    Input
    -----
    image : uint8 [H, W, 3]
        sRGB, any size from 1×1.

    Output
    ------
    probability : float32 [H, W]
        How surely a person would draw a boundary here, 0..1; 0.5 is about where precision and recall balance on
        BSDS500 val. Ridges are a few pixels wide; `boundaries` makes them thin and closed.

    Raises
    ------
    ModelError
        Torch is not installed, or the weights are missing or damaged.
    PictureError
        Not a uint8 array [H, W, 3].
    """

    def __init__(self, weights: Path | str | None = None, threads: int = 1, mirror: bool = True) -> None:
        with learned():
            from semcom.semantic.nets.boundary_net import BoundaryNet
            from semcom.semantic.nets.loading import load_weights
        self.threads, self.mirror = threads, mirror
        self._net = BoundaryNet()
        load_weights(Path(weights) if weights is not None else WEIGHTS, self._net)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        from semcom.semantic.nets.running import run_padded

        check_picture(image)
        x = working_picture(image, WORKING_SIDE_PX)
        logit = run_padded(self._net, x, self.threads, output_stride=1)[0]
        if self.mirror:
            mirrored = run_padded(self._net, x[:, ::-1], self.threads, output_stride=1)[0, :, ::-1]
            logit = (logit + mirrored) / 2
        probability = 1 / (1 + np.exp(-logit))
        return resized(without_frame(probability.astype(np.float32), FRAME_PX), image.shape[:2])


def segments(probability: np.ndarray, fineness: float = 0.5) -> np.ndarray:
    """Regions that boundaries of some strength enclose.

    The boundary map is flooded from its valleys (watershed); then the two neighbours with the weakest mean boundary
    between them merge, again and again, until every boundary left is stronger than 1 - `fineness` [Arbelaez 2011, §5].

    Parameters
    ----------
    probability : float32 [H, W]
        0..1, as `Detailer` returns it.
    fineness : float
        0 (almost nothing is a boundary) to 1 (every ridge is).

    Returns
    -------
    int32 [H, W], regions numbered from 0.

    Raises
    ------
    ValueError
        Fineness outside 0..1, or a map that is not two-dimensional.
    """
    if not 0.0 <= fineness <= 1.0:
        raise ValueError(f"fineness must be 0 to 1, got {fineness}")
    if probability.ndim != 2 or probability.size == 0:
        raise ValueError(f"probability must be [H, W] with at least one pixel, got {list(probability.shape)}")
    height, width = probability.shape
    scale = min(1.0, MAX_BOUNDARY_SIDE_PX / max(height, width))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    strength = np.clip(np.nan_to_num(resized(probability, size)), 0.0, 1.0)
    regions = watershed(strength)
    threshold = 1.0 - fineness
    least_area = round(strength.size * 2e-3 * threshold**2)  # coarser maps also drop small segments
    regions = merge_regions(regions, strength, threshold, least_area)
    rows = np.minimum(np.arange(height) * size[0] // height, size[0] - 1)
    columns = np.minimum(np.arange(width) * size[1] // width, size[1] - 1)
    return regions[rows[:, None], columns[None, :]]


def boundaries(probability: np.ndarray, fineness: float = 0.5) -> np.ndarray:
    """Closed boundaries one pixel wide between `segments`: bool [H, W]."""
    return borders(segments(probability, fineness))


def borders(regions: np.ndarray) -> np.ndarray:
    """Pixels whose right or lower neighbour belongs to another region: bool [H, W].

    Closed: what remains falls into 4-connected parts, none of which lies in two regions.
    """
    mask = np.zeros(regions.shape, bool)
    mask[:, :-1] = regions[:, :-1] != regions[:, 1:]
    mask[:-1] |= regions[:-1] != regions[1:]
    return mask


def without_frame(values: np.ndarray, frame_px: int) -> np.ndarray:
    """A map [H, W] whose outermost pixels repeat what lies inside; a map too small for that as it is."""
    if min(values.shape) <= 4 * frame_px:
        return values
    return np.pad(values[frame_px:-frame_px, frame_px:-frame_px], frame_px, mode="edge")


def resized(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map [H, W] at another size (rows, columns): float32."""
    if values.shape == tuple(size):
        return values.astype(np.float32, copy=False)
    plane = Image.fromarray(np.ascontiguousarray(values, dtype=np.float32))
    return np.asarray(plane.resize((size[1], size[0]), Image.Resampling.BILINEAR))
