"""The recipe of sweeps under kills: what it counts, and a small one from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="dask is needed: scripts/setup sweep")
pytest.importorskip("pyarrow", reason="pyarrow is needed: scripts/setup sweep")

from semcom.apps.sweeps.rows import rows_of
from semcom.apps.sweeps.trial import run_trial
from semcom.experiments.sweeps.sweep_scaling import compared, report, rows_on_disk, under_kills, write_sweep
from semcom.sdr_configs.sweep import load_sweep


def rows(*trials: str, psnr_db: float = 20.0) -> list[dict]:
    return [{"trial": name, "psnr_db": psnr_db, "seconds": 0.1 * number} for number, name in enumerate(trials)]


def test_what_is_lost_doubled_and_different_is_counted() -> None:
    assert compared(rows("a", "b", "c"), rows("c", "b", "a")) == {"lost": 0, "doubled": 0, "different": 0}
    assert compared(rows("a", "b", "c"), rows("a", "a", "c")) == {"lost": 1, "doubled": 1, "different": 0}
    assert compared(rows("a", "b"), rows("a", "b", psnr_db=21.0))["different"] == 2


def test_the_page_says_how_much_faster_and_what_was_killed() -> None:
    came = {"lost": 0, "doubled": 1, "different": 2}
    page = report(2000, {1: [100.0, 104.0], 2: [55.0, 57.0]}, 0.05, [(9.0, "worker 1"), (18.0, "scheduler")], came)
    assert "2,000 trials of 50 ms each" in page and "| 1 | 100.0, 104.0 | 102.0 |" in page and "**1.82 ×**" in page
    assert "2 times `kill -9`" in page and "worker 1 after 9 s, scheduler after 18 s" in page
    assert "**0 trials lost, 1 doubled**, 2 with other numbers" in page


@pytest.mark.long
@pytest.mark.timeout(500)
def test_a_sweep_whose_worker_and_scheduler_are_killed_gives_the_same_rows(tmp_path: Path) -> None:
    file = write_sweep(tmp_path, 40, 48)
    asked = rows_of(load_sweep(file), tmp_path)
    assert len(asked) == 40
    kills = list(under_kills(file, tmp_path / "out", 2, 12.0))
    assert [name for _, name in kills] == ["worker 1", "scheduler"]
    found = rows_on_disk(tmp_path / "out")
    wanted = [{**dict.fromkeys(found[0]), **run_trial(row)} for row in asked]
    assert compared(wanted, found) == {"lost": 0, "doubled": 0, "different": 0}
