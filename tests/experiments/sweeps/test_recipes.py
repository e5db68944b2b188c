"""The sweep files of `experiments/sweeps` ask for what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.apps.sweeps.rows import rows_of
from semcom.sdr_configs.sweep import load_sweep

FOLDER = Path(__file__).parents[3] / "experiments" / "sweeps"
FILES = sorted(FOLDER.glob("*.yml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_system_metric_and_photo_of_a_recipe_exists(file: Path, shared_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "checkout" / "experiments" / "sweeps"
    folder.mkdir(parents=True)
    (tmp_path / "shared").symlink_to(shared_dir.resolve())
    settings = load_sweep(file)
    rows = rows_of(settings, folder)
    assert len({row.trial for row in rows}) == len(rows) > 0 and settings.description
    assert {row.system for row in rows} == {one.system for one in settings.systems}
