"""The main object of a picture: the mask that is large and in the middle (Multi-SC, §II-A)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from semcom.semantic.extract.instances import GROUP_WEIGHT
from semcom.semantic.vocabulary import Vocabulary


@dataclass(frozen=True)
class MainObject:
    """An object and its pixels.

    Attributes
    ----------
    subject : str
        The word of its category.
    mask : bool [height, width]
    """

    subject: str
    mask: np.ndarray

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1) around the mask, pixels."""
        rows, columns = np.flatnonzero(self.mask.any(1)), np.flatnonzero(self.mask.any(0))
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def find_main_object(
    labels: np.ndarray,
    score: np.ndarray,
    vocabulary: Vocabulary,
    hidden: frozenset[int] = frozenset(),
    least_area: float = 0.01,
    most_area: float = 0.8,
    centrality: float = 1.0,
) -> MainObject | None:
    """Of all connected things the one with the most √area · score · nearness to the middle, holes filled.

    Parameters
    ----------
    labels : uint8 [height, width]
    score : float32 [height, width]
    vocabulary : Vocabulary
        Only its things are objects.
    hidden : frozenset of int
        Categories that are never cut out.
    least_area, most_area : float
        Of the picture's pixels.
    centrality : float
        Power of the nearness to the middle, which is 1 there and 0.2 in a corner.

    Returns
    -------
    MainObject or None
        None where nothing serves.
    """
    height, width = labels.shape
    best, best_rank = None, 0.0
    for category in sorted((vocabulary.thing_ids - hidden) & set(np.unique(labels).tolist())):
        components, count = ndimage.label(labels == category, np.ones((3, 3)))
        numbers = np.arange(1, count + 1)
        areas = ndimage.sum_labels(np.ones(labels.shape), components, numbers) / labels.size
        scores = ndimage.mean(score, components, numbers)
        middles = ndimage.center_of_mass(np.ones(labels.shape), components, numbers)
        weight = GROUP_WEIGHT.get(vocabulary[category].parent, 1.0)
        for number, area, certainty, (y, x) in zip(numbers, areas, scores, middles, strict=True):
            if not least_area <= area <= most_area:
                continue
            away = np.hypot((x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5) / np.hypot(0.5, 0.5)
            rank = weight * np.sqrt(area) * certainty * (1 - 0.8 * away) ** centrality
            if rank > best_rank:
                best, best_rank = (category, components == number), rank
    if best is None:
        return None
    category, mask = best
    filled = ndimage.binary_fill_holes(mask) & ~np.isin(labels, list(hidden))
    return MainObject(vocabulary[category].name, filled)
