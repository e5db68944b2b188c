"""Privacy by meaning: what must not be sent is blanked in the picture before anything looks at it again.

```
picture ─► segmenter ─┬─► areas of a hidden category ─► boxes, dilated ──────┬─► blanked picture ─┐
   ▲                  └─► pixels that may be one ─► cells of a grid, dilated ┘                    │
   └───────────────────────── again, until the segmenter sees nothing hidden ◄────────────────────┘
```

Every layer is then made from the blanked picture alone, under an `analysis.Guard` that says what must not be named.
What the segmenter misses is sent: docs/privacy.md says how often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from semcom.semantic.errors import VocabularyError
from semcom.semantic.extract.understanding import working_picture
from semcom.semantic.protocols import PeopleSegmenter, ProbabilisticSegmenter
from semcom.semantic.vocabulary import Vocabulary

SUSPICION = 0.12
"""Probability of all hidden categories together from which a doubtful pixel is blanked."""
SUSPICION_OF_PEOPLE = 0.4
"""The same, where the segmenter also knows people's boxes."""
INSIDE, SHARE_OF_HIGHEST = 0.15, 0.45
"""Probability of lying in a person's box from which a place is blanked, and how much of the highest of its area it must
be: what is doubtful beside somebody sure is the edge of the box, what is doubtful alone may be somebody far."""
GRID_CELLS = 64
"""Doubtful pixels are blanked by cells of a grid, so many on the longer side: a box around them could be anything."""
MARGIN, MARGIN_PX = 0.06, 2
"""A box grows on each side by this share of its side, and by some pixels of the working picture."""
MIN_AREA = 2e-4
"""Of the picture: smaller spots below certainty are noise of the network, not things."""
MAX_ROUNDS = 3

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Blanked:
    """A picture without its hidden categories.

    Attributes
    ----------
    picture : uint8 [height, width, 3]
    boxes : tuple of (x0, y0, x1, y1)
        What was blanked, pixels, last column and row excluded; they may overlap.
    """

    picture: np.ndarray
    boxes: tuple[Box, ...]

    @property
    def withheld(self) -> np.ndarray:
        """bool [height, width]: what was blanked."""
        mask = np.zeros(self.picture.shape[:2], bool)
        for x0, y0, x1, y1 in self.boxes:
            mask[y0:y1, x0:x1] = True
        return mask


def hidden_categories(names: Iterable[str], vocabulary: Vocabulary) -> frozenset[int]:
    """Ids of categories and of whole groups; a name that is both (person) stands for the group.

    Raises
    ------
    VocabularyError
        A name that is neither.
    """
    groups = {category.parent for category in vocabulary}
    hidden: set[int] = set()
    for name in names:
        if name in groups:
            hidden |= {category.id for category in vocabulary.group(name)}
        elif name in vocabulary:
            hidden.add(vocabulary[name].id)
        else:
            raise VocabularyError(
                f"without must name categories or groups ({', '.join(sorted(groups))}) of {vocabulary.full_name}, "
                f"got {name!r}"
            )
    return frozenset(hidden)


def blank(image: np.ndarray, segmenter: Callable, hidden: frozenset[int]) -> Blanked:
    """Blank all boxes in which a hidden category may be.

    Parameters
    ----------
    image : uint8 [height, width, 3]
    segmenter : callable
        Of the registry's kind; of a `ProbabilisticSegmenter` doubtful pixels are blanked too.
    hidden : frozenset of int
        Category ids.
    """
    boxes: list[Box] = []
    for _ in range(MAX_ROUNDS):
        picture, reduction = working_picture(image)
        found = _boxes(picture, segmenter, hidden)
        if not found:
            break
        boxes += [_scaled(box, reduction, *image.shape[1::-1]) for box in found]
        image = _filled(image, boxes)
    return Blanked(image, tuple(boxes))


def _boxes(picture: np.ndarray, segmenter: Callable, hidden: frozenset[int]) -> list[Box]:
    """What to blank in the working picture."""
    height, width = picture.shape[:2]
    labels = segmenter(picture).labels
    people = _people(segmenter) & hidden
    doubtful = np.zeros(_grid(height, width), bool)
    if isinstance(segmenter, ProbabilisticSegmenter):
        probability = segmenter.probabilities(picture)[sorted(hidden)].sum(axis=0)
        doubtful |= _cells_with(probability >= (SUSPICION_OF_PEOPLE if people == hidden else SUSPICION), height, width)
    if people:  # boxes of their own, so that the box around a crowd is not needed
        doubtful |= _cells_with(likely_inside(segmenter.inside_people(picture)), height, width)
        doubtful |= _cells_with(np.isin(labels, list(people)), height, width)
    return _boxes_of_components(np.isin(labels, list(hidden - people))) + _boxes_of_cells(doubtful, height, width)


def likely_inside(inside: np.ndarray) -> np.ndarray:
    """Places, bool [h, w], that are blanked where people's boxes are as likely as `inside`, float32 [h, w]."""
    places = inside >= INSIDE
    areas, count = ndimage.label(places, np.ones((3, 3)))
    highest = np.zeros(count + 1, np.float32)
    np.maximum.at(highest, areas[places], inside[places])
    return places & (inside >= SHARE_OF_HIGHEST * highest[areas])


