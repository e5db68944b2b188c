"""Caption texts of the data sets, in content words and what stands between them; and which photos are kept apart.

Held out for captions: of COCO val2017 photos in `coco/`, per kind of annotation and sorted by id, every second one; of
`coco_people/`, sorted by id, every fourth. No caption of theirs is used by any recipe, in no form.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from pathlib import Path

from semcom.semantic.captioning.comparison import tokens
from semcom.semantic.captioning.phrase_graph import MODIFIER, START
from semcom.semantic.word_lists import caption_words

FUNCTION_WORDS = frozenset(
    {
        *(
            "a",
            "an",
            "the",
            "of",
            "on",
            "in",
            "with",
            "and",
            "is",
            "to",
            "at",
            "that",
            "are",
            "some",
            "up",
            "by",
            "has",
        ),
        *("its", "their", "his", "her", "from", "as", "for", "while", "being", "into", "onto", "out", "over", "off"),
        *("down", "through", "around", "along", "during", "between", "next", "near", "top", "front", "side", "behind"),
        *("under", "above", "beside", "inside", "outside", "across", "against", "about", "together", "back", "each"),
        *("other", "one", "another", "it", "who"),
    }
)


@dataclass(frozen=True)
class CaptionedPhoto:
    """A photo with people's captions; `name` is unique over the data sets, `text_id` is its id in its caption texts."""

    name: str
    path: Path
    captions: tuple[str, ...]
    held_out: bool


def captioned_photos(shared: Path) -> list[CaptionedPhoto]:
    """All photos with captions: COCO, COCO with people, Flickr8k."""
    photos = []
    for folder, held_out in (("coco", _held_out_coco(shared)), ("coco_people", _held_out_people(shared))):
        for entry in _lines(shared / "data" / folder / "annotations.jsonl"):
            if entry.get("captions"):
                path = shared / "data" / folder / entry["file"]
                name = f"{folder}:{entry['id']}"
                photos.append(CaptionedPhoto(name, path, tuple(entry["captions"]), entry["id"] in held_out))
    for entry in _lines(shared / "data/flickr8k/captions.jsonl"):
        path = shared / "data/flickr8k" / entry["file"]
        photos.append(CaptionedPhoto(f"flickr8k:{path.stem}", path, tuple(entry["captions"]), False))
    return photos


def training_texts(shared: Path) -> list[str]:
    """Captions that may be learned from, one by one: none of a held-out photo."""
    held_out = _held_out_coco(shared) | _held_out_people(shared)
    texts = []
    for entry in _lines(shared / "data/coco/captions_text_val2017.jsonl"):
        texts += entry["captions"] if entry["id"] not in held_out else []
    for entry in _lines(shared / "data/coco/annotations.jsonl"):
        texts += entry.get("captions") or [] if entry["split"] == "train2017" else []
    for entry in _lines(shared / "data/flickr8k/captions_text_train_dev.jsonl"):
        texts += entry["captions"]
    return texts


def _held_out_coco(shared: Path) -> set[int]:
    entries = [e for e in _lines(shared / "data/coco/annotations.jsonl") if e["split"] == "val2017"]
    kept: set[int] = set()
    for kind in {entry["labels"] for entry in entries}:
        kept |= set(sorted(entry["id"] for entry in entries if entry["labels"] == kind)[::2])
    return kept


def _held_out_people(shared: Path) -> set[int]:
    return set(sorted(entry["id"] for entry in _lines(shared / "data/coco_people/annotations.jsonl"))[::4])


def _lines(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def runs(caption: str) -> list[tuple[list[tuple[str, str]], bool, bool]]:
    """Content words in a row with the joints before them: (pairs, starts the caption, ends it).

    A run ends at a word that is neither a caption word nor a function word. Nouns that another follows are marked.
    """
    words = caption_words()
    found, pairs, joint, starts = [], [], [], True
    for token in tokens(caption):
        if token in FUNCTION_WORDS:
            joint.append(token)
        elif token in words:
            pairs.append((" ".join(joint), token))
            joint = []
        else:
            if pairs:
                found.append((_marked(pairs), starts, False))
            pairs, joint, starts = [], [], False
    if pairs:
        found.append((_marked(pairs), starts, not joint))
    return found


def _marked(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    words = caption_words()
    marked = []
    for position, (joint, word) in enumerate(pairs):
        following = pairs[position + 1] if position + 1 < len(pairs) else None
        modifies = words[word].kind == "noun" and following is not None and following[0] == ""
        modifies = modifies and words[following[1]].kind == "noun"
        marked.append((joint, word + MODIFIER if modifies else word))
    return marked


def count_phrases(texts: list[str]) -> tuple[dict[tuple[str, str, str], int], dict[tuple[str, ...], int]]:
    """Joints between two words and rows of three, counted over all texts."""
    joints: dict[tuple[str, str, str], int] = {}
    threes: dict[tuple[str, ...], int] = {}
    for text in texts:
        for pairs, starts, _ in runs(text):
            row = [("", START), *pairs] if starts else pairs
            for (_, first), (joint, word) in itertools.pairwise(row):
                joints[first, joint, word] = joints.get((first, joint, word), 0) + 1
            for (_, first), (joint, second), (next_joint, third) in zip(row, row[1:], row[2:], strict=False):
                key = (first, joint, second, next_joint, third)
                threes[key] = threes.get(key, 0) + 1
    return joints, threes
