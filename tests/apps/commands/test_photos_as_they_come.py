"""Photos as people have them, on the command line: read with a note, or refused by name, and the others go on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from semcom.apps.cli import app

from ...stand_ins import stand_ins, street  # noqa: F401

pytestmark = [pytest.mark.usefixtures("stand_ins"), pytest.mark.timeout(300)]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def two_pages(path: Path) -> Path:
    small = Image.fromarray(np.zeros((20, 20, 3), np.uint8))
    small.save(path, "TIFF", save_all=True, append_images=[Image.fromarray(street(240, 160))])
    return path


def test_a_choice_made_for_the_user_is_said_in_one_line(tmp_path: Path) -> None:
    photo = two_pages(tmp_path / "scan.tif")
    result = run("encode", photo, "-o", tmp_path / "x.sem")
    assert result.exit_code == 0 and (tmp_path / "x.sem").exists()
    said = [line for line in result.stderr.splitlines() if "page 2, the largest, is taken" in line]
    assert len(said) == 1 and "scan.tif" in said[0]


def test_a_note_stands_in_the_report(tmp_path: Path) -> None:
    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
    photo = two_pages(tmp_path / "scan.tif")
    result = run("send", photo, "--out", tmp_path / "out", "--snr-db", 15)
    assert result.exit_code == 0, result.output
    (entry,) = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert any("page 2, the largest, is taken" in note for note in entry["notes"])
    assert "page 2, the largest, is taken" in result.output


def test_what_is_no_photo_stops_none_of_the_others(tmp_path: Path) -> None:
    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
    (tmp_path / "holiday.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n{ } loop\nshowpage\n")
    good = tmp_path / "street.png"
    Image.fromarray(street(240, 160)).save(good)
    result = run("send", tmp_path / "holiday.jpg", good, "--out", tmp_path / "out", "--snr-db", 15)
    assert result.exit_code == 0, result.output
    assert "is a PostScript file" in result.stderr
    entries = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert [Path(entry["image"]).stem for entry in entries] == ["street"]


def test_names_of_files_do_not_command_the_terminal(tmp_path: Path) -> None:
    photo = two_pages(tmp_path / "scan\x1b[31m[red].tif")
    result = run("encode", photo, "-o", tmp_path / "x.sem")
    assert result.exit_code == 0 and "\x1b" not in result.stderr and "[red]" in result.stderr
