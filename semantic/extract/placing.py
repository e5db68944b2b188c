"""Where objects are, in words: seen from each other, on what they stand, in which part of the picture.

Only what holds for every object spoken of is said; else nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from semcom.semantic.layers.objects import SceneObject
from semcom.semantic.vocabulary import Vocabulary

SUPPORTS = {
    "road": "on a road", "pavement": "on the pavement", "grass": "on grass", "ground": "on bare ground",
    "sand": "on sand", "snow": "on snow", "water": "on the water", "floor": "on the floor", "table": "on a table",
    "bed": "on a bed", "sofa": "on a sofa", "rock": "on a rock", "sky": "in the sky",
}  # fmt: skip
"""Categories that things stand on, and how one says so; the last word is the noun."""

_ONLY_THESE = {"sky": ("aeroplane", "bird"), "water": ("boat", "bird", "person")}
"""What may be said to be in the sky or on the water."""

_RIDDEN = {
    "person": ("horse", "bicycle", "motorbike", "boat", "sofa", "chair", "bed"),
    "cat": ("sofa", "chair", "bed", "table"),
    "dog": ("sofa", "chair", "bed"), "bottle": ("table",), "dish": ("table",), "screen": ("table",),
    "food": ("table", "dish"),
}  # fmt: skip
"""What may be on what, where their boxes meet as a rider's and a horse's do."""

CLOSE_SHARE, FAR_SHARE = 0.4, 0.15
"""A box of so much of the picture is close up; boxes of so little of its height are far away."""

_LEAST_SHARE = 0.3
_LEFT, _RIGHT = 0.36, 0.64


def relation(first: SceneObject, second: SceneObject, vocabulary: Vocabulary) -> str:
    """Where the first object is as seen from the second, such as "to the left of" or "on"."""
    if rides(first, second, vocabulary):
        return "on"
    ax0, ay0, ax1, ay1 = first.box
    bx0, by0, bx1, by1 = second.box
    overlap = min(ax1, bx1) - max(ax0, bx0)
    if overlap > 0.3 * min(ax1 - ax0, bx1 - bx0):
        if ay1 < by0 + 0.5 * (by1 - by0) and ay0 < by0:
            return "above"
        if by0 < ay0 and by1 < ay0 + 0.5 * (ay1 - ay0):
            return "below"
        return "in front of" if ay1 >= by1 else "behind"
    return "to the left of" if ax0 + ax1 < bx0 + bx1 else "to the right of"


def rides(first: SceneObject, second: SceneObject, vocabulary: Vocabulary) -> bool:
    """Whether the first can be on the second, ends within it and begins above it."""
    if vocabulary[second.category].name not in _RIDDEN.get(vocabulary[first.category].name, ()):
        return False
    ax0, ay0, ax1, ay1 = first.box
    bx0, by0, bx1, by1 = second.box
    middle = (ax0 + ax1) / 2
    return bx0 <= middle <= bx1 and ay0 < by0 and by0 + 0.1 * (by1 - by0) <= ay1 <= by1


def distance(items: Sequence[SceneObject], width: int, height: int) -> str | None:
    """Say "close up" for one object that fills much of the picture, "far away" where all are small; else None."""
    areas = [(item.box[2] - item.box[0]) * (item.box[3] - item.box[1]) for item in items]
    if len(items) == 1 and areas[0] >= CLOSE_SHARE * width * height:
        return "close up"
    return "far away" if all(item.box[3] - item.box[1] < FAR_SHARE * height for item in items) else None


def support(labels: np.ndarray, vocabulary: Vocabulary, items: Sequence[SceneObject]) -> str | None:
    """The category that all the objects stand on, a key of `SUPPORTS`; None where they do not share one.

    Parameters
    ----------
    labels : uint8 [height, width]
        Class map.
    vocabulary : Vocabulary
    items : sequence of SceneObject
    """
    spoken = {item.category for item in items}
    grounds = {_ground(labels, vocabulary, item, spoken) for item in items}
    ground = grounds.pop() if len(grounds) == 1 else None
    if ground in _ONLY_THESE and not {vocabulary[category].name for category in spoken} <= set(_ONLY_THESE[ground]):
        return None
    return ground


def _ground(labels: np.ndarray, vocabulary: Vocabulary, item: SceneObject, spoken: set[int]) -> str | None:
    """The commonest category just below a box, if things can stand on it. An object does not stand on itself."""
    x0, y0, x1, y1 = item.box
    depth = max(3, (y1 - y0) // 8)
    below = labels[max(0, y1 - depth // 2) : y1 + depth, x0:x1].ravel()
    counts = Counter(below[below < len(vocabulary)].tolist())
    for label, count in counts.most_common():
        if label in spoken:
            continue
        name = vocabulary[label].name
        return name if name in SUPPORTS and count > _LEAST_SHARE * below.size else None
    return None


def place(items: Sequence[SceneObject], width: int) -> str | None:
    """The part of the picture where all the objects are, such as "on the left"; None where they are apart."""
    thirds = {_third((item.box[0] + item.box[2]) / 2 / width) for item in items}
    return thirds.pop() if len(thirds) == 1 else None


def _third(position: float) -> str:
    if position < _LEFT:
        return "on the left"
    return "on the right" if position > _RIGHT else "in the middle"
