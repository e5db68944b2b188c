"""Measure a boundary detector on BSDS500 val: ODS F, protocol in `boundary_matching.py`.

python experiments/training/evaluate_boundary.py --shared ../shared [--detailer best] [--weights FILE] [--json FILE]
python experiments/training/evaluate_boundary.py --shared ../shared --teacher      # PiDiNet-small, for comparison
python experiments/training/evaluate_boundary.py --shared ../shared --gradient     # plain image gradient, a floor
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from semcom.experiments.training.boundary_matching import BoundaryScore, thin
from semcom.semantic import registry
from semcom.semantic.extract.detailer import borders, boundaries

THRESHOLDS = (0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 0.9)
FINENESSES = (0.3, 0.5, 0.7)


def measure(detect: Callable, shared: Path, every: int = 1, closed: bool = True, split: str = "val") -> dict:
    """Scores of `detect` (image → probability float32 [H, W]) on every `every`-th picture of a split of BSDS500."""
    folder = shared / "data/bsds500" / split
    open_scores = {threshold: BoundaryScore() for threshold in THRESHOLDS}
    closed_scores = {f: BoundaryScore() for f in FINENESSES} if closed else {}
    paths = sorted((folder / "images").glob("*.jpg"))[::every]
    for path in paths:
        image = np.asarray(Image.open(path).convert("RGB"))
        share = np.asarray(Image.open(folder / "edges" / f"{path.stem}.png")).astype(np.float32) / 255
        first = borders(np.asarray(Image.open(folder / "segments" / f"{path.stem}.png")).astype(np.int32))
        probability = detect(image)
        thinned = thin(probability)
        for threshold, score in open_scores.items():
            score.add(thinned >= threshold, share, first)
        for fineness, score in closed_scores.items():
            score.add(boundaries(probability, fineness), share, first)
    result: dict = {"pictures": len(paths)}
    for truth in ("all", "first"):
        best = max(open_scores, key=lambda t: open_scores[t].f_measure(truth))
        score = open_scores[best]
        result[f"ods_{truth}"] = {"f": score.f_measure(truth), "threshold": best}
        result[f"ods_{truth}"] |= {"precision": score.precision, "recall": score.recall(truth)}
    result["closed"] = {str(f): {t: s.f_measure(t) for t in ("all", "first")} for f, s in closed_scores.items()}
    return result


def _gradient(image: np.ndarray) -> np.ndarray:
    grey = ndimage.gaussian_filter(image.astype(np.float32).mean(axis=2), 2.0)
    strength = np.hypot(*np.gradient(grey))
    return (strength / (strength + 8)).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--detailer", default="best", help="of the registry")
    parser.add_argument("--weights", help="of the detailer, instead of those shipped")
    parser.add_argument("--teacher", action="store_true")
    parser.add_argument("--gradient", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write all figures here")
    arguments = parser.parse_args()
    if arguments.teacher:
        from semcom.experiments.training.make_boundary_labels import TEACHER, EdgeTeacher

        detect = EdgeTeacher(arguments.shared / TEACHER)
    else:
        config = {"weights": arguments.weights} if arguments.weights else {}
        detect = _gradient if arguments.gradient else registry.create("detailers", arguments.detailer, config)
    result = measure(detect, arguments.shared, arguments.every)
    print(json.dumps(result, indent=1))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
