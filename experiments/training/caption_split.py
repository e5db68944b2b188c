"""Which captions may train a model of text: those of photos that no recipe holds out, by the photo's number."""

from __future__ import annotations

import json
from pathlib import Path

from semcom.experiments.training.scenes import coco_names

TEST_EVERY = 16
"""Of the COCO val2017 photos, sorted by number, every so many are kept for measuring the text itself."""


def held_out_ids(shared: Path) -> set[int]:
    """COCO photos whose captions no model may see: held-out photos of every recipe, and the test photos of this one."""
    ids = {
        int(Path(image).stem) for kind in ("dense", "things") for image, _ in coco_names(shared, kind, held_out=True)
    }
    ids |= {entry["id"] for entry in lines(shared / "data/coco/annotations.jsonl") if entry["split"] == "val2017"}
    people = sorted(entry["id"] for entry in lines(shared / "data/coco_people/annotations.jsonl"))
    return ids | set(people[::4]) | set(test_ids(shared))


def test_ids(shared: Path) -> list[int]:
    """Photos whose captions are sent in measurements."""
    return sorted(entry["id"] for entry in lines(shared / "data/coco/captions_text_val2017.jsonl"))[::TEST_EVERY]


def training_captions(shared: Path) -> list[str]:
    """Captions of COCO val2017 without `held_out_ids`, and of Flickr8k's training list."""
    hidden = held_out_ids(shared)
    coco = [entry for entry in lines(shared / "data/coco/captions_text_val2017.jsonl") if entry["id"] not in hidden]
    flickr = [e for e in lines(shared / "data/flickr8k/captions_text_train_dev.jsonl") if e["split"] == "train"]
    return [tidy(caption) for entry in (*coco, *flickr) for caption in entry["captions"]]


def test_captions(shared: Path) -> list[str]:
    """One caption of each photo of `test_ids`: the first that is plain ASCII of 20 characters and more."""
    hidden = set(test_ids(shared))
    chosen = []
    for entry in lines(shared / "data/coco/captions_text_val2017.jsonl"):
        fitting = [tidy(text) for text in entry["captions"] if entry["id"] in hidden]
        fitting = [text for text in fitting if text.isascii() and 20 <= len(text) <= 200]
        chosen += fitting[:1]
    return chosen


def tidy(caption: str) -> str:
    """One line, single spaces, none before a full stop or comma."""
    return " ".join(caption.split()).replace(" .", ".").replace(" ,", ",")


def lines(path: Path) -> list[dict]:
    """Entries of a JSON-lines file."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
