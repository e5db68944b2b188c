"""Recipe: how often `--without` misses what it should remove → docs/results/privacy_misses.md.

Run: ``python -m semcom.experiments.semantic.privacy_misses``. Needs the reference data (``SEMCOM_SHARED``, or
``shared`` beside the checkout) and onnxruntime. A few minutes on one core.

An independent detector (`fastestdet`) looks at the photo, at the photo as blanked, and at the picture the receiver
sees. Truth, where there is one: COCO's masks. Pictures the segmenter has never seen: the held-out part of COCO, Kodak.
Seen by it in training without truth: Flickr8k.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from semcom.experiments.semantic.fastestdet import COCO_GROUPS, FastestDet
from semcom.experiments.training.evaluate_segmenter import held_out
from semcom.semantic import decode, encode, load_picture, registry
from semcom.semantic.benchmark import labels
from semcom.semantic.extract.privacy import blank, hidden_categories

REPOSITORY = Path(__file__).resolve().parents[2]
GROUPS = ("person", "vehicle")
BUDGET_BYTES = 4000
FLICKR_STEP = 8
COVERED = 0.5
"""A detector's box counts as missed where less of it is blanked."""


@dataclass
class Count:
    """Sums over pictures."""

    pictures: int = 0
    boxes: int = 0
    boxes_missed: int = 0
    pictures_with_a_miss: int = 0
    still_in_blanked: int = 0
    still_in_received: int = 0
    true_pixels: int = 0
    true_pixels_left: int = 0
    blanked_share: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("SEMCOM_SHARED", REPOSITORY.parent / "shared"))
    )
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results")
    options = parser.parse_args()
    detector = FastestDet(options.shared / "weights" / "fastestdet" / "FastestDet.onnx")
    counts: dict[tuple[str, str], Count] = {}
    for pictures, path, truth in photos(options.shared):
        image = load_picture(path)
        for group in GROUPS:
            look(image, truth, group, detector, counts.setdefault((pictures, group), Count()))
    page = as_markdown(counts)
    (options.out / "privacy_misses.md").write_text(page, encoding="utf-8")
    print(page)


def photos(shared: Path) -> Iterator[tuple[str, Path, np.ndarray | None]]:
    """Set, file, and category per pixel where it is known."""
    for dense in (True, False):
        for path, mask in held_out(shared, "dense" if dense else "things"):
            yield "COCO held out", path, labels.from_coco(mask, dense=dense)
    for path in sorted((shared / "data" / "kodak").glob("*.png")):
        yield "Kodak", path, None
    for path in sorted((shared / "data" / "flickr8k" / "images").glob("*.jpg"))[::FLICKR_STEP]:
        yield "Flickr8k", path, None


def look(image: np.ndarray, truth: np.ndarray | None, group: str, detector: FastestDet, count: Count) -> None:
    """One picture without one group; pictures in which neither detector nor truth has the group do not count."""
    segmenter = registry.create("segmenters", "best")
    hidden = hidden_categories([group], segmenter.vocabulary)
    found = [d for d in detector(image) if d.category in COCO_GROUPS[group]]
    true = np.isin(truth, list(hidden)) if truth is not None else np.zeros(image.shape[:2], bool)
    if not found and not true.any():
        return
    blanked = blank(image, segmenter, hidden)
    mask = np.zeros(image.shape[:2], bool)
    for x0, y0, x1, y1 in blanked.boxes:
        mask[y0:y1, x0:x1] = True
    received = decode(encode(image, budget_bytes=BUDGET_BYTES, without=[group]), "drawing").picture
    missed = [d for d in found if _covered(mask, d.box) < COVERED]
    count.pictures += 1
    count.boxes += len(found)
    count.boxes_missed += len(missed)
    count.pictures_with_a_miss += bool(missed)
    count.still_in_blanked += any(d.category in COCO_GROUPS[group] for d in detector(blanked.picture))
    count.still_in_received += any(d.category in COCO_GROUPS[group] for d in detector(received))
    count.true_pixels += int(true.sum())
    count.true_pixels_left += int((true & ~mask).sum())
    count.blanked_share += float(mask.mean())


def _covered(mask: np.ndarray, box: tuple[float, float, float, float]) -> float:
    x0, y0, x1, y1 = (max(0, round(edge)) for edge in box)
    inside = mask[y0:y1, x0:x1]
    return float(inside.mean()) if inside.size else 1.0


def as_markdown(counts: dict[tuple[str, str], Count]) -> str:
    lines = [
        "# What `--without` misses",
        "",
        f"`python -m semcom.experiments.semantic.privacy_misses`, budget {BUDGET_BYTES} bytes. Pictures in which the "
        "detector or the truth has the group. A box of the detector is missed where less than half of it is blanked.",
        "",
        "| pictures | without | number | boxes | boxes missed | pictures with a miss | detector still finds one in the "
        "blanked photo | in the received picture | true pixels not blanked | blanked in all |",
        "|" + "---|" * 10,
    ]
    for (pictures, group), c in counts.items():
        if not c.pictures:
            continue
        truth = f"{c.true_pixels_left / c.true_pixels:.0%}" if c.true_pixels else "no truth"
        lines.append(
            f"| {pictures} | {group} | {c.pictures} | {c.boxes} | {c.boxes_missed / max(c.boxes, 1):.0%} | "
            f"{c.pictures_with_a_miss / c.pictures:.0%} | {c.still_in_blanked / c.pictures:.0%} | "
            f"{c.still_in_received / c.pictures:.0%} | {truth} | {c.blanked_share / c.pictures:.0%} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
