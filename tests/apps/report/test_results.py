"""``report.json`` and the index of one run: after each photo, each result once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from semcom.apps.report.model import COMPLETE, PARTIAL, FrameCounts, PictureResult
from semcom.apps.report.results import Results

FIRST = PictureResult(command="receive", image="0-1-1", outcome=PARTIAL, layers=[], frames=FrameCounts(None, 3, 1))


def outcomes(folder: Path) -> list[tuple[str, str]]:
    """(image, outcome) of the report as it stands on disk."""
    return [(entry["image"], entry["outcome"]) for entry in json.loads((folder / "report.json").read_text())]


def test_what_is_finished_stands_on_disk_at_once(tmp_path: Path) -> None:
    results = Results(tmp_path, "Pictures")
    results.add(FIRST)
    assert outcomes(tmp_path) == [("0-1-1", PARTIAL)]
    results.add(replace(FIRST, image="0-1-2"))
    assert outcomes(tmp_path) == [("0-1-1", PARTIAL), ("0-1-2", PARTIAL)]


def test_a_picture_that_is_given_out_again_replaces_its_entry(tmp_path: Path) -> None:
    results = Results(tmp_path, "Pictures")
    for result in (FIRST, replace(FIRST, image="0-1-2"), replace(FIRST, outcome=COMPLETE)):
        results.add(result)
    assert outcomes(tmp_path) == [("0-1-1", COMPLETE), ("0-1-2", PARTIAL)]
    assert [entry["outcome"] for entry in results.entries] == [COMPLETE, PARTIAL]


def test_nothing_to_tell_is_an_empty_list(tmp_path: Path) -> None:
    Results(tmp_path, "Pictures").write()
    assert outcomes(tmp_path) == []
