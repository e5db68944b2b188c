"""Words for objects: which of its category's words each one is, by the pretrained backbone (macaw, espresso, zebra).

The backbone's features are averaged in the object's box; its words are asked among those of the object's category only,
so that a word never contradicts the category. A fine word needs more than a basic one: "macaw", else "parrot", else
nothing beside "bird".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from semcom.semantic.errors import ModelError
from semcom.semantic.layers.object_words import object_words
from semcom.semantic.layers.objects import Objects, SceneObject
from semcom.semantic.nets.learned import learned
from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.word_lists import named_classes

VIEW = (384, False)
"""(longer side in pixels, mirrored): one that segmenter and captioner look at, too, near to the backbone's training."""
LEAST_PROBABILITY = 0.2
"""That a word must have among all thousand."""
LEAST_SHARE = 0.75
"""Share of the probability of its category's words that a word must have."""
NAMED = frozenset(
    ("animal", "bird", "dog", "cat", "horse", "sheep", "cow", "car", "truck", "bus", "train", "aeroplane", "boat",
     "motorbike", "appliance", "screen", "food", "plant", "bottle")
)  # fmt: skip
"""Categories whose objects get words. Of dishes, furniture and other objects the words were wrong in two of three."""
LEAST_CELLS = 2
"""Cells of the features, 32 pixels of the view each, that the box must have on a side."""


class ObjectNamer:
    """Objects of a picture → the same objects with words where they are sure.

    Parameters
    ----------
    threads : int
        CPU threads while it works.

    Raises
    ------
    ModelError
        Torch or the backbone's package is missing or damaged.
    """

    def __init__(self, threads: int = 1) -> None:
        with learned():
            from semcom.semantic.nets.backbone_views import shared_views
        self._views, self.threads = shared_views(), threads

    def __call__(self, image: np.ndarray, objects: Objects, forbidden: frozenset[str] = frozenset()) -> Objects:
        """image uint8 [height, width, 3] that the objects' boxes are of; `forbidden` words are given to none."""
        if not objects.items:
            return objects
        probabilities = self._word_probabilities(image, objects)
        items = tuple(
            _named(item, row, objects.vocabulary, forbidden)
            for item, row in zip(objects.items, probabilities, strict=True)
        )
        return replace(objects, items=items)

    def _word_probabilities(self, image: np.ndarray, objects: Objects) -> np.ndarray:
        """float32 [objects, 1000]: the backbone's words in each box; zeros for boxes that are too small."""
        import torch

        from semcom.semantic.nets.backbone_views import Threads

        pyramid = self._views.pyramid(image, *VIEW, self.threads)
        backbone = self._views.backbone
        with Threads(self.threads), torch.inference_mode():
            embedding = backbone.embedding(pyramid[32])
            rows, columns = embedding.shape[2:]
            places = [_cells(item.box, objects.width, objects.height, columns, rows) for item in objects.items]
            pooled = torch.cat([embedding[:, :, y, x].mean((2, 3)) for y, x in places])
            found = backbone.word_logits(pooled).softmax(dim=1).numpy()
        large = [_large(item.box, objects, columns, rows) for item in objects.items]
        return found * np.array(large, np.float32)[:, None]


@lru_cache(maxsize=1)
def best_namer() -> ObjectNamer | None:
    """The namer of this process; None where the backbone cannot be had: objects then have no words."""
    try:
        return ObjectNamer()
    except ModelError:
        return None


def best_word(probabilities: np.ndarray, category: str, forbidden: frozenset[str] = frozenset()) -> str:
    """The word of a category for the backbone's word probabilities float32 [1000]; "" where none is sure."""
    if category not in NAMED:
        return ""
    by_word = {word: float(probabilities[classes].sum()) for word, classes in _classes(category).items()}
    least = max(LEAST_PROBABILITY, LEAST_SHARE * float(probabilities[_of_category(category)].sum()))
    sure = [word for word, p in by_word.items() if p >= least and word in object_words(category)]
    fine = [word for word in sure if word in _fine(category)]
    best = max(fine or sure, key=lambda word: (by_word[word], word), default="")
    return "" if best in forbidden else best


def _named(item: SceneObject, probabilities: np.ndarray, vocabulary: Vocabulary, forbidden: frozenset[str]):
    word = best_word(probabilities, vocabulary[item.category].name, forbidden)
    return replace(item, word=word) if word else item


@lru_cache(maxsize=64)
def _classes(category: str) -> Mapping[str, np.ndarray]:
    """Word of a category, fine or basic → numbers of the backbone's classes that are it."""
    classes: dict[str, list[int]] = {}
    for number, named in enumerate(named_classes()):
        if named.category == category:
            for word in {named.word, named.basic} - {""}:
                classes.setdefault(word, []).append(number)
    return {word: np.array(numbers) for word, numbers in classes.items()}


@lru_cache(maxsize=64)
def _of_category(category: str) -> np.ndarray:
    return np.array([n for n, named in enumerate(named_classes()) if named.category == category], int)


@lru_cache(maxsize=64)
def _fine(category: str) -> frozenset[str]:
    """Words that are the name of one thing, not what several have in common."""
    return frozenset(
        named.word for named in named_classes() if named.category == category and named.word != named.basic
    )


def _cells(box: tuple[int, int, int, int], width: int, height: int, columns: int, rows: int) -> tuple[slice, slice]:
    """Rows and columns of the features that a box covers; at least one each."""
    left, top = int(box[0] * columns / width), int(box[1] * rows / height)
    right, bottom = -int(-box[2] * columns // width), -int(-box[3] * rows // height)
    return slice(min(top, rows - 1), max(bottom, top + 1)), slice(min(left, columns - 1), max(right, left + 1))


def _large(box: tuple[int, int, int, int], objects: Objects, columns: int, rows: int) -> bool:
    wide, high = (box[2] - box[0]) * columns / objects.width, (box[3] - box[1]) * rows / objects.height
    return min(wide, high) >= LEAST_CELLS * 0.6 and max(wide, high) >= LEAST_CELLS
