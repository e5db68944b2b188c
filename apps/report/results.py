"""Where results of many photos go: a folder each, ``report.json`` and ``index.html``, written after each photo."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from semcom.apps.report.index import Index, entry_of, is_page_name
from semcom.apps.report.model import PictureResult
from semcom.apps.report.output_folder import write_reconstruction, write_text, write_whole
from semcom.apps.report.photo_report import PhotoReport
from semcom.apps.report.report_page import render
from semcom.apps.report.result_folder import remove_remains, write_file_whole

MAX_NAME_BYTES = 100
REPORT_JSON = "report.json"


def shown_name(photo: Path) -> str:
    """The file's name as reports and the console show it; bytes that are no text become U+FFFD."""
    return as_text(photo.name)


def as_text(path: str | os.PathLike[str]) -> str:
    """A path for a report; bytes that are no text become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def folder_names(photos: Sequence[Path]) -> list[str]:
    """A folder name for each photo: its stem, cut where it is long, numbered where two would share one."""
    names: list[str] = []
    for photo in photos:
        stem = shown_name(photo.with_suffix("")).lstrip(".") or "photo"
        stem = stem.encode("utf-8")[:MAX_NAME_BYTES].decode("utf-8", "ignore")
        name, number = stem, 1
        while name in (*names, REPORT_JSON) or is_page_name(name):
            number += 1
            name = f"{stem}-{number}"
        names.append(name)
    return names


def write_photo(folder: Path, report: PhotoReport, also: Callable[[Path], None] = lambda folder: None) -> None:
    """All files of one photo; of a lost one only the report. `also` adds files that must be there with them."""

    def fill(aside: Path) -> None:
        also(aside)
        if report.received is not None and report.reconstruction is not None:
            write_reconstruction(aside, report.received, report.reconstruction)
        write_text(aside / "report.html", render(report))

    write_whole(folder, fill)


class Results:
    """``report.json`` and ``index.html`` of one run, over the photos that are finished so far.

    Both are written after each photo: whatever ends the run, they hold what was done.

    Parameters
    ----------
    folder : Path
        Remains of processes that were killed are removed from it.
    title : str
        Of the index.
    """

    def __init__(self, folder: Path, title: str) -> None:
        self.folder = folder
        self.entries: list[dict] = []
        self._texts: list[str] = []
        self._places: dict[str, int] = {}  # of each result folder among the entries
        self._index = Index(folder, title)
        remove_remains(folder)

    def add(self, result: PictureResult) -> None:
        """A photo is finished, its folder written; raises `OSError` where the files cannot be.

        A picture that is given out again, because a layer of its group came late, replaces its entry.
        """
        entry = result.as_dict()
        text = "  " + json.dumps(entry, indent=2, ensure_ascii=False, allow_nan=False).replace("\n", "\n  ")
        folder = result.folder or result.image
        place = self._places.setdefault(folder, len(self.entries))
        self.entries[place:] = [entry, *self.entries[place + 1 :]]
        self._texts[place:] = [text, *self._texts[place + 1 :]]
        self._index.put(folder, entry_of(result))
        self.write()

    def write(self) -> None:
        """Write both files; also where there is nothing to tell: no photo, no entry."""
        body = "[\n" + ",\n".join(self._texts) + "\n]\n" if self._texts else "[]\n"
        write_file_whole(self.folder / REPORT_JSON, body.encode("utf-8"))
        self._index.write()
