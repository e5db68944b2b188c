"""Measure a segmenter: CamVid val, held-out COCO stuff and VOC-20 objects, VOC 2012 val, calibration.

    python experiments/training/evaluate_segmenter.py --shared ../shared [--segmenter NAME] [--weights FILE]
    python experiments/training/evaluate_segmenter.py --shared ../shared --teacher     # VOC-20 of the VOC teacher
    python experiments/training/evaluate_segmenter.py --shared ../shared --weights FILE --drives 0001TP

Protocol. IoU per class over all pixels of a set, pixels without ground truth left out, classes without ground truth in
the set left out of the mean. CamVid: finer categories of ours count as the class CamVid files them under
(`labels.CAMVID_FOLD`). COCO: the held-out part of `scenes.coco`; stuff on its dense masks in the groups of
`labels.STUFF_GROUPS`, everything else being one more class outside the mean; VOC-20 on dense and things masks.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.experiments.training import scenes
from semcom.semantic import registry
from semcom.semantic.benchmark import labels
from semcom.semantic.protocols import Segmenter

VOC_COCO = (5, 2, 16, 9, 44, 6, 3, 17, 62, 21, 67, 18, 19, 4, 1, 64, 20, 63, 7, 72)
"""COCO category id of each VOC object, in VOC's order."""
VOC_DISPUTED = (73, 119, 189)
"""Laptop, flower, other table: VOC's annotators and COCO's draw the line differently; such pixels are left out."""


class IouTable:
    """Confusion of predicted and true classes, summed over pictures; labels int [H, W], -1 = left out."""

    def __init__(self, num_classes: int) -> None:
        self.counts = np.zeros((num_classes, num_classes), np.int64)

    def add(self, truth: np.ndarray, predicted: np.ndarray) -> None:
        known = truth >= 0
        size = len(self.counts)
        pairs = truth[known].astype(np.int64) * size + predicted[known]
        self.counts += np.bincount(pairs, minlength=size * size).reshape(size, size)

    def iou(self) -> np.ndarray:
        """float [num_classes]; nan where the class has no true pixel."""
        hit = np.diag(self.counts).astype(float)
        union = self.counts.sum(0) + self.counts.sum(1) - hit
        return np.where(self.counts.sum(1) > 0, hit / np.maximum(union, 1), math.nan)


def camvid_scores(
    segment: Callable, shared: Path, parts: tuple[str, ...] = ("val",), drives: tuple[str, ...] = ()
) -> dict[str, float]:
    """IoU of CamVid's 11 classes; of these recordings only, if any are named (0001TP, 0006R0, 0016E5)."""
    to_class = np.full(256, len(labels.CAMVID), np.int64)  # one more class: what CamVid does not have
    for category in labels.VOCABULARY:
        name = labels.CAMVID_FOLD.get(category.name, category.name)
        if name in labels.CAMVID:
            to_class[category.id] = labels.CAMVID.index(name)
    table = IouTable(len(labels.CAMVID) + 1)
    for path in [path for part in parts for path in sorted((shared / "data/camvid" / part / "images").iterdir())]:
        if drives and not path.name.startswith(drives):
            continue
        truth = np.asarray(Image.open(path.parents[1] / "masks" / f"{path.stem}.png")).astype(np.int64)
        truth[truth >= len(labels.CAMVID)] = -1
        table.add(truth, to_class[segment(_read(path))])
    return dict(zip(labels.CAMVID, table.iou().tolist(), strict=False))


def stuff_scores(segment: Callable, shared: Path) -> dict[str, float]:
    """IoU of COCO's stuff groups on the held-out dense masks."""
    group_of = np.full(256, len(labels.STUFF_GROUPS), np.int64)
    for number, names in enumerate(labels.STUFF_GROUPS.values()):
        for name in names:
            group_of[labels.VOCABULARY[name].id] = number
    known = np.full(256, -1, np.int64)
    known[: len(labels.VOCABULARY)] = group_of[: len(labels.VOCABULARY)]
    table = IouTable(len(labels.STUFF_GROUPS) + 1)
    for path, mask in held_out(shared, "dense"):
        table.add(known[labels.from_coco(mask, dense=True)], group_of[segment(_read(path))])
    return dict(zip(labels.STUFF_GROUPS, table.iou().tolist(), strict=False))


def voc_scores(voc_labels: Callable, shared: Path) -> dict[str, float]:
    """IoU of VOC's 20 objects on held-out dense and things masks; `voc_labels`: image → VOC ids, 0 background."""
    truth_of = np.zeros(256, np.int64)
    truth_of[list(VOC_DISPUTED)] = -1
    for number, category in enumerate(VOC_COCO, 1):
        truth_of[category] = number
    table = IouTable(21)
    for kind in ("dense", "things"):
        for path, mask in held_out(shared, kind):
            truth = truth_of[mask]
            if kind == "dense":
                truth[mask == 0] = -1
            table.add(truth, voc_labels(_read(path)).astype(np.int64))
    return dict(zip(labels.VOC, table.iou()[1:].tolist(), strict=True))


