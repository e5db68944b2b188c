"""Bytes of our coders beside PNG, lossless WebP and zlib, on maps, contours and captions of the reference data.

    python -m semcom.experiments.semantic.coding_sizes --data ../shared/data

Writes docs/results/coding_sizes.csv (a row per item) and docs/results/coding_sizes.md (means). Nothing measured here
was among the training maps of the priors (`coding_priors.py`): CamVid's val drive, every twentieth COCO dense map,
BSDS500 val. Every coded item is decoded and compared before it counts.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from rich.progress import track
from skimage.morphology import skeletonize

from semcom.experiments.semantic.coding_priors import CAMVID_LABELS, COCO_LABELS, coco_maps, region_borders
from semcom.semantic.coding.binary_map import decode_binary_map, encode_binary_map
from semcom.semantic.coding.label_map import decode_label_map, encode_label_map
from semcom.semantic.coding.priming_text import priming_lines
from semcom.semantic.coding.text import decode_text, encode_text

STEPS = (1, 2, 4)
RESULTS = Path(__file__).resolve().parents[2] / "docs" / "results"


class Row(NamedTuple):
    """One coded item: bytes of ours and of the two others, by kind."""

    what: str
    item: int
    raw: int
    ours: int
    first: int
    second: int


COLUMNS = {
    "map": ("pixels", "ours", "PNG", "lossless WebP"),
    "contours": ("pixels", "ours", "1-bit PNG", "lossless WebP"),
    "caption": ("characters", "ours", "zlib", "zlib with dictionary"),
}


def file_bytes(image: Image.Image, **options) -> int:
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return len(buffer.getvalue())


def webp_bytes(values: np.ndarray) -> int:
    picture = Image.fromarray(np.dstack([values.astype(np.uint8)] * 3))
    return file_bytes(picture, format="WEBP", lossless=True, quality=100, method=6)


def label_rows(what: str, maps: list[np.ndarray], num_labels: int) -> Iterator[Row]:
    """Label maps at full, half and quarter resolution."""
    for step in STEPS:
        for item, labels in enumerate(maps):
            labels = np.ascontiguousarray(labels[step // 2 :: step, step // 2 :: step])
            coded = encode_label_map(labels, num_labels)
            assert np.array_equal(decode_label_map(coded, *labels.shape, num_labels), labels)
            png = file_bytes(Image.fromarray(labels), format="PNG", optimize=True)
            name = f"map: {what}, 1/{step}" if step > 1 else f"map: {what}"
            yield Row(name, item, labels.size, len(coded), png, webp_bytes(labels))


def contour_row(what: str, item: int, mask: np.ndarray) -> Row:
    coded = encode_binary_map(mask)
    assert np.array_equal(decode_binary_map(coded, *mask.shape), mask)
    png = file_bytes(Image.fromarray(mask).convert("1"), format="PNG", optimize=True)
    return Row(f"contours: {what}", item, mask.size, len(coded), png, webp_bytes(mask * 255))


def contour_rows(data: Path) -> Iterator[Row]:
    """Region borders of BSDS500 val at three resolutions, and what most annotators drew, thinned."""
    paths = sorted((data / "bsds500/val/segments").glob("*.png"))[::2]
    for step in STEPS:
        name = f"BSDS borders, 1/{step}" if step > 1 else "BSDS borders"
        for item, path in enumerate(paths):
            yield contour_row(name, item, region_borders(path, step))
    for item, path in enumerate(paths):
        yield contour_row("BSDS borders, thinned", item, skeletonize(region_borders(path, 1)))
    for item, path in enumerate(paths):
        mean = np.array(Image.open(data / "bsds500/val/edges" / path.name))
        yield contour_row("BSDS edges of most annotators, thinned", item, skeletonize(mean >= 128))


def caption_rows(data: Path) -> Iterator[Row]:
    """First captions of Flickr8k and COCO pictures, as people wrote them."""
    dictionary = "\n".join(priming_lines()).encode()
    sources = {"Flickr8k": "flickr8k/captions_text_train_dev.jsonl", "COCO": "coco/captions_text_val2017.jsonl"}
    for name, path in sources.items():
        for item, line in enumerate((data / path).read_text().splitlines()[::20]):
            text = json.loads(line)["captions"][0]
            coded = encode_text(text)
            assert decode_text(coded) == text
            plain, preset = zlib_bytes(text), zlib_bytes(text, zdict=dictionary)
            yield Row(f"caption: {name}", item, len(text), len(coded), plain, preset)


def zlib_bytes(text: str, **preset) -> int:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15, **preset)
    return len(compressor.compress(text.encode()) + compressor.flush())


def all_rows(data: Path) -> Iterator[Row]:
    camvid = [np.array(Image.open(path)) for path in sorted((data / "camvid/val/masks").glob("*.png"))[::5]]
    yield from label_rows("CamVid val", camvid, CAMVID_LABELS)
    yield from label_rows("COCO dense, held out", coco_maps(data, True), COCO_LABELS)
    yield from contour_rows(data)
    yield from caption_rows(data)


def markdown(rows: list[Row]) -> str:
    lines = [
        "# Bytes of the coders",
        "",
        "Means per item. Made by `python -m semcom.experiments.semantic.coding_sizes --data ../shared/data`; a row per",
        "item is in `coding_sizes.csv`. PNG and WebP are whole files at their best settings; zlib is raw deflate,",
        "level 9. Asked for: class maps ≤ 0.50 of lossless WebP, contours ≤ 0.35 of 1-bit PNG.",
    ]
    kind = ""
    for what in dict.fromkeys(row.what for row in rows):
        new_kind, name = what.split(": ", 1)
        if new_kind != kind:
            kind = new_kind
            raw, ours, first, second = COLUMNS[kind]
            lines += ["", f"| {kind} | items | {raw} | {ours} | {first} | {second} | of {first} | of {second} |"]
            lines += ["|---|---|---|---|---|---|---|---|"]
        chosen = [row for row in rows if row.what == what]
        raw, ours, first, second = (float(np.mean([row[i] for row in chosen])) for i in range(2, 6))
        digits = 1 if kind == "caption" else 0
        cells = [f"{value:.{digits}f}" for value in (raw, ours, first, second)]
        lines.append(f"| {name} | {len(chosen)} | {' | '.join(cells)} | {ours / first:.2f} | {ours / second:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    rows = list(track(all_rows(arguments.data), description="coding", total=None))
    arguments.results.mkdir(parents=True, exist_ok=True)
    with (arguments.results / "coding_sizes.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("what", "item", "raw", "ours", "png_or_zlib", "webp_or_zlib_with_dictionary"))
        writer.writerows(rows)
    (arguments.results / "coding_sizes.md").write_text(markdown(rows))


if __name__ == "__main__":
    main()
