"""What object labels say about caption words, for photos without captions: what is certain, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from semcom.experiments.training import scenes
from semcom.semantic.benchmark import labels
from semcom.semantic.word_lists import caption_words

COUNTED = ("person", "dog", "cat", "horse", "sheep", "cow", "bird", "car", "bus", "train", "aeroplane", "boat",
           "bicycle", "motorbike")  # fmt: skip
"""Categories that VOC and COCO label wherever they are."""
ONLY_PEOPLE = frozenset(
    ("wearing", "holding", "riding", "smiling", "talking", "playing", "surfing", "skiing", "skateboarding", "posing",
     "snowboarding", "reading", "cooking", "throwing", "swinging", "using", "cutting", "preparing", "hitting")
)  # fmt: skip
"""Verbs of people: where there is nobody, nobody does it."""
ONE = {"aeroplane": "plane", "motorbike": "motorcycle"}
"""The caption word for one of a category, where it is another."""


@dataclass(frozen=True)
class LabelledPhoto:
    """A photo and how many of each of `COUNTED` it shows."""

    name: str
    path: Path
    counts: Mapping[str, int]

    def says(self, word: str) -> bool | None:
        """Whether people could use a caption word; None where the labels do not tell."""
        entry = caption_words()[word]
        if entry.kind == "verb":
            return False if word in ONLY_PEOPLE and not self.counts["person"] else None
        if entry.kind != "noun" or entry.category not in COUNTED:
            return None
        count = self.counts[entry.category]
        if count == 0:
            return False
        one = ONE.get(entry.category, entry.category)
        if entry.category != "person" and word in (one, "sheep"):
            return True if count == 1 else None
        return True if count > 1 and word == f"{one}s" else None


def labelled_photos(shared: Path) -> list[LabelledPhoto]:
    """VOC 2012 train and COCO train2017 photos without captions."""
    photos = []
    for entry in scenes.entries(shared / "data/voc2012"):
        if entry["split"] != "val":
            counts = Counter(component["category"] for component in entry["components"])
            photos.append(_photo("voc2012", shared / "data/voc2012", entry, _named(counts)))
    for entry in scenes.entries(shared / "data/coco"):
        if not entry.get("captions") and entry["split"] == "train2017":
            numbers = {category: name for name, ids in labels.COCO.items() for category in ids}
            counts = Counter(numbers.get(item["category_id"], "") for item in entry["objects"])
            photos.append(_photo("coco", shared / "data/coco", entry, counts))
    return photos


def _named(counts: Counter) -> Counter:
    """VOC's names as ours."""
    same = {"airplane": "aeroplane", "motorcycle": "motorbike"}
    return Counter({same.get(name, name): count for name, count in counts.items()})


def _photo(source: str, folder: Path, entry: dict, counts: Counter) -> LabelledPhoto:
    return LabelledPhoto(f"{source}:{entry['id']}", folder / entry["file"], {name: counts[name] for name in COUNTED})
