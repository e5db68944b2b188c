"""Objects out of a class map: connected components of the things in it, each with box and score (A-seg's instances).

People who touch are one component; where the segmenter tells people apart, such a component becomes several people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from semcom.semantic.layers.objects import MAX_OBJECTS, Objects, SceneObject
from semcom.semantic.vocabulary import Vocabulary

Box = tuple[int, int, int, int]
"""(x0, y0, x1, y1) in pixels, last column and row excluded."""

GROUP_WEIGHT = {"person": 3.0, "animal": 2.5, "vehicle": 2.0}
"""How much more than a piece of furniture an object of a group matters to somebody who looks at the picture."""


@dataclass(frozen=True)
class InstanceRules:
    """Which components count as objects.

    Attributes
    ----------
    min_area : float
        Least share of the picture's pixels.
    min_score : float
        Least mean score of the segmenter over the component.
    max_objects : int
    """

    min_area: float = 0.002
    min_score: float = 0.36
    max_objects: int = 12


SPLIT = "person"
"""The category whose components are split."""
LEAST_SHARE_OF_BOX = 0.3
"""Share of a person's box that the component must fill for the person to be in it."""
MOST_SHARED = 0.5
"""Share of the narrower of two boxes' columns that the other may have, too: people stand side by side."""
LEAST_OF_COLUMNS = 0.6
"""Share of the component's pixels in a box's columns that must lie in the box: else it is a part of somebody."""


class ComponentDetector:
    """Objects are the connected components of the class map: nothing is among them that the map does not show.

    Parameters
    ----------
    max_objects : int
    """

    of_map = True

    def __init__(self, max_objects: int = MAX_OBJECTS) -> None:
        self._rules = InstanceRules(max_objects=max_objects)

    def __call__(
        self,
        image: np.ndarray,
        labels: np.ndarray,
        score: np.ndarray,
        vocabulary: Vocabulary,
        people: np.ndarray | None = None,
    ) -> Objects:
        """As `protocols.Detector`; the image is left aside. `people` as `Segmentation.people`."""
        return find_objects(labels, score, vocabulary, self._rules, people)


def find_objects(
    labels: np.ndarray,
    score: np.ndarray,
    vocabulary: Vocabulary,
    rules: InstanceRules = InstanceRules(),
    people: np.ndarray | None = None,
) -> Objects:
    """Find the objects of a picture.

    Parameters
    ----------
    labels : uint8 [height, width]
        Category per pixel.
    score : float32 [height, width]
        How sure the segmenter is, 0..1.
    vocabulary : Vocabulary
    rules : InstanceRules
    people : float32 [n, 5], optional
        As `Segmentation.people`.

    Returns
    -------
    Objects
        Most important first: large, sure, and of a group that people look at first.
    """
    height, width = labels.shape
    found = []
    for category in sorted(vocabulary.thing_ids & set(np.unique(labels).tolist())):
        components, count = ndimage.label(labels == category, np.ones((3, 3)))
        areas = np.bincount(components.ravel(), minlength=count + 1)[1:]
        scores = np.bincount(components.ravel(), weights=score.ravel(), minlength=count + 1)[1:] / np.maximum(areas, 1)
        boxes = ndimage.find_objects(components)
        for number, (area, mean_score, place) in enumerate(zip(areas, scores, boxes, strict=True), start=1):
            if area < rules.min_area * labels.size or mean_score < rules.min_score:
                continue
            parts = [_box_of(place)]
            if people is not None and vocabulary[category].name == SPLIT:
                parts = people_in(components[place] == number, place, people, width, height) or parts
            weight = GROUP_WEIGHT.get(vocabulary[category].parent, 1.0)
            for box in parts:
                part_area = area * _area(box) / sum(map(_area, parts))
                rank = weight * float(mean_score) * float(part_area / labels.size) ** 0.5
                found.append((-rank, category, box, min(1.0, float(mean_score))))
    items = tuple(
        SceneObject(number, category, box, mean_score)
        for number, (_, category, box, mean_score) in enumerate(sorted(found)[: rules.max_objects], start=1)
    )
    return Objects(width, height, vocabulary, items)


def people_in(
    component: np.ndarray, place: tuple[slice, slice], people: np.ndarray, width: int, height: int
) -> list[Box]:
    """Boxes of the people whom a component holds, pixels of the picture; empty where it is not several.

    Parameters
    ----------
    component : bool [rows, columns]
        Its pixels in its own box.
    place : (slice, slice)
        That box in the picture.
    people : float32 [n, 5]
        As `Segmentation.people`.
    width, height : int
        Of the picture.
    """
    top, left = place[0].start, place[1].start
    kept: list[Box] = []
    for person in people:
        x0, y0, x1, y1 = (round(float(share) * side) for share, side in zip(person, (width, height) * 2, strict=False))
        inside = component[max(0, y0 - top) : max(0, y1 - top), max(0, x0 - left) : max(0, x1 - left)]
        if not inside.any() or inside.sum() < LEAST_SHARE_OF_BOX * (x1 - x0) * (y1 - y0):
            continue
        rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
        x0, y0 = max(x0, left), max(y0, top)
        box = (x0 + int(columns[0]), y0 + int(rows[0]), x0 + int(columns[-1]) + 1, y0 + int(rows[-1]) + 1)
        in_columns = component[:, box[0] - left : box[2] - left].sum()
        in_box = component[box[1] - top : box[3] - top, box[0] - left : box[2] - left].sum()
        if in_box >= LEAST_OF_COLUMNS * in_columns and all(_side_by_side(box, other) for other in kept):
            kept.append(box)
    return kept if len(kept) > 1 else []


def _box_of(place: tuple[slice, slice]) -> Box:
    rows, columns = place
    return columns.start, rows.start, columns.stop, rows.stop


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _side_by_side(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) <= MOST_SHARED * min(a[2] - a[0], b[2] - b[0])
