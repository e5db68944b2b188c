"""Labels of published segmenters → categories of our vocabulary, by tables in files (``labels/*.yml``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml

from semcom.semantic.errors import ModelError
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

FOLDER = Path(__file__).parent / "labels"
LEAST_KNOWN = 0.8
"""Share of a model's labels that a table must know: below it, the table is of another data set."""


def table_names() -> list[str]:
    """``ade20k``, ``cityscapes``, ..."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def object_table_names() -> list[str]:
    """``objects/coco``: of detectors, whose labels are things alone."""
    return sorted(f"objects/{path.stem}" for path in FOLDER.glob("objects/*.yml"))


def to_vocabulary(labels: Mapping[int, str], vocabulary: Vocabulary, table: str = "") -> np.ndarray:
    """Category id for each number of a model.

    Parameters
    ----------
    labels : mapping of int to str
        Number → name as the model's configuration has it (``id2label``); what follows a comma are synonyms.
    vocabulary : Vocabulary
    table : str
        One of `table_names` or `object_table_names`; empty takes the one of the former that knows most of the labels.

    Returns
    -------
    uint8 [numbers]
        `NO_LABEL` for a label that is no category, and for names that the table does not know.

    Raises
    ------
    ModelError
        No such table, or one that knows too few of the labels.
    """
    if table and table not in (*table_names(), *object_table_names()):
        raise ModelError(f"table of labels must be one of {', '.join(table_names())}, got {table!r}")
    names = {int(number): _first(name) for number, name in labels.items()}
    best = max([table] if table else table_names(), key=lambda one: _known(names, one))
    if not names or _known(names, best) < LEAST_KNOWN:
        raise ModelError(
            f"labels of a {'detector' if table in object_table_names() else 'segmenter'} must be those of "
            f"{table.removeprefix('objects/') or ' or '.join(table_names())}, "
            f"got {len(names)} others, such as {next(iter(names.values()), '')!r}"
        )
    found = np.full(max(names) + 1, NO_LABEL, np.uint8)
    for number, name in names.items():
        ours = _table(best).get(name)
        if ours is not None and ours in vocabulary:
            found[number] = vocabulary[ours].id
    return found


def gather(probabilities: np.ndarray, categories: np.ndarray, num_categories: int) -> np.ndarray:
    """Probabilities of a model's labels, float32 [labels, rows, columns], summed by category [num_categories, ...]."""
    summed = np.zeros((num_categories, *probabilities.shape[1:]), np.float32)
    for number, category in enumerate(categories[: len(probabilities)]):
        if category != NO_LABEL:
            summed[category] += probabilities[number]
    return summed


def table_labels(table: str) -> dict[int, str]:
    """Number → label of a data set, in the order of its table: for checkpoints that come without names."""
    return dict(enumerate(_table(table)))


def _known(names: Mapping[int, str], table: str) -> float:
    return sum(name in _table(table) for name in names.values()) / max(1, len(names))


def _first(name: str) -> str:
    return str(name).split(",")[0].strip().lower().strip("_")


@lru_cache(maxsize=8)
def _table(name: str) -> dict[str, str | None]:
    read = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return {_first(label): ours for label, ours in read.items()}
