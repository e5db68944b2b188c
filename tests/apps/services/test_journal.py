"""What was written stays; a torn end is cut off; a full disk leaves the file as it was."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.apps.report.result_folder import OutputError
from semcom.apps.services.journal import Journal, RecordFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "records"


def written(path: Path) -> list[bytes]:
    file = RecordFile(path)
    try:
        return list(file.replay())
    finally:
        file.close()


def test_records_come_back_in_order(path: Path) -> None:
    file = RecordFile(path)
    file.append([b"one", b""])
    file.append([b"three"])
    file.close()
    assert written(path) == [b"one", b"", b"three"]


@pytest.mark.parametrize("cut", [1, 7, 8, 12])
def test_a_torn_end_is_cut_off_and_writing_goes_on(path: Path, cut: int) -> None:
    file = RecordFile(path)
    file.append([b"whole", b"torn!"])
    file.close()
    path.write_bytes(path.read_bytes()[:-cut])
    file = RecordFile(path)
    assert list(file.replay()) == [b"whole"]
    file.append([b"after"])
    file.close()
    assert written(path) == [b"whole", b"after"]


@given(garbage=st.binary(min_size=1, max_size=60))
def test_garbage_behind_the_records_is_never_read_as_one(tmp_path_factory, garbage: bytes) -> None:
    path = tmp_path_factory.mktemp("journal") / "records"
    file = RecordFile(path)
    file.append([b"good"])
    file.close()
    path.write_bytes(path.read_bytes() + garbage)
    assert written(path) == [b"good"]


def test_zeros_behind_the_records_are_none(path: Path) -> None:
    file = RecordFile(path)
    file.append([b"good"])
    file.close()
    path.write_bytes(path.read_bytes() + bytes(4096))
    assert written(path) == [b"good"]


def test_a_file_of_something_else_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"my diary")
    with pytest.raises(OutputError, match="must be a file of records, begins with b'my diary'"):
        RecordFile(path)
    assert path.read_bytes() == b"my diary"


@contextlib.contextmanager
def small_files() -> Iterator[None]:
    """No file of this process may grow beyond 100 bytes; to be left before pytest writes its own log."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_does_not_fit_on_the_disk_leaves_no_half_record(path: Path) -> None:
    file = RecordFile(path)
    with small_files():
        file.append([bytes(60)])
        with pytest.raises(OSError, match="too large"):
            file.append([bytes(20), bytes(60)])
        with pytest.raises(OSError, match="too large"):
            file.replace([bytes(200)])
        file.append([b"fits"])
    file.close()
    assert written(path) == [bytes(60), b"fits"] and not list(path.parent.glob(".semcom-*"))


@pytest.mark.parametrize("after", ["opening", "replay", "replace"])
def test_a_second_process_is_refused(path: Path, after: str) -> None:
    """Locks are per process: another one must ask."""
    file = RecordFile(path)
    if after != "opening":
        assert list(file.replay()) == []
    if after == "replace":
        file.replace([b"one"])
    module = "semcom.apps.services.journal"
    code = f"from pathlib import Path; from {module} import RecordFile; RecordFile(Path({str(path)!r}))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    file.close()
    assert done.returncode != 0 and "must be used by one process at a time" in done.stderr


def test_a_journal_holds_objects(path: Path) -> None:
    journal = Journal(path)
    journal.write({"event": "a"}, {"event": "b", "n": [1, 2]})
    journal.rewrite([{"event": "c"}])
    journal.write({"event": "d"})
    journal.close()
    again = Journal(path)
    assert list(again.entries()) == [{"event": "c"}, {"event": "d"}]
    again.close()