def _people(segmenter: Callable) -> frozenset[int]:
    """Categories whose boxes the segmenter knows by itself."""
    if not isinstance(segmenter, PeopleSegmenter):
        return frozenset()
    return frozenset(category.id for category in segmenter.vocabulary.group("person"))


def _boxes_of_components(certain: np.ndarray) -> list[Box]:
    """Dilated boxes of the connected components of certain pixels, bool [height, width]."""
    components, count = ndimage.label(certain, np.ones((3, 3)))
    areas = np.bincount(components.ravel(), minlength=count + 1)[1:]
    boxes = []
    for area, (rows, columns) in zip(areas, ndimage.find_objects(components), strict=True):
        if area >= MIN_AREA * certain.size:
            dy = MARGIN_PX + round(MARGIN * (rows.stop - rows.start))
            dx = MARGIN_PX + round(MARGIN * (columns.stop - columns.start))
            boxes.append((columns.start - dx, rows.start - dy, columns.stop + dx, rows.stop + dy))
    return boxes


def _cell_px(height: int, width: int) -> int:
    return -(-max(height, width) // GRID_CELLS)


def _grid(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the grid of cells."""
    cell = _cell_px(height, width)
    return -(-height // cell), -(-width // cell)


def _cells_with(places: np.ndarray, height: int, width: int) -> np.ndarray:
    """Cells of the grid, bool [rows, columns], that hold a place of a plane, bool [h, w] at any resolution."""
    cell, (rows, columns) = _cell_px(height, width), _grid(height, width)
    found = np.zeros((rows, columns), bool)
    y, x = np.nonzero(places)
    for dy in (0.0, 0.999):  # a coarse pixel may lie in more than one cell
        for dx in (0.0, 0.999):
            row = ((y + dy) * height / places.shape[0]).astype(int) // cell
            column = ((x + dx) * width / places.shape[1]).astype(int) // cell
            found[np.minimum(row, rows - 1), np.minimum(column, columns - 1)] = True
    return found


def _boxes_of_cells(doubtful: np.ndarray, height: int, width: int) -> list[Box]:
    """Dilated boxes of cells; neighbours in a row as one box."""
    cell, boxes = _cell_px(height, width), []
    for row in range(len(doubtful)):
        runs, count = ndimage.label(doubtful[row])
        for (run,) in ndimage.find_objects(runs)[:count]:
            top, left = row * cell - MARGIN_PX, run.start * cell - MARGIN_PX
            boxes.append((left, top, run.stop * cell + MARGIN_PX, (row + 1) * cell + MARGIN_PX))
    return boxes


def _scaled(box: Box, reduction: int, width: int, height: int) -> Box:
    """A box of the working picture in pixels of the whole picture, cut at its edge."""
    x0, y0, x1, y1 = (edge * reduction for edge in box)
    return max(0, x0), max(0, y0), min(width, x1), min(height, y1)


def _filled(image: np.ndarray, boxes: list[Box]) -> np.ndarray:
    """The picture with smooth colours of the surroundings in the boxes: nothing of what was there goes into them."""
    picture, reduction = working_picture(image)
    known = np.ones(picture.shape[:2], np.float32)
    for x0, y0, x1, y1 in boxes:
        known[y0 // reduction : -(-y1 // reduction), x0 // reduction : -(-x1 // reduction)] = 0.0
    smooth = _spread(picture.astype(np.float32), known)
    colours = Image.fromarray(np.rint(np.clip(smooth, 0, 255)).astype(np.uint8))
    out = image.copy()
    for x0, y0, x1, y1 in boxes:
        part = (x0 / reduction, y0 / reduction, x1 / reduction, y1 / reduction)
        fitted = colours.resize((x1 - x0, y1 - y0), Image.Resampling.BILINEAR, box=_inside(part, colours.size))
        out[y0:y1, x0:x1] = np.asarray(fitted)
    return out


def _inside(part: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    return part[0], part[1], min(part[2], size[0]), min(part[3], size[1])


def _spread(colours: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Known colours carried into the unknown pixels, from coarse to fine: float32 [rows, columns, 3]."""
    rows, columns = known.shape
    if min(rows, columns) < 2 or known.all():
        total = max(float(known.sum()), 1e-6)
        mean = (colours * known[..., None]).sum((0, 1)) / total if known.any() else np.full(3, 128.0, np.float32)
        return np.where(known[..., None] > 0, colours, mean.astype(np.float32))
    pad = ((0, rows % 2), (0, columns % 2))
    weight = np.pad(known, pad)
    weighted = np.pad(colours * known[..., None], (*pad, (0, 0)))
    half = (weight.shape[0] // 2, 2, weight.shape[1] // 2, 2)
    sums = weight.reshape(half).sum((1, 3))
    means = weighted.reshape(*half, 3).sum((1, 3)) / np.maximum(sums, 1e-6)[..., None]
    coarse = _spread(means, (sums > 0).astype(np.float32))
    planes = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(coarse[..., k])).resize((columns, rows), Image.Resampling.BILINEAR)
        )
        for k in range(3)
    ]
    return np.where(known[..., None] > 0, colours, np.stack(planes, axis=2))
