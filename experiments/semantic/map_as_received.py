"""Recipe: class maps of VOC 2012 val photos as they are received, against the truth → docs/results/map_as_received.md.

Run: ``python -m semcom.experiments.semantic.map_as_received --segmenters everyday best``. Profile ``tasks``, 4,000
bytes; the map is decoded from the packet's bytes. VOC val took no part in any training. Ten minutes on one core for
each segmenter.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.experiments.training import scenes
from semcom.experiments.training.evaluate_segmenter import IouTable, as_voc
from semcom.semantic import EncodeRequest, SemanticPacket, encode, load_picture
from semcom.semantic.benchmark import labels
from semcom.semantic.layers import LayerKind
from semcom.semantic.request import PartChoice

REPOSITORY = Path(__file__).resolve().parents[2]
BUDGET_BYTES = 4000
ANIMALS = ("cat", "dog", "horse", "sheep", "cow")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("SEMCOM_SHARED", REPOSITORY.parent / "shared"))
    )
    parser.add_argument("--segmenters", nargs="+", default=["everyday", "best"])
    parser.add_argument("--every", type=int, default=1, help="look at every so-manieth photo only")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results")
    options = parser.parse_args()
    folder = options.shared / "data/voc2012"
    entries = [entry for entry in scenes.entries(folder) if entry["split"] == "val"][:: options.every]
    found = {name: iou_of(folder, entries, name) for name in options.segmenters}
    page = as_markdown(found, len(entries))
    (options.out / "map_as_received.md").write_text(page, encoding="utf-8")
    print(page)


def iou_of(folder: Path, entries: list[dict], segmenter: str) -> dict[str, float]:
    """IoU of VOC's objects in the maps that arrive."""
    request = EncodeRequest(
        budget_bytes=BUDGET_BYTES,
        profile="tasks",
        parts={"segmenter": PartChoice(segmenter), "captioner": PartChoice("composed")},
    )
    table = IouTable(len(labels.VOC) + 1)
    for entry in entries:
        image = load_picture(folder / entry["file"])
        packet = SemanticPacket.from_bytes(encode(image, request=request).to_bytes())
        received = packet.content(LayerKind.CLASS_MAP).shown(image.shape[1], image.shape[0])
        truth = np.asarray(Image.open(folder / entry["mask"])).astype(np.int64)
        truth[truth == 255] = -1
        table.add(truth, as_voc(received))
    return dict(zip(labels.VOC, table.iou()[1:].tolist(), strict=True))


def as_markdown(found: dict[str, dict[str, float]], photos: int) -> str:
    lines = [
        "# Class maps as received, VOC 2012 val",
        "",
        f"`python -m semcom.experiments.semantic.map_as_received`, {photos} photos that took no part in training, "
        f"profile `tasks`, {BUDGET_BYTES} bytes. IoU in %; classes without a pixel of truth there are left out.",
        "",
        "| segmenter | person, cat, dog, horse, sheep, cow | mean of all that occur | each |",
        "|---|---|---|---|",
    ]
    for name, scores in found.items():
        six = np.nanmean([scores[one] for one in ("person", *ANIMALS)])
        each = ", ".join(f"{one} {100 * value:.0f}" for one, value in scores.items() if not np.isnan(value))
        lines.append(f"| {name} | **{100 * six:.1f}** | {100 * np.nanmean(list(scores.values())):.1f} | {each} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
