"""Where the results of sent photos go: a folder each, and one ``report.json`` beside them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from semcom.apps.report.output_folder import write_file_whole, write_reconstruction, write_whole
from semcom.apps.report.photo_report import PhotoReport
from semcom.apps.report.report_page import render

MAX_NAME_BYTES = 100
REPORT_JSON = "report.json"


def shown_name(photo: Path) -> str:
    """The file's name as reports and the console show it; bytes that are no text become U+FFFD."""
    return os.fsencode(photo.name).decode("utf-8", "replace")


def folder_names(photos: Sequence[Path]) -> list[str]:
    """A folder name for each photo: its stem, cut where it is long, numbered where two would share one."""
    names: list[str] = []
    for photo in photos:
        stem = shown_name(photo.with_suffix("")).lstrip(".") or "photo"
        stem = stem.encode("utf-8")[:MAX_NAME_BYTES].decode("utf-8", "ignore")
        name, number = stem, 1
        while name in (*names, REPORT_JSON):
            number += 1
            name = f"{stem}-{number}"
        names.append(name)
    return names


def write_photo(folder: Path, report: PhotoReport) -> None:
    """All files of one photo; of a lost one only the report."""

    def fill(aside: Path) -> None:
        if report.received is not None and report.reconstruction is not None:
            write_reconstruction(aside, report.received, report.reconstruction)
        (aside / "report.html").write_text(render(report), encoding="utf-8")

    write_whole(folder, fill)


def write_report_json(folder: Path, reports: list[dict]) -> None:
    """``report.json``: a list with one entry per photo."""
    text = json.dumps(reports, indent=2, ensure_ascii=False, allow_nan=False)
    write_file_whole(folder / REPORT_JSON, (text + "\n").encode("utf-8"))
