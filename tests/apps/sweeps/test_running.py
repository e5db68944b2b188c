"""Trials over Dask: the same rows on one worker or two; workers and schedulers that die lose and double nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="dask is needed: scripts/setup sweep")
pytest.importorskip("pyarrow", reason="pyarrow is needed: scripts/setup sweep")

from semcom.apps.sweeps.rows import Row
from semcom.apps.sweeps.running import SchedulerLostError, run_rows
from semcom.apps.sweeps.store import RowStore

# A warning raised as an error within Dask's event loop would leave the client waiting for ever.
pytestmark = [pytest.mark.timeout(500), pytest.mark.filterwarnings("ignore")]

ROW = Row("/a.png", "webp", "ideal", "awgn", "ofdm64", "auto", 5.0, 0.1, None, 1)


def rows(count: int, photo: str = "/a.png") -> list[Row]:
    return [replace(ROW, seed=seed, photo=photo) for seed in range(count)]


def trials():
    """Made within a function, so that they travel by value: workers cannot import tests."""

    def squared(row: Row, keep_picture: bool) -> dict:
        picture = b"x" if keep_picture else None
        return {
            "trial": row.trial,
            "seed": row.seed,
            "outcome": "complete",
            "psnr_db": float(row.seed**2),
            "picture": picture,
        }

    def deadly(row: Row, keep_picture: bool) -> dict:
        """Kills its worker the first time that a seed divisible by five is tried."""
        mark = Path(row.photo) / f"tried-{row.seed}"
        if row.seed % 5 == 0 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return squared(row, keep_picture)

    def always_deadly(row: Row, keep_picture: bool) -> dict:
        if row.seed == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return squared(row, keep_picture)

    def slow(row: Row, keep_picture: bool) -> dict:
        time.sleep(0.05)
        return squared(row, keep_picture)

    def told(row: Row, keep_picture: bool) -> dict:
        """Says who ran it, in a file; slow the second time."""
        first, second = (Path(row.photo) / f"{row.seed}-{turn}" for turn in ("first", "second"))
        (second if first.exists() else first).write_text(str(os.getpid()))
        if second.exists():
            time.sleep(2)
        return squared(row, keep_picture)

    return squared, deadly, always_deadly, slow, told


squared, deadly, always_deadly, slow, told = trials()


def run(folder: Path, asked: list[Row], workers: int = 2, **more) -> list[dict]:
    seen = []
    run_rows(asked, lambda row: row.seed == 3, RowStore(folder), workers=workers,
             progress=lambda done, total: seen.append((done, total)), **more)  # fmt: skip
    assert seen[-1] == (len(asked), len(asked))
    return sorted(RowStore(folder).rows(), key=lambda row: row["seed"])


def test_one_worker_or_two_give_the_same_rows_and_nothing_is_run_twice(tmp_path: Path) -> None:
    one = run(tmp_path / "1", rows(12), workers=1, trial=squared)
    assert run(tmp_path / "2", rows(12), workers=2, trial=squared) == one
    assert [row["psnr_db"] for row in one] == [float(n * n) for n in range(12)]
    assert [row["seed"] for row in one if row["picture"]] == [3]
    before = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert run_rows(rows(12), bool, RowStore(tmp_path / "1"), trial=squared) == 0  # not even a worker is started
    assert sorted(path.name for path in (tmp_path / "1").iterdir()) == before


def test_workers_that_die_lose_and_double_nothing(tmp_path: Path) -> None:
    found = run(tmp_path / "rows", rows(12, str(tmp_path)), trial=deadly)
    assert [row["seed"] for row in found] == list(range(12))
    assert len(list(tmp_path.glob("tried-*"))) == 3  # three workers died


def wait_for(folder: Path, pattern: str, count: int) -> list[Path]:
    deadline = time.monotonic() + 120
    while len(found := list(folder.glob(pattern))) < count:
        assert time.monotonic() < deadline, f"{len(found)} of {count} {pattern}"
        time.sleep(0.02)
    return found


def test_results_that_a_worker_takes_with_it_before_they_are_fetched_are_computed_again(tmp_path: Path) -> None:
    """Three trials were done, and one of them fetched, when their worker died."""

    def progress(done: int, total: int) -> None:
        if done == 1:
            wait_for(tmp_path, "?-first", 3)
            os.kill(int((tmp_path / "0-first").read_text()), signal.SIGKILL)
            wait_for(tmp_path, "?-second", 1)

    run_rows(rows(3, str(tmp_path)), bool, RowStore(tmp_path / "rows"), workers=1, trial=told, progress=progress)
    assert sorted(row["psnr_db"] for row in RowStore(tmp_path / "rows").rows()) == [0, 1, 4]


def test_a_trial_that_ends_every_worker_is_a_row_that_says_so(tmp_path: Path) -> None:
    """Whatever was waiting on those workers is not taken for it: one worker, so all of them were, each time."""
    found = run(tmp_path, rows(4), workers=1, trial=always_deadly)
    assert [row["outcome"] for row in found] == ["complete", "failed", "complete", "complete"]
    assert "KilledWorker" in found[1]["reason"] and found[1]["system"] == "webp"


class Cluster:
    """A scheduler at one address and a worker, as people start them."""

    def __init__(self, folder: Path) -> None:
        import socket

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address, self._folder, self.processes = f"tcp://127.0.0.1:{self.port}", folder, []
        self._environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def start(self) -> None:
        scheduler = [
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--no-dashboard",
        ]
        worker = ["distributed.cli.dask_worker", self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
        for command in (scheduler, [*worker, "--local-directory", str(self._folder)]):
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", *command], env=self._environment,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )
            )  # fmt: skip

    def kill(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes.clear()


def test_a_scheduler_that_dies_and_comes_back_loses_nothing(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "dask")
    cluster.start()
    kills = [12, 25]

    def progress(done: int, total: int) -> None:
        if kills and done >= kills[0]:
            kills.pop(0)
            cluster.kill()
            cluster.start()

    try:
        store = RowStore(tmp_path / "rows")
        asked = rows(40)
        run_rows(asked, bool, store, cluster.address, progress=progress, trial=slow, patience_s=90)
    finally:
        cluster.kill()
    found = sorted(row["seed"] for row in RowStore(tmp_path / "rows").rows())
    assert not kills and found == list(range(40))


def test_a_scheduler_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SchedulerLostError, match=r"the scheduler tcp://127.0.0.1:9 has gone"):
        run_rows(rows(2), bool, RowStore(tmp_path), "tcp://127.0.0.1:9", trial=squared, patience_s=0.5)
