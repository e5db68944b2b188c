"""Folders of results: whole or not at all; two processes at once, a full disk, a folder that vanishes."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from semcom.apps.report import result_folder
from semcom.apps.report.result_folder import remove_folder, remove_remains, write_bytes, write_file_whole, write_folder

OURS = ("a.txt", "b.txt", "images", "gone.txt")


def filled(words: str) -> Callable[[Path], None]:
    """Fills a folder with four files of the same words, one of them in a folder below."""

    def fill(folder: Path) -> None:
        (folder / "images").mkdir()
        for name in ("a.txt", "b.txt", "images/1.txt", "images/2.txt"):
            write_bytes(folder / name, words.encode() * 100)

    return fill


def content(folder: Path) -> dict[str, str]:
    """Every file below a folder; by its name, what words it repeats."""
    return {str(path.relative_to(folder)): path.read_text()[:3] for path in sorted(folder.rglob("*")) if path.is_file()}


def all_of(words: str, **others: str) -> dict[str, str]:
    return {"a.txt": words, "b.txt": words, "images/1.txt": words, "images/2.txt": words, **others}


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    write_folder(tmp_path / "x" / "y" / "target", filled("new"))
    assert content(tmp_path) == {f"x/y/target/{name}": "new" for name in all_of("new")}
    assert [path.name for path in (tmp_path / "x" / "y").iterdir()] == ["target"]


@pytest.mark.parametrize("exchange_works", [True, False], ids=["renameat2", "two renames"])
def test_an_old_result_is_replaced_as_a_whole(tmp_path: Path, monkeypatch, exchange_works: bool) -> None:
    if not exchange_works:
        monkeypatch.setattr(result_folder.ctypes, "CDLL", lambda *arguments, **options: object())
    target = tmp_path / "target"
    write_folder(target, filled("old"), OURS)
    (target / "gone.txt").write_text("old")
    write_folder(target, filled("new"), OURS, keep_others=True)
    assert content(tmp_path) == {f"target/{name}": "new" for name in all_of("new")}


def test_files_of_other_names_stay_where_that_is_wanted_and_go_where_it_is_not(tmp_path: Path) -> None:
    target = tmp_path / "target"
    write_folder(target, filled("old"), OURS)
    (target / "gone.txt").write_text("old")
    (target / "mine.txt").write_text("my own")
    inode = target.stat().st_ino
    write_folder(target, filled("new"), OURS, keep_others=True)
    assert content(target) == all_of("new", **{"mine.txt": "my "}) and target.stat().st_ino == inode
    write_folder(target, filled("end"), OURS)
    assert content(tmp_path) == {f"target/{name}": "end" for name in all_of("end")}


def test_the_folder_one_stands_in_stays_the_same(tmp_path: Path, monkeypatch) -> None:
    write_folder(tmp_path / "here", filled("old"), OURS)
    monkeypatch.chdir(tmp_path / "here")
    write_folder(Path(), filled("new"), OURS, keep_others=True)
    assert content(Path()) == all_of("new")


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write_folder(tmp_path / "link", filled("new"), OURS)
    assert (tmp_path / "link").is_symlink() and content(tmp_path / "real") == all_of("new")


@pytest.mark.parametrize(
    ("umask", "folder_mode", "file_mode"),
    [(0o022, 0o755, 0o644), (0o027, 0o750, 0o640), (0o002, 0o775, 0o664), (0o077, 0o700, 0o600)],
)
def test_permissions_are_what_the_umask_leaves(tmp_path: Path, umask: int, folder_mode: int, file_mode: int) -> None:
    before = os.umask(umask)
    try:
        write_folder(tmp_path / "target", filled("new"))
        write_file_whole(tmp_path / "file", b"new")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("target", "target/a.txt", "file")]
    assert modes == [folder_mode, file_mode, file_mode]


def test_permissions_that_a_folder_was_given_stay(tmp_path: Path) -> None:
    write_folder(tmp_path / "target", filled("old"), OURS)
    (tmp_path / "target").chmod(0o700)
    write_folder(tmp_path / "target", filled("new"), OURS)
    assert stat.S_IMODE((tmp_path / "target").stat().st_mode) == 0o700


def disk_full_at(monkeypatch: pytest.MonkeyPatch, number: int) -> list[int]:
    """`os.write` has no room from its call of this number on; returns the list of calls."""
    calls: list[int] = []
    write = os.write

    def full(descriptor: int, data: memoryview) -> int:
        calls.append(len(data))
        if len(calls) >= number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data[: max(1, len(data) // 2)])  # short writes, too

    monkeypatch.setattr(result_folder.os, "write", full)
    return calls


@pytest.mark.parametrize("mine", [{}, {"mine.txt": "my "}], ids=["ours alone", "with other files"])
def test_a_disk_that_is_full_at_any_write_leaves_the_old_result(tmp_path: Path, mine: dict[str, str]) -> None:
    target = tmp_path / "target"
    write_folder(target, filled("old"), OURS)
    for name, words in mine.items():
        (target / name).write_text(words)
    number, done = 0, False
    while not done:
        number += 1
        with pytest.MonkeyPatch.context() as patch:
            disk_full_at(patch, number)
            try:
                write_folder(target, filled("new"), OURS, keep_others=True)
                done = True
            except OSError as error:
                assert (error.errno, error.strerror, error.filename) == (28, "No space left on device", str(target))
                assert content(tmp_path) == {f"target/{name}": told for name, told in all_of("old", **mine).items()}
    assert number > 20 and content(target) == all_of("new", **mine)


def test_a_disk_that_is_full_at_any_write_leaves_the_old_file(tmp_path: Path) -> None:
    write_file_whole(tmp_path / "file", b"old")
    for number in range(1, 20):
        with pytest.MonkeyPatch.context() as patch:
            disk_full_at(patch, number)
            try:
                write_file_whole(tmp_path / "file", b"new" * 100)
                break
            except OSError as error:
                assert error.filename == str(tmp_path / "file")
                assert content(tmp_path) == {"file": "old"}
    assert number > 3 and content(tmp_path) == {"file": "new"}


@pytest.mark.parametrize("number", range(1, 20))
def test_a_rename_that_fails_is_undone(tmp_path: Path, monkeypatch, number: int) -> None:
    """Where files are moved one by one, those moved before the failure go back."""
    target = tmp_path / "target"
    write_folder(target, filled("old"), OURS)
    (target / "mine.txt").write_text("my own")
    rename, calls = Path.rename, []

    def failing(self: Path, to: Path) -> Path:
        calls.append(to)
        if len(calls) == number:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", failing)
    try:
        write_folder(target, filled("new"), OURS, keep_others=True)
        words = "new"
    except OSError:
        words = "old"
    assert words == ("old" if number <= 6 else "new")
    assert content(tmp_path) == {f"target/{name}": told for name, told in all_of(words, **{"mine.txt": "my "}).items()}


def test_a_real_limit_of_the_system_leaves_the_old_result(tmp_path: Path) -> None:
    """RLIMIT_FSIZE in a process of its own: the kernel itself cuts the write short."""
    write_folder(tmp_path / "target", filled("old"), OURS)
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (150, 150))
        try:
            write_folder(tmp_path / "target", filled("new"), OURS)
        except OSError as error:
            os._exit(7 if error.filename == str(tmp_path / "target") else 8)
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert content(tmp_path) == {f"target/{name}": "old" for name in all_of("old")}


def test_an_interruption_leaves_the_old_result(tmp_path: Path) -> None:
    write_folder(tmp_path / "target", filled("old"), OURS)

    def interrupted(folder: Path) -> None:
        write_bytes(folder / "a.txt", b"new")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "target", interrupted, OURS)
    assert content(tmp_path) == {f"target/{name}": "old" for name in all_of("old")}


def test_a_place_that_vanishes_meanwhile_is_made_again(tmp_path: Path) -> None:
    turns = []

    def fill(folder: Path) -> None:
        turns.append(folder)
        if len(turns) == 1:
            shutil.rmtree(tmp_path / "out")
        filled("new")(folder)

    write_folder(tmp_path / "out" / "target", fill)
    assert len(turns) == 2 and content(tmp_path) == {f"out/target/{name}": "new" for name in all_of("new")}


def test_a_place_that_always_vanishes_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_folder(tmp_path / "out" / "target", lambda folder: (shutil.rmtree(tmp_path / "out"), filled("x")(folder)))
    assert caught.value.filename == str(tmp_path / "out" / "target")


def test_a_file_in_the_place_of_the_folder_is_an_error_and_stays(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("my own")
    with pytest.raises(NotADirectoryError, match="must be a folder, is a file"):
        write_folder(tmp_path / "target", filled("new"))
    assert content(tmp_path) == {"target": "my "}


def test_remains_go_unless_somebody_still_writes_to_them(tmp_path: Path) -> None:
    (tmp_path / ".semcom-dead").mkdir()
    (tmp_path / ".semcom-dead" / "half.png").write_text("half")
    (tmp_path / ".semcom-file").write_text("half")

    def fill(folder: Path) -> None:
        remove_remains(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [folder.name]
        filled("new")(folder)

    write_folder(tmp_path / "target", fill)
    assert content(tmp_path / "target") == all_of("new")


WRITER = """
import sys
from pathlib import Path
from semcom.apps.report.result_folder import write_bytes, write_file_whole, write_folder
words, folder, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
def fill(aside):
    (aside / "images").mkdir()
    for name in ("a.txt", "b.txt", "images/1.txt", "images/2.txt"):
        write_bytes(aside / name, words.encode() * 100)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(rounds):
    write_folder(folder, fill, ("a.txt", "b.txt", "images"), keep_others=True)
    write_file_whole(folder.parent / "report.json", words.encode() * 1000)
