"""Recipe: `--without person` against true boxes of people → docs/results/privacy_people.md.

Run: ``python -m semcom.experiments.semantic.privacy_people --segmenters everyday best``. The held-out photos of
`coco_people` (every fourth by id, `scenes.people_entries`): no network of ours has seen them; every ninth of these,
from the second, served to choose thresholds and is left out. A person is missed where less than half of the true box is
blanked; what is blanked outside of all boxes is blanked in vain. Ten minutes on one core for each segmenter.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from semcom.experiments.training import scenes
from semcom.semantic import load_picture, registry
from semcom.semantic.extract.privacy import blank, hidden_categories

REPOSITORY = Path(__file__).resolve().parents[2]
COVERED = 0.5
LEAST_SHARE = 0.002
"""Of the picture: smaller people are counted apart."""


@dataclass
class Count:
    """Sums over photos."""

    photos: int = 0
    people: int = 0
    missed: int = 0
    small: int = 0
    small_missed: int = 0
    blanked: float = 0.0
    in_vain: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("SEMCOM_SHARED", REPOSITORY.parent / "shared"))
    )
    parser.add_argument("--segmenters", nargs="+", default=["everyday", "best"])
    parser.add_argument("--every", type=int, default=1, help="look at every so-manieth photo only")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results")
    options = parser.parse_args()
    entries = scenes.people_entries(options.shared, held_out=True)
    entries = [entry for position, entry in enumerate(entries) if position % 9 != 1][:: options.every]
    counts = {name: count_of(options.shared, entries, name) for name in options.segmenters}
    page = as_markdown(counts)
    (options.out / "privacy_people.md").write_text(page, encoding="utf-8")
    print(page)


def count_of(shared: Path, entries: list[dict], name: str) -> Count:
    """What a segmenter's blanking leaves of the people in some photos."""
    segmenter, count = registry.create("segmenters", name), Count()
    hidden = hidden_categories(["person"], segmenter.vocabulary)
    for entry in entries:
        image = load_picture(shared / "data/coco_people" / entry["file"])
        boxes = [pixels(item["bbox"], image.shape) for item in entry["objects"] if item["category"] == "person"]
        if boxes:
            add(count, boxes, blank(image, segmenter, hidden).withheld)
    return count


def pixels(bbox: list[float], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """(x, y, width, height) as (x0, y0, x1, y1), whole pixels inside the picture."""
    x, y, width, height = bbox
    x0, y0 = max(0, round(x)), max(0, round(y))
    return x0, y0, max(x0 + 1, min(shape[1], round(x + width))), max(y0 + 1, min(shape[0], round(y + height)))


def add(count: Count, boxes: list[tuple[int, int, int, int]], withheld: np.ndarray) -> None:
    """One photo more."""
    outside = np.ones(withheld.shape, bool)
    for x0, y0, x1, y1 in boxes:
        outside[y0:y1, x0:x1] = False
        missed = float(withheld[y0:y1, x0:x1].mean()) < COVERED
        if (x1 - x0) * (y1 - y0) < LEAST_SHARE * withheld.size:
            count.small += 1
            count.small_missed += missed
        else:
            count.people += 1
            count.missed += missed
    count.photos += 1
    count.blanked += float(withheld.mean())
    count.in_vain += float((withheld & outside).mean())


def as_markdown(counts: dict[str, Count]) -> str:
    lines = [
        "# What `--without person` misses, by true boxes",
        "",
        "`python -m semcom.experiments.semantic.privacy_people`. Photos of COCO with people that took no part in any "
        "training. Missed: less than half of the true box is blanked. People below "
        f"{LEAST_SHARE:.1%} of the picture are counted apart.",
        "",
        "| segmenter | photos | people | missed | small people | missed | all missed | blanked | outside all boxes |",
        "|" + "---|" * 9,
    ]
    for name, c in counts.items():
        everybody = (c.missed + c.small_missed) / max(1, c.people + c.small)
        lines.append(
            f"| {name} | {c.photos} | {c.people} | {c.missed / max(1, c.people):.1%} | {c.small} | "
            f"{c.small_missed / max(1, c.small):.1%} | {everybody:.1%} | {c.blanked / max(1, c.photos):.1%} | "
            f"{c.in_vain / max(1, c.photos):.1%} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
