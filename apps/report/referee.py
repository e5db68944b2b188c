"""``semcom referee``: verdicts into a folder, as page, pictures, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from semcom.apps.report.referee_page import by_picture, render, sheet
from semcom.apps.report.result_folder import OutputError, write_file_whole
from semcom.apps.report.results import folder_names
from semcom.apps.report.slider_page import render_sliders
from semcom.semantic import load_picture
from semcom.semantic.benchmark.judge import Referee, Verdict
from semcom.semantic.benchmark.model_measures import ModelMeasures
from semcom.semantic.benchmark.truth import Truth, load_truth

TRUTH_KINDS = ("camvid", "coco")
MAX_CAPTION_BYTES = 16 << 20
_NOT_IN_CSV = ("layers",)


def judge_photos(
    photos: list[Path],
    budgets: list[int],
    truth_folder: Path | None,
    truth_kind: str,
    progress: Callable[[str, int, int], None],
    say: Callable[[str], None],
    captions: dict[str, tuple[str, ...]] | None = None,
    measures: ModelMeasures | None = None,
) -> tuple[list[Verdict], dict[str, np.ndarray]]:
    """Verdicts on all photos at all budgets, and the originals by name; raises `OutputError` where truth is not there.

    `say` is told what a person should know before it begins; `captions` are people's, by stem of the photo;
    `measures` are models of others that judge, too.
    """
    originals = {name: load_picture(path) for path, name in zip(photos, folder_names(photos), strict=True)}
    truths: list[Truth | None] = [None] * len(photos)
    if truth_folder:
        truths = _truths(photos, originals.values(), truth_folder, truth_kind, say)
    referee, verdicts = Referee(measures), []
    total = len(photos) * len(budgets) * referee.num_verdicts
    by_people = [(captions or {}).get(path.stem, ()) for path in photos]
    for (name, image), truth, people in zip(originals.items(), truths, by_people, strict=True):
        for budget in budgets:
            for verdict in referee.judge(name, image, budget, truth, people):
                verdicts.append(verdict)
                progress(f"{name}, {budget} bytes: {verdict.rival}", len(verdicts), total)
    return verdicts, originals


def read_captions(file: Path) -> dict[str, tuple[str, ...]]:
    """People's captions of photos: a JSON object of lists of sentences by the stem of the photo's file.

    Raises
    ------
    OutputError
        No such file, too large, or something else in it.
    """
    if not file.is_file() or file.stat().st_size > MAX_CAPTION_BYTES:
        raise OutputError(f"{file}: must be a file of at most {MAX_CAPTION_BYTES} bytes")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise OutputError(f"{file}: must be JSON ({error})") from error
    if not isinstance(content, dict) or not all(map(_are_sentences, content.values())):
        raise OutputError(f'{file}: must be an object such as {{"photo": ["A dog.", "A white dog lying."]}}')
    return {stem: tuple(sentences) for stem, sentences in content.items()}


def _are_sentences(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(sentence, str) for sentence in value)


def _truths(
    photos: list[Path], originals: Iterable[np.ndarray], folder: Path, kind: str, say: Callable[[str], None]
) -> list[Truth | None]:
    """The truth of each photo; that some have none is said.

    Raises
    ------
    OutputError
        None has any, or one is of another size than its photo.
    """
    truths = [load_truth(folder, path, kind) for path in photos]
    for path, image, truth in zip(photos, originals, truths, strict=True):
        if truth is not None and truth.classes.shape != image.shape[:2]:
            size = " × ".join(map(str, reversed(truth.classes.shape)))
            wanted = f"the photo's size, {image.shape[1]} × {image.shape[0]} pixels"
            raise OutputError(f"{folder / path.stem}.png: must have {wanted}, got {size}")
    without = [path for path, truth in zip(photos, truths, strict=True) if truth is None]
    if len(without) == len(photos):
        raise OutputError(f"{folder}: must hold label maps of the photos (STEM.png), got no {without[0].stem}.png")
    if without:
        say(f"No truth for {', '.join(path.name for path in without)}: mean IoU is of the others.")
    return truths


def write_results(folder: Path, verdicts: list[Verdict], originals: dict[str, np.ndarray]) -> None:
    """``index.html``, ``sliders.html``, ``verdicts.json``, ``verdicts.csv``, and a sheet for each photo and budget."""
    entries = [verdict.as_dict() for verdict in verdicts]
    table = io.StringIO()
    writer = csv.DictWriter(table, [key for key in entries[0] if key not in _NOT_IN_CSV], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(entries)
    text = json.dumps(entries, indent=1, ensure_ascii=False, allow_nan=False)
    write_file_whole(folder / "verdicts.json", (text + "\n").encode())
    write_file_whole(folder / "verdicts.csv", table.getvalue().encode())
    write_file_whole(folder / "index.html", render(verdicts, originals).encode())
    write_file_whole(folder / "sliders.html", render_sliders(verdicts, originals).encode())
    for (image, budget), group in by_picture(verdicts):
        picture = io.BytesIO()
        sheet(group, originals[image]).save(picture, "PNG")
        write_file_whole(folder / f"{Path(image).stem}_{budget}.png", picture.getvalue())
