"""Where the results of sent photos go: a folder each, and one ``report.json`` beside them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from semcom.apps.output_folder import write_file_whole, write_reconstruction, write_whole
from semcom.apps.photo_report import PhotoReport
from semcom.apps.report_page import render


def folder_names(photos: Sequence[Path]) -> list[str]:
    """A folder name for each photo: its stem, numbered where two would share one."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for photo in photos:
        name = photo.stem.lstrip(".") or "photo"
        while name in names:
            seen[photo.stem] += 1
            name = f"{photo.stem}-{seen[photo.stem] + 1}"
        names.append(name)
    return names


def write_photo(folder: Path, report: PhotoReport) -> None:
    """All files of one photo; of a lost one only the report."""

    def fill(aside: Path) -> None:
        if report.received is not None and report.reconstruction is not None:
            write_reconstruction(aside, report.received, report.reconstruction)
        elif report.received is not None:
            (aside / "packet.sem").write_bytes(report.received.to_bytes())
        (aside / "report.html").write_text(render(report), encoding="utf-8")

    write_whole(folder, fill)


def write_report_json(folder: Path, reports: list[dict]) -> None:
    """``report.json``: a list with one entry per photo."""
    text = json.dumps(reports, indent=2, ensure_ascii=False, allow_nan=False)
    write_file_whole(folder / "report.json", (text + "\n").encode("utf-8"))
