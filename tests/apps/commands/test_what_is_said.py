"""Small things that a person is told: nothing was sent, results replaced, bytes not used, no truth, the version."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from semcom.apps.cli import app
from semcom.apps.report.page_parts import marked
from semcom.apps.report.referee import _truths
from semcom.apps.report.referee_page import render
from semcom.semantic.benchmark.judge import Verdict
from semcom.semantic.extract.captioner import compose_caption
from semcom.semantic.layers import Objects
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

from ...stand_ins import stand_ins, street  # noqa: F401

pytestmark = [pytest.mark.usefixtures("stand_ins"), pytest.mark.timeout(300)]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "street.png"
    Image.fromarray(street(240, 160)).save(path)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_where_nothing_fits_the_airtime_nothing_is_said_to_be_sent(photo: Path, tmp_path: Path) -> None:
    result = run("send", photo, "--out", tmp_path / "out", "--airtime-ms", 1)
    assert result.exit_code == 3 and "lost: nothing was sent\n" in result.stdout and " : 1)" not in result.stdout
    (entry,) = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert (entry["bytes_packet"], entry["compression_ratio"]) == (0, None) and entry["outcome"] == "lost"
    page = (tmp_path / "out" / "street" / "report.html").read_text(encoding="utf-8")
    assert "nothing was sent</span>" in page and "of meaning" not in page and "Bytes per layer" not in page


def test_bars_have_room_for_their_words_and_the_rest_is_in_a_table(photo: Path, tmp_path: Path) -> None:
    """About 7 units a character: the words behind the longest bar end within the picture."""
    run("send", photo, "--out", tmp_path / "out", "--policy", "layered", "--snr-db", 12)
    page = (tmp_path / "out" / "street" / "report.html").read_text(encoding="utf-8")
    (bars,) = re.findall(r'<svg viewBox="0 0 (\d+) \d+"[^>]*aria-label="bytes per layer">(.*?)</svg>', page, re.S)
    texts = re.findall(r'<text x="([\d.]+)" y="\d+" font-size="12"[^>]*>([^<]*)<', bars[1])
    assert texts and all(float(x) + 7 * len(words) < int(bars[0]) for x, words in texts)
    (table,) = re.findall(r'<table class="layers">.*?</table>', page, re.S)
    assert "channel uses" in table and table.count("<tr>") == 1 + len(texts) and "1/2" in table


def test_results_that_are_replaced_are_said(photo: Path, tmp_path: Path) -> None:
    first, second = (run("send", photo, "--out", tmp_path / "out").stdout for _ in range(2))
    assert "earlier one" not in first and "in the place of an earlier one" in second


def test_a_budget_that_is_far_from_used_is_said(photo: Path, tmp_path: Path) -> None:
    said = run("encode", photo, "-o", tmp_path / "p.sem", "--budget-bytes", 100_000_000).stdout
    assert "Of the budget of 100,000,000 bytes only" in said
    assert "Of the budget" not in run("encode", photo, "-o", tmp_path / "p.sem", "--budget-bytes", 200).stdout
    run("send", photo, "--out", tmp_path / "out", "--budget-bytes", 100_000_000)
    (entry,) = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert any("Of the budget" in note for note in entry["notes"])


def test_a_drawing_is_named_as_what_it_is(photo: Path, tmp_path: Path) -> None:
    run("encode", photo, "-o", tmp_path / "p.sem")
    for name in ("sheet.jpg", "sheet"):
        result = run("inspect", tmp_path / "p.sem", "--draw", tmp_path / name)
        assert result.exit_code == 2 and "must end in .png" in result.stderr and not (tmp_path / name).exists()


def test_packets_that_are_none_are_named(photo: Path, tmp_path: Path) -> None:
    result = run("inspect", photo)
    assert result.exit_code == 2 and "street.png: packet: must begin with" in result.stderr
    assert "no semcom packet" in result.stderr


def test_version() -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"semcom {version('gr-semcom')}\n")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_has_heard_enough_causes_no_error(photo: Path, tmp_path: Path, options: list[str]) -> None:
    run("encode", photo, "-o", tmp_path / "p.sem")
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "semcom.apps.cli", "inspect", str(tmp_path / "p.sem"), *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, timeout=100, env=environment)
    os.close(write)
    assert done.stderr == ""


def test_words_that_say_nothing_are_not_marked_as_found() -> None:
    vocabulary = Vocabulary.load()
    flat = np.full((60, 80, 3), 200, np.uint8)
    nothing = np.full((60, 80), NO_LABEL, np.uint8)
    caption = compose_caption(flat, nothing, Objects(80, 60, vocabulary, ()))
    assert caption.text.startswith("A picture") and "<mark>" not in marked(caption)
    half = nothing.copy()
    half[:30] = vocabulary["fence"].id
    caption = compose_caption(flat, half, Objects(80, 60, vocabulary, ()))
    assert caption.text.startswith("A scene with fences") and caption.entity_words == ("fences",)


def test_truth_that_is_not_there_is_said(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    judge = ("referee", photo, "--out", tmp_path / "out", "--truth", tmp_path / "truth")
    result = run(*judge)
    assert result.exit_code == 2 and "must hold label maps of the photos (STEM.png), got no street.png" in result.stderr
    Image.fromarray(np.zeros((16, 20), np.uint8)).save(tmp_path / "truth" / "street.png")
    result = run(*judge)
    assert result.exit_code == 2 and "must have the photo's size, 240 × 160 pixels, got 20 × 16" in result.stderr


def test_photos_without_truth_among_others_are_named(photo: Path, tmp_path: Path) -> None:
    other, image = tmp_path / "other.png", street(240, 160)
    (tmp_path / "truth").mkdir()
    Image.fromarray(np.zeros((160, 240), np.uint8)).save(tmp_path / "truth" / "street.png")
    said: list[str] = []
    truths = _truths([photo, other], [image, image], tmp_path / "truth", "camvid", said.append)
    assert truths[0] is not None and truths[1] is None and said[0].startswith("No truth for other.png")


def test_one_picture_is_one_picture() -> None:
    image = street(64, 48)
    verdicts = [Verdict("a", rival, rival == "x", 500, 400, ms_ssim=0.5, picture=image) for rival in "xy"]
    assert "<p>1 picture, 500 bytes" in render(verdicts, {"a": image})
    assert "<p>2 pictures, 500 bytes" in render(verdicts, {"a": image, "b": image})