def voc2012_scores(segment: Callable, shared: Path) -> dict[str, float]:
    """IoU of VOC's 20 objects on its own val photos; background counts as one more class outside the mean."""
    table = IouTable(21)
    folder = shared / "data/voc2012"
    for entry in scenes.entries(folder):
        if entry["split"] == "val":
            truth = np.asarray(Image.open(folder / entry["mask"])).astype(np.int64)
            truth[truth == 255] = -1
            table.add(truth, as_voc(segment(_read(folder / entry["file"]))))
    return dict(zip(labels.VOC, table.iou()[1:].tolist(), strict=True))


def held_out(shared: Path, kind: str) -> list[tuple[Path, np.ndarray]]:
    """Image path and COCO mask of the held-out pictures."""
    folder = shared / "data/coco"
    names = scenes.coco_names(shared, kind, held_out=True)
    return [(folder / image, np.asarray(Image.open(folder / mask))) for image, mask in names]


def as_voc(predicted: np.ndarray) -> np.ndarray:
    """Our labels as VOC ids; a cyclist counts as a person."""
    lookup = np.zeros(256, np.int64)
    for number, name in enumerate(labels.VOC, 1):
        lookup[labels.VOCABULARY[name].id] = number
    lookup[labels.VOCABULARY["cyclist"].id] = labels.VOC.index("person") + 1
    return lookup[predicted]


def calibration(segmenter: Segmenter, shared: Path) -> list[dict[str, float]]:
    """For ten bands of score: share of pixels, mean score, share of right labels (held-out dense COCO).

    A general label is right where its group is.
    """
    scores, right = [], []
    for path, mask in held_out(shared, "dense"):
        codes = labels.from_coco(mask, dense=True)
        result = segmenter(_read(path))
        known = codes < len(labels.VOCABULARY)
        scores.append(result.score[known])
        right.append(labels.is_right(result.labels, codes, segmenter.vocabulary)[known])
    score, hit = np.concatenate(scores), np.concatenate(right)
    return in_bands(score, hit)


def in_bands(score: np.ndarray, hit: np.ndarray) -> list[dict[str, float]]:
    """For ten bands of score: share of pixels, mean score, share of right ones."""
    bands = np.minimum((score * 10).astype(int), 9)
    return [
        {
            "share": float((bands == b).mean()),
            "score": float(score[bands == b].mean()),
            "right": float(hit[bands == b].mean()),
        }
        for b in range(10)
        if (bands == b).any()
    ]


def calibration_error(bands: list[dict[str, float]]) -> float:
    """Expected calibration error: mean distance of score and share of right ones, by pixels."""
    return sum(band["share"] * abs(band["score"] - band["right"]) for band in bands)


def mean_of(scores: dict[str, float]) -> float:
    """Mean over the classes that have ground truth."""
    return float(np.nanmean(list(scores.values())))


def _read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--segmenter", default="best", help="of the registry")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--teacher", action="store_true", help="measure the VOC teacher instead")
    parser.add_argument("--drives", nargs="*", default=[], help="measure these CamVid recordings alone, of both parts")
    parser.add_argument("--json", type=Path, help="write all figures here")
    arguments = parser.parse_args()
    if arguments.teacher:
        from semcom.experiments.training.make_pseudo_labels import TEACHER, VocTeacher

        teacher = VocTeacher(arguments.shared / TEACHER)
        scores = voc_scores(lambda image: teacher(Image.fromarray(image)), arguments.shared)
        print(f"coco_voc20: mean IoU {100 * mean_of(scores):.1f} %  " + json.dumps(scores))
        return
    config = {"weights": str(arguments.weights)} if arguments.weights else {}
    segmenter = registry.create("segmenters", arguments.segmenter, config)

    def segment(image: np.ndarray) -> np.ndarray:
        return segmenter(image).labels

    if arguments.drives:
        scores = camvid_scores(segment, arguments.shared, ("train", "val"), tuple(arguments.drives))
        print(f"camvid {' '.join(arguments.drives)}: mean IoU {100 * mean_of(scores):.1f} %  " + json.dumps(scores))
        return
    results = {
        "camvid_val": camvid_scores(segment, arguments.shared),
        "coco_stuff": stuff_scores(segment, arguments.shared),
        "coco_voc20": voc_scores(lambda image: as_voc(segment(image)), arguments.shared),
        "voc2012_val": voc2012_scores(segment, arguments.shared),
    }
    for name, scores in results.items():
        print(f"{name}: mean IoU {100 * mean_of(scores):.1f} %")
        print("   " + ", ".join(f"{k} {100 * v:.0f}" for k, v in scores.items() if not math.isnan(v)))
    results["calibration"] = calibration(segmenter, arguments.shared)
    right = sum(band["share"] * band["right"] for band in results["calibration"])
    error = calibration_error(results["calibration"])
    print(f"right {100 * right:.1f} % of pixels, expected calibration error {error:.3f}")
    for band in results["calibration"]:
        print(f"   score {band['score']:.2f}: right {band['right']:.2f} ({100 * band['share']:.0f} % of pixels)")
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
