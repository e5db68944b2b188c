"""How much of a class map's truth survives the packet: mean IoU at the receiver over mean IoU at the sender.

CamVid val (every fifth picture, 11 classes) and COCO's held-out dense pictures (13 groups of stuff); protocol of
`training/evaluate_segmenter.py`. Part of the recipe `budget_curves`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.experiments.training.evaluate_segmenter import IouTable, held_out
from semcom.semantic import LayerKind, encode, load_picture, registry
from semcom.semantic.benchmark import labels
from semcom.semantic.systems.es_isc.preset import Preset
from semcom.semantic.vocabulary import NO_LABEL

CAMVID_STEP = 5
PROFILES = ("meaning", "tasks")


@dataclass(frozen=True)
class Transfer:
    """Mean IoU of a set of pictures, 0..1, before and after the packet."""

    pictures: str
    profile: str
    budget_bytes: int
    sender: float
    receiver: float


@dataclass(frozen=True)
class _Labelled:
    pictures: str
    image: np.ndarray
    truth: np.ndarray
    class_of: np.ndarray
    num_classes: int


def measure_transfer(shared: Path, budgets: tuple[int, ...]) -> list[Transfer]:
    """Both sets, each profile and budget."""
    segmenter = registry.create("segmenters", Preset.load().segmenter)
    tables: dict[tuple[str, str, int], IouTable] = {}
    for item in [*_camvid(shared), *_stuff(shared)]:

        def add(profile: str, budget: int, found: np.ndarray, item: _Labelled = item) -> None:
            table = tables.setdefault((item.pictures, profile, budget), IouTable(item.num_classes + 1))
            table.add(item.truth, item.class_of[found])

        add("sender", 0, segmenter(item.image).labels)
        height, width = item.image.shape[:2]
        for profile in PROFILES:
            for budget in budgets:
                content = encode(item.image, budget_bytes=budget, profile=profile).content(LayerKind.CLASS_MAP)
                nothing = np.full((height, width), NO_LABEL, np.uint8)
                add(profile, budget, content.shown(width, height) if content else nothing)
    return [
        Transfer(pictures, profile, budget, _mean_iou(tables[pictures, "sender", 0]), _mean_iou(table))
        for (pictures, profile, budget), table in tables.items()
        if profile != "sender"
    ]


def _mean_iou(table: IouTable) -> float:
    """Of the classes that have truth; the last class stands for everything else."""
    return float(np.nanmean(table.iou()[:-1]))


def _camvid(shared: Path) -> Iterator[_Labelled]:
    count = len(labels.CAMVID)
    class_of = np.full(256, count, np.int64)
    for category in labels.VOCABULARY:
        name = labels.CAMVID_FOLD.get(category.name, category.name)
        if name in labels.CAMVID:
            class_of[category.id] = labels.CAMVID.index(name)
    folder = shared / "data" / "camvid" / "val"
    for path in sorted((folder / "images").iterdir())[::CAMVID_STEP]:
        truth = np.asarray(Image.open(folder / "masks" / f"{path.stem}.png")).astype(np.int64)
        yield _Labelled("CamVid val", load_picture(path), np.where(truth < count, truth, -1), class_of, count)


def _stuff(shared: Path) -> Iterator[_Labelled]:
    count = len(labels.STUFF_GROUPS)
    class_of = np.full(256, count, np.int64)
    for number, names in enumerate(labels.STUFF_GROUPS.values()):
        for name in names:
            class_of[labels.VOCABULARY[name].id] = number
    known = np.full(256, -1, np.int64)
    known[: len(labels.VOCABULARY)] = class_of[: len(labels.VOCABULARY)]
    for path, mask in held_out(shared, "dense"):
        yield _Labelled("COCO held out", load_picture(path), known[labels.from_coco(mask, dense=True)], class_of, count)
