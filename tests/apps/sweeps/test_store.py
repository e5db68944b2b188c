"""Rows on disk: whole parts, found again, none twice; a full disk loses nothing that is there."""

from __future__ import annotations

import errno
import time
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is needed: scripts/setup sweep")

import pyarrow.parquet

from semcom.apps.report.result_folder import OutputError
from semcom.apps.sweeps import store as module
from semcom.apps.sweeps.store import COLUMNS, PART_S, ROWS_OF_A_PART, RowStore


def result(number: int, outcome: str = "complete", **more) -> dict:
    return {"trial": f"{number:016x}", "system": "webp", "outcome": outcome, "snr_db": 1.5, **more}


def test_rows_come_back_with_their_types(tmp_path: Path) -> None:
    store = RowStore(tmp_path / "rows")
    store.add(result(1, psnr_db=30.25, picture=b"\x00\xff", caption="A dog."))
    assert store.rows() == []
    store.flush()
    store.flush()
    (row,) = RowStore(tmp_path / "rows").rows()
    assert set(row) == set(COLUMNS) and (row["psnr_db"], row["picture"], row["bytes"]) == (30.25, b"\x00\xff", None)
    assert [path.name for path in (tmp_path / "rows").iterdir()] == ["part-0000001.parquet"]


def test_a_part_is_written_as_soon_as_it_is_full(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    for number in range(ROWS_OF_A_PART + 1):
        store.add(result(number))
    assert len(RowStore(tmp_path).done()) == ROWS_OF_A_PART


def test_a_part_is_written_when_a_row_has_waited_long(tmp_path: Path, monkeypatch) -> None:
    store, now = RowStore(tmp_path), time.monotonic()
    store.add(result(1))
    monkeypatch.setattr(module.time, "monotonic", lambda: now + PART_S + 1)
    store.add(result(2))
    store.add(result(3))
    assert len(RowStore(tmp_path).done()) == 2


def test_columns_that_came_later_are_null_in_older_parts(tmp_path: Path) -> None:
    older = {"trial": ["a"], "psnr_db": [30.0], "outcome": ["complete"]}
    pyarrow.parquet.write_table(pyarrow.table(older), tmp_path / "part-0000001.parquet")
    store = RowStore(tmp_path)
    store.add(result(2, cosine=0.5))
    store.flush()
    first, second = store.rows()
    assert (first["psnr_db"], first["cosine"], second["cosine"]) == (30.0, None, 0.5) and set(first) == set(COLUMNS)


def test_a_trial_run_again_counts_once_with_its_later_row(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    for outcome in ("unavailable", "complete"):
        store.add(result(1, outcome))
        store.add(result(2 if outcome == "complete" else 3, "failed"))
        store.flush()
    assert [(row["trial"][-1], row["outcome"]) for row in store.rows()] == [
        ("1", "complete"), ("3", "failed"), ("2", "failed"),
    ]  # fmt: skip
    assert store.done() == {f"{n:016x}" for n in (1, 2, 3)} and store.done(but=("failed",)) == {f"{1:016x}"}


def test_what_was_being_written_when_the_power_went_is_no_part(tmp_path: Path) -> None:
    (tmp_path / "part-0000004.parquet.unfinished").write_bytes(b"PAR1")
    store = RowStore(tmp_path)
    assert store.done() == set() and not list(tmp_path.iterdir())


def test_a_full_disk_is_a_sentence_and_rows_until_then_stay(tmp_path: Path, monkeypatch) -> None:
    store = RowStore(tmp_path)
    store.add(result(1))
    store.flush()
    store.add(result(2))

    def full(table, path):
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OutputError, match=r"No space left on device. Rows until here"):
        patch.setattr(pyarrow.parquet, "write_table", full)
        store.flush()
    assert [path.name for path in tmp_path.iterdir()] == ["part-0000001.parquet"]
    assert RowStore(tmp_path).done() == {f"{1:016x}"}
    store.flush()  # there is room again
    assert len(RowStore(tmp_path).done()) == 2


def test_a_strange_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "part-0000001.parquet").write_bytes(b"no rows")
    with pytest.raises(OutputError, match=r"part-0000001.parquet: must be rows of a sweep"):
        RowStore(tmp_path).done()


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written to"):
        RowStore(tmp_path / "file" / "rows")
