"""Regions of interest for close-ups, chosen from the A-seg's objects (ES-ISC, §II: S-img)."""

from __future__ import annotations

from dataclasses import dataclass

from semcom.semantic.layers.objects import Objects, SceneObject

MARGIN = 0.06
"""Share of the box added on each side, so that an object is seen with its edge."""

MAX_COVER = 0.6
"""An object that fills more of the picture than this is served by the scene picture already."""


@dataclass(frozen=True)
class Region:
    """Where a close-up is taken: object id and box in pixels of the picture."""

    object_id: int
    box: tuple[int, int, int, int]


def select_regions(objects: Objects, max_regions: int) -> list[Region]:
    """Choose regions in the order of the objects (most important first), leaving out boxes mostly seen already.

    Parameters
    ----------
    objects : Objects
    max_regions : int

    Returns
    -------
    list of Region
    """
    chosen: list[Region] = []
    for item in objects.items:
        if len(chosen) == max_regions:
            break
        box = _with_margin(item, objects.width, objects.height)
        area = _area(box)
        if area > MAX_COVER * objects.width * objects.height:
            continue
        if any(_overlap(box, other.box) > 0.5 * area for other in chosen):
            continue
        chosen.append(Region(item.object_id, box))
    return chosen


def _with_margin(item: SceneObject, width: int, height: int) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = item.box
    dx, dy = round(MARGIN * (x1 - x0)), round(MARGIN * (y1 - y0))
    x0, y0, x1, y1 = max(0, x0 - dx), max(0, y0 - dy), min(width, x1 + dx), min(height, y1 + dy)
    return x0, y0, x1, y1


def _area(box: tuple[int, int, int, int]) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def _overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> int:
    return _area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))
