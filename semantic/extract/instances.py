"""Objects out of a class map: connected components of the things in it, each with box and score (A-seg's instances)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from semcom.semantic.layers.objects import MAX_OBJECTS, Objects, SceneObject
from semcom.semantic.vocabulary import Vocabulary

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


class ComponentDetector:
    """Objects are the connected components of the class map: nothing is among them that the map does not show.

    Parameters
    ----------
    max_objects : int
    """

    of_map = True

    def __init__(self, max_objects: int = MAX_OBJECTS) -> None:
        self._rules = InstanceRules(max_objects=max_objects)

    def __call__(self, image: np.ndarray, labels: np.ndarray, score: np.ndarray, vocabulary: Vocabulary) -> Objects:
        """As `protocols.Detector`; the image is left aside."""
        return find_objects(labels, score, vocabulary, self._rules)


def find_objects(
    labels: np.ndarray, score: np.ndarray, vocabulary: Vocabulary, rules: InstanceRules = InstanceRules()
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
        for area, mean_score, (rows, columns) in zip(areas, scores, boxes, strict=True):
            if area < rules.min_area * labels.size or mean_score < rules.min_score:
                continue
            weight = GROUP_WEIGHT.get(vocabulary[category].parent, 1.0)
            rank = weight * float(mean_score) * float(area / labels.size) ** 0.5
            box = (columns.start, rows.start, columns.stop, rows.stop)
            found.append((-rank, category, box, min(1.0, float(mean_score))))
    items = tuple(
        SceneObject(number, category, box, mean_score)
        for number, (_, category, box, mean_score) in enumerate(sorted(found)[: rules.max_objects], start=1)
    )
    return Objects(width, height, vocabulary, items)
