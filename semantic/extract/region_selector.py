"""Regions of interest for close-ups (ES-ISC, §II: S-img): the A-seg's objects first, then where detail is densest."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from semcom.semantic.layers import NAMELESS, Objects, SceneObject

MARGIN = 0.06
"""Share of the box added on each side, so that an object is seen with its edge."""

MAX_COVER = 0.6
"""An object that fills more of the picture than this is served by the scene picture already."""

DENSE_AREA = 0.1
"""Most of the picture that a region without an object covers."""
DENSER = 1.3
"""How many times the mean density of boundaries makes a region stand out: lettering, faces, foliage against sky."""


Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels of the picture, last column and row excluded."""


@dataclass(frozen=True)
class Region:
    """Where a close-up is taken: object id and box in pixels of the picture."""

    object_id: int
    box: Box


def select_regions(objects: Objects, boundary: np.ndarray, max_regions: int, max_area: float) -> list[Region]:
    """Choose regions in the order of the objects (most important first), leaving out boxes mostly seen already.

    Of an object larger than can be afforded, the part with the densest boundaries is shown: a face, lettering. Where
    no object serves, the densest place of the picture does, if any stands out.

    Parameters
    ----------
    objects : Objects
    boundary : float32 [rows, columns]
        Boundary probability, at any resolution.
    max_regions : int
    max_area : float
        Pixels of the picture that one region may cover.

    Returns
    -------
    list of Region
    """
    chosen: list[Region] = []
    for item in objects.items:
        if len(chosen) == max_regions:
            break
        box = with_margin(item, objects.width, objects.height)
        if _area(box) > MAX_COVER * objects.width * objects.height:
            continue
        if _area(box) > max_area:
            box = _densest(boundary, objects.width, objects.height, box, max_area)
        if any(_overlap(box, other.box) > 0.5 * _area(box) for other in chosen):
            continue
        chosen.append(Region(item.object_id, box))
    if not chosen and max_regions:
        whole = (0, 0, objects.width, objects.height)
        box = _densest(boundary, objects.width, objects.height, whole, min(max_area, DENSE_AREA * _area(whole)))
        if _stands_out(boundary, box, objects.width, objects.height):
            chosen.append(Region(NAMELESS, box))
    return chosen


def _densest(boundary: np.ndarray, width: int, height: int, within: Box, max_area: float) -> Box:
    """The part of a box, of its shape and at most so large, in which boundaries are densest."""
    rows, columns = boundary.shape
    x0, y0, x1, y1 = within
    scale = min(1.0, math.sqrt(max_area / _area(within)))
    window_width, window_height = max(1, int((x1 - x0) * scale)), max(1, int((y1 - y0) * scale))
    left, right = x0 * columns // width, max(x0 * columns // width + 1, x1 * columns // width)
    top, bottom = y0 * rows // height, max(y0 * rows // height + 1, y1 * rows // height)
    inside = boundary[top:bottom, left:right].astype(np.float32)
    window = max(1, window_height * rows // height), max(1, window_width * columns // width)
    density = ndimage.uniform_filter(inside, window, mode="constant")
    y, x = np.unravel_index(int(density.argmax()), density.shape)
    centre_x, centre_y = (left + x) * width // columns, (top + y) * height // rows
    first_x = min(max(x0, centre_x - window_width // 2), x1 - window_width)
    first_y = min(max(y0, centre_y - window_height // 2), y1 - window_height)
    return first_x, first_y, first_x + window_width, first_y + window_height


def _stands_out(boundary: np.ndarray, box: Box, width: int, height: int) -> bool:
    rows, columns = boundary.shape
    x0, y0, x1, y1 = box
    part = boundary[y0 * rows // height : y1 * rows // height, x0 * columns // width : x1 * columns // width]
    return part.size > 0 and float(part.mean()) > DENSER * max(float(boundary.mean()), 1e-3)


def with_margin(item: SceneObject, width: int, height: int) -> Box:
    x0, y0, x1, y1 = item.box
    dx, dy = round(MARGIN * (x1 - x0)), round(MARGIN * (y1 - y0))
    x0, y0, x1, y1 = max(0, x0 - dx), max(0, y0 - dy), min(width, x1 + dx), min(height, y1 + dy)
    return x0, y0, x1, y1


def _area(box: Box) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def _overlap(a: Box, b: Box) -> int:
    return _area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))
