"""``semcom referee``: verdicts into a folder, as page, pictures, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from semcom.apps.output_folder import write_file_whole
from semcom.apps.referee_page import by_picture, render, sheet
from semcom.apps.results import folder_names
from semcom.experiments.referee.judge import Referee, Verdict
from semcom.experiments.referee.truth import load_truth
from semcom.semantic import load_picture

TRUTH_KINDS = ("camvid", "coco")
_NOT_IN_CSV = ("layers",)


def judge_photos(
    photos: list[Path],
    budgets: list[int],
    truth_folder: Path | None,
    truth_kind: str,
    progress: Callable[[str, int, int], None],
) -> tuple[list[Verdict], dict[str, np.ndarray]]:
    """Verdicts on all photos at all budgets, and the originals by name."""
    referee, verdicts, originals = Referee(), [], {}
    total = len(photos) * len(budgets) * referee.num_verdicts
    for path, name in zip(photos, folder_names(photos), strict=True):
        originals[name] = load_picture(path)
        truth = load_truth(truth_folder, path, truth_kind) if truth_folder else None
        for budget in budgets:
            for verdict in referee.judge(name, originals[name], budget, truth):
                verdicts.append(verdict)
                progress(f"{name}, {budget} bytes: {verdict.rival}", len(verdicts), total)
    return verdicts, originals


def write_results(folder: Path, verdicts: list[Verdict], originals: dict[str, np.ndarray]) -> None:
    """``index.html``, ``verdicts.json``, ``verdicts.csv`` and a sheet of pictures for each photo and budget."""
    entries = [verdict.as_dict() for verdict in verdicts]
    table = io.StringIO()
    writer = csv.DictWriter(table, [key for key in entries[0] if key not in _NOT_IN_CSV], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(entries)
    text = json.dumps(entries, indent=1, ensure_ascii=False, allow_nan=False)
    write_file_whole(folder / "verdicts.json", (text + "\n").encode())
    write_file_whole(folder / "verdicts.csv", table.getvalue().encode())
    write_file_whole(folder / "index.html", render(verdicts, originals).encode())
    for (image, budget), group in by_picture(verdicts):
        picture = io.BytesIO()
        sheet(group, originals[image]).save(picture, "PNG")
        write_file_whole(folder / f"{Path(image).stem}_{budget}.png", picture.getvalue())
