"""Compiled kernels are kept, or it is said that they are not; numba refuses to load where it finds no folder at all."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from semcom.installation import kernel_cache


@pytest.fixture
def rights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Says which folders can be written, as rights of root would."""
    for name in ("NUMBA_CACHE_DIR", "CACHE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    writable: list[Path] = []
    monkeypatch.setattr(kernel_cache.os, "access", lambda path, mode: any(Path(path) == known for known in writable))
    return writable


def test_beside_the_sources_first(rights: list[Path]) -> None:
    rooms = Path(kernel_cache.__file__).resolve().parents[1]
    rights += [rooms / "phy", rooms / "semantic"]
    assert kernel_cache.folder() == rooms


def test_then_where_the_user_keeps_caches(rights: list[Path], tmp_path: Path) -> None:
    rights.append(tmp_path)
    assert kernel_cache.folder() == tmp_path / "cache" / "numba"
    kernel_cache.ensure()
    assert "NUMBA_CACHE_DIR" not in os.environ


def test_what_the_environment_names_goes_before_all(rights, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "named"))
    assert kernel_cache.folder() == tmp_path / "named"


def test_a_service_of_systemd_has_a_folder_of_its_own(rights: list[Path], monkeypatch, tmp_path: Path) -> None:
    rooms = Path(kernel_cache.__file__).resolve().parents[1]
    rights += [rooms / "phy", rooms / "semantic"]
    monkeypatch.setenv("CACHE_DIRECTORY", f"{tmp_path}/one:{tmp_path}/two")
    kernel_cache.ensure()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "one" / "numba")
    monkeypatch.delenv("NUMBA_CACHE_DIR")


def test_without_any_a_folder_of_this_process_serves_and_it_is_said(rights, monkeypatch, caplog) -> None:
    monkeypatch.setattr(kernel_cache.atexit, "register", lambda *_, **__: None)
    with caplog.at_level(logging.WARNING, "semcom"):
        kernel_cache.ensure()
    made = Path(os.environ["NUMBA_CACHE_DIR"])
    assert made.is_dir() and made.stat().st_mode & 0o077 == 0
    assert "set NUMBA_CACHE_DIR to a folder that this user can write" in caplog.text
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    made.rmdir()


def test_a_process_without_home_loads_the_modem_and_leaves_nothing(tmp_path: Path) -> None:
    script = """
import sys
from semcom.installation import kernel_cache
kernel_cache.folder = lambda: None
import os, semcom.phy.coding.crc
print(os.environ["NUMBA_CACHE_DIR"])
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).parent == tmp_path and not list(tmp_path.iterdir())


def test_where_nothing_can_be_written_kernels_stay_in_memory() -> None:
    script = """
import logging, tempfile
from semcom.installation import kernel_cache
def nowhere(**_): raise FileNotFoundError("no usable temporary directory")
tempfile.mkdtemp, kernel_cache.folder = nowhere, lambda: None
import os, semcom.phy.coding.crc as crc
assert "NUMBA_CACHE_DIR" not in os.environ
print(crc.CRC16.checksum(b"123456789") == 0x31C3)
"""
    environment = {
        name: value for name, value in os.environ.items() if not name.endswith(("CACHE_DIR", "CACHE_DIRECTORY"))
    }
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True" and "compiled kernels cannot be kept" in done.stderr