"""


@pytest.mark.parametrize("with_others", [False, True], ids=["exchanged", "file by file"])
def test_two_processes_that_write_one_folder_leave_the_whole_of_one(tmp_path: Path, with_others: bool) -> None:
    target = tmp_path / "target"
    mine = {"mine.txt": "my "} if with_others else {}
    target.mkdir()
    for name, words in mine.items():
        (target / name).write_text(words)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", WRITER]
    writers = [
        subprocess.Popen(
            [*command, words, str(target), "150"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for words in ("one", "two")
    ]
    for writer in writers:
        assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, said = writer.communicate(timeout=120)
        assert writer.returncode == 0, said
    words = (target / "a.txt").read_text()[:3]
    assert content(target) == all_of(words, **mine) and words in ("one", "two")
    assert set((tmp_path / "report.json").read_text()[start : start + 3] for start in range(0, 3000, 3)) < {
        "one",
        "two",
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.json", "target"]


def test_a_folder_goes_as_a_whole_however_its_removal_ends(tmp_path: Path, monkeypatch) -> None:
    target = tmp_path / "result"
    target.mkdir()
    (target / "a.txt").write_text("a")
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", lambda path, ignore_errors=False: (path / "a.txt").unlink())  # killed then
        remove_folder(target)
    assert not target.exists() and len(list(tmp_path.iterdir())) == 1
    remove_remains(tmp_path)
    assert not list(tmp_path.iterdir())
    remove_folder(target)  # it is gone already
