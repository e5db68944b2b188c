"""The command as a person types it: dry run, bad files, a run and the same run again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ..command_line import run

pytestmark = [pytest.mark.timeout(500), pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    noise = np.random.default_rng(1).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    path = tmp_path / "small.yml"
    path.write_text("systems: [linear_analog]\nphotos: [a.png]\nsnr_db: [0, 10]\ncbr: ['1/6']\nseeds: [1, 2]\n")
    return path


def test_a_dry_run_counts(file: Path) -> None:
    assert run("sweep", file, "--dry-run").output == "4 trials\n"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("systems", "sytems"), "sytems is not a key here"),
        (("1/6", "1/0"), "cbr must be 0.00001 to 4"),
        (("a.png", "b.png"), "photos must exist, got 'b.png'"),
        (("linear_analog", "linear"), "systems must be of"),
    ],
)
def test_a_bad_file_is_a_sentence_and_status_2(file: Path, change: tuple[str, str], sentence: str) -> None:
    file.write_text(file.read_text().replace(*change))
    result = run("sweep", file)
    assert result.exit_code == 2 and sentence in result.stderr and "Traceback" not in result.stderr


def test_a_run_and_the_same_again(file: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="dask is needed: scripts/setup sweep")
    pytest.importorskip("pyarrow", reason="pyarrow is needed: scripts/setup sweep")
    first = run("sweep", file, "--out", tmp_path / "out", "--workers", 1)
    assert first.exit_code == 0 and "4 rows, 4 of them new" in first.output
    assert (tmp_path / "out/index.html").exists() and (tmp_path / "out/figure_1.png").exists()
    again = run("sweep", file, "--out", tmp_path / "out", "--workers", 1)
    assert "4 rows, 0 of them new" in again.output
