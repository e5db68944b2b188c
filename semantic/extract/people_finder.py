"""People one by one: boxes and how likely each place lies in one, by the people head on the pretrained backbone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from semcom.semantic.extract.segmenter import at_size
from semcom.semantic.nets.learned import learned

WEIGHTS = Path(__file__).parents[1] / "weights" / "people_head.safetensors"
VIEWS = ((640, False), (384, True))
"""(longer side in pixels, mirrored): what the segmenter looks at, too, so that it costs little."""
CAREFUL_VIEWS = ((768, False), (640, False), (384, True))
"""Where nobody may be overlooked."""
STRIDE = 8
LEAST_SCORE = 0.3
"""Of a box."""
MOST_OVERLAP = 0.55
"""Intersection over union of two boxes above which the less sure one is the same person."""
MAX_PEOPLE = 64


@dataclass(frozen=True)
class FoundPeople:
    """People in a picture.

    Attributes
    ----------
    inside : float32 [h, w]
        Probability that a place lies in the box of a person, at an eighth of the largest view's size.
    boxes : float32 [n, 4]
        (x0, y0, x1, y1) as shares of the picture's sides, surest first.
    scores : float32 [n]
        0..1
    """

    inside: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray


class PeopleFinder:
    """Picture → `FoundPeople`.

    Parameters
    ----------
    weights : path
        The people head's.
    threads : int
        CPU threads while it works.

    Raises
    ------
    ModelError
        Torch or the backbone's package is missing, or weights are damaged.
    """

    def __init__(self, weights: Path = WEIGHTS, threads: int = 1) -> None:
        with learned():
            from semcom.semantic.nets.backbone_views import shared_views
            from semcom.semantic.nets.loading import load_weights
            from semcom.semantic.nets.people_head import PeopleHead
        self.threads = threads
        self._views, self._head = shared_views(), PeopleHead()
        load_weights(Path(weights), self._head)

    def __call__(self, image: np.ndarray, views: tuple[tuple[int, bool], ...] = VIEWS) -> FoundPeople:
        """image uint8 [height, width, 3]; `views` as `VIEWS`, the largest first."""
        seen = [self._look(image, *view) for view in views]
        size = seen[0].shape[1:]
        inside = np.mean([at_size(_sigmoid(maps[:1]), size)[0] for maps in seen], axis=0)
        found = np.concatenate([peaks(maps) for maps in seen])
        boxes, scores = without_doubles(found[:, :4], found[:, 4])
        return FoundPeople(inside.astype(np.float32), boxes, scores)

    def _look(self, image: np.ndarray, longer_side_px: int, mirrored: bool) -> np.ndarray:
        """The head's maps of one view, float32 [4, h, w], as seen unmirrored."""
        import torch

        from semcom.semantic.nets.backbone_views import Threads

        pyramid = self._views.pyramid(image, longer_side_px, mirrored, self.threads)
        with Threads(self.threads), torch.inference_mode():
            maps = self._head(pyramid)[0].numpy()
        return np.ascontiguousarray(maps[:, :, ::-1]) if mirrored else maps


def peaks(maps: np.ndarray) -> np.ndarray:
    """Boxes of a head's maps float32 [4, h, w]: float32 [n, 5], shares of the sides and a score."""
    score = _sigmoid(maps[1])
    rows, columns = score.shape
    highest = score == ndimage.maximum_filter(score, 3)
    y, x = np.nonzero(highest & (score >= LEAST_SCORE))
    order = np.argsort(-score[y, x])[:MAX_PEOPLE]
    y, x = y[order], x[order]
    wide, high = np.exp(np.clip(maps[2:, y, x], -2.0, 5.0))
    middle_x, middle_y = x + 0.5, y + 0.5
    boxes = np.stack([middle_x - wide / 2, middle_y - high / 2, middle_x + wide / 2, middle_y + high / 2], axis=1)
    shares = np.clip(boxes / np.array([columns, rows] * 2), 0.0, 1.0)
    return np.column_stack([shares, score[y, x]]).astype(np.float32)


def without_doubles(boxes: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes float32 [n, 4] without those that overlap a surer one too much, surest first, and their scores."""
    kept: list[int] = []
    for candidate in np.argsort(-scores, kind="stable"):
        if len(kept) < MAX_PEOPLE and all(overlap(boxes[candidate], boxes[other]) <= MOST_OVERLAP for other in kept):
            kept.append(int(candidate))
    return boxes[kept], scores[kept]


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes (x0, y0, x1, y1)."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0.0, float(wide)) * max(0.0, float(high))
    both = float((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])) - shared
    return shared / both if both > 0 else 0.0


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))
