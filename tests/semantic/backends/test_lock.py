"""The lock: what is written is read back; files that are not the locked ones are refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from semcom.semantic.backends.lock import FILE, Locked, check_files, hash_of, read_lock, write_lock
from semcom.semantic.errors import ModelError

ONE = Locked("a/b", "0" * 40, {"config.json": hashlib.sha256(b"{}").hexdigest()})


def test_it_comes_back_and_is_none_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "models" / FILE
    assert read_lock(path) == {}
    write_lock(path, {"blip": ONE})
    assert read_lock(path) == {"blip": ONE} and [entry.name for entry in path.parent.iterdir()] == [FILE]


def test_files_are_compared(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json is missing; to get it: semcom models get blip"):
        check_files("blip", tmp_path, ONE)
    (tmp_path / "config.json").write_text("{}")
    check_files("blip", tmp_path, ONE)
    assert hash_of(tmp_path / "config.json") == ONE.files["config.json"]
    (tmp_path / "config.json").write_text("{ }")
    with pytest.raises(ModelError, match="must be 44136fa355b3678a…, as locked, got"):
        check_files("blip", tmp_path, ONE)


@pytest.mark.parametrize("revision", ["main", "0" * 39, "G" * 40])
def test_a_revision_is_a_commit(tmp_path: Path, revision: str) -> None:
    write_lock(tmp_path / FILE, {"blip": Locked("a/b", revision, {})})
    with pytest.raises(ModelError, match="no list of locked models"):
        read_lock(tmp_path / FILE)


def test_a_lock_of_any_size_is_not_read(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(ModelError, match="must have at most 1048576 bytes"):
        read_lock(tmp_path / FILE)
