"""Files and folders of results appear whole or not at all, also where two processes write the same one at once.

```
fill ─► .semcom-XXXX/ aside ─ lock of the parent ─► one exchange of the two folders     all in it is ours
                                              └───► file by file, undone on failure     other files are in it
```

A folder that vanishes while it is written to is made again. Whatever fails, the old result stays as it was.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

PARTIAL_PREFIX = ".semcom-"
_TRIES = 3
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


class OutputError(Exception):
    """Results cannot be written where they should go. The message names the place and why."""


def write_folder(
    target: Path, fill: Callable[[Path], None], ours: tuple[str, ...] = (), keep_others: bool = False
) -> None:
    """Make a results folder whole: filled aside, then put in its place.

    Parameters
    ----------
    target : Path
        Made with the folders above it where it is not there. Permissions are those of the folder it replaces, else
        what the umask leaves.
    fill : callable
        Writes the files into the folder it is given; called again where that vanished meanwhile.
    ours : tuple of str
        Names that may be ours in a folder that is there already.
    keep_others : bool
        Files of other names stay; without it they go with the old result.

    Raises
    ------
    OSError
        Named after ``target``. Nothing has changed and nothing half-written is left.
    """
    try:
        for last in (False,) * (_TRIES - 1) + (True,):
            with _folder_aside(target) as aside:
                try:
                    fill(aside)
                    with _locked(target.parent):
                        _put_in_place(aside, target, ours, keep_others)
                    return
                except FileNotFoundError:
                    if last or aside.exists():
                        raise
    except OSError as error:
        raise named_after(target, error) from error


def write_file_whole(target: Path, data: bytes, durable: bool = False) -> None:
    """A file appears under its name only when all of it is there.

    Parameters
    ----------
    target : Path
    data : bytes
    durable : bool
        It is there after a power cut, too: file and folder are on the disk before this returns.

    Raises
    ------
    OSError
        Named after ``target``, which is as it was before.
    """
    try:
        for last in (False,) * (_TRIES - 1) + (True,):
            target.parent.mkdir(parents=True, exist_ok=True)
            aside = target.parent / f"{PARTIAL_PREFIX}{secrets.token_hex(8)}"
            try:
                write_bytes(aside, data, durable)
                aside.replace(target)
                if durable:
                    sync_folder(target.parent)
                return
            except FileNotFoundError:
                if last:
                    raise
            except BaseException:
                with contextlib.suppress(OSError):
                    aside.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise named_after(target, error) from error


def write_bytes(path: Path, data: bytes, durable: bool = False) -> None:
    """A new file with these bytes, of the permissions that the umask leaves; raises `OSError` where one is there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Names in a folder are on the disk when this returns [fsync(2)]."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file_system(folder: Path) -> None:
    """Everything written so far to the file system of a folder is on the disk when this returns [syncfs(2)].

    One call for many small files: an ``fsync`` for each costs milliseconds each.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(descriptor)


def remove_folder(target: Path) -> None:
    """Remove a results folder, where it is there; whatever interrupts that, nobody sees a part of it."""
    aside = target.with_name(f"{PARTIAL_PREFIX}{secrets.token_hex(8)}")
    with contextlib.suppress(OSError):
        target.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def remove_remains(folder: Path) -> None:
    """Remove what processes that were killed left half-written in a folder; what one still writes to stays."""
    for left in folder.glob(f"{PARTIAL_PREFIX}*"):
        if not left.is_dir():
            left.unlink(missing_ok=True)
            continue
        with contextlib.suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(descriptor)


def named_after(target: Path, error: OSError) -> OSError:
    """The same error with the place that a person knows, instead of a file aside or none."""
    return OSError(error.errno, error.strerror or str(error), str(target))


@contextlib.contextmanager
def _folder_aside(target: Path) -> Iterator[Path]:
    """A new folder on the same file system as ``target``, locked as long as this process writes to it."""
    above = target.parent
    above.mkdir(parents=True, exist_ok=True)
    inside = target.is_dir() and (os.path.ismount(target) or not os.access(above, os.W_OK))
    aside = (target if inside else above) / f"{PARTIAL_PREFIX}{secrets.token_hex(8)}"
    aside.mkdir()
    descriptor = None
    try:
        with contextlib.suppress(OSError):  # without the lock, `remove_remains` could take it for a remain
            descriptor = os.open(aside, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time; where the file system has no locks, none (a collision then is an error, no mixture)."""
    descriptor = None
    try:
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _put_in_place(aside: Path, target: Path, ours: tuple[str, ...], keep_others: bool) -> None:
    if not target.exists() and not target.is_symlink():
        aside.rename(target)
        return
    if not target.is_dir():
        raise NotADirectoryError(20, "must be a folder, is a file", str(target))
    there = {entry.name for entry in target.iterdir()} - {aside.name}
    replaced = there & set(ours) if keep_others else there
    if replaced != there or target.is_symlink() or target.samefile(Path.cwd()) or aside.parent == target:
        _move_in(aside, target, replaced)
        return
    shutil.copymode(target, aside)
    _exchange(aside, target)  # what was there is aside now, and is removed with it


def _exchange(one: Path, other: Path) -> None:
    """Two folders change names in one step, ``renameat2(2)``; in two steps where the file system cannot do that."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename and rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return
    third = one.with_name(f"{PARTIAL_PREFIX}{secrets.token_hex(8)}")
    other.rename(third)
    try:
        one.rename(other)
    except BaseException:
        third.rename(other)
        raise
    third.rename(one)


def _move_in(aside: Path, target: Path, replaced: set[str]) -> None:
    """Replace files of a folder that itself stays; where one fails, those moved before it go back."""
    made = {entry.name for entry in aside.iterdir()}
    old = aside / f"{PARTIAL_PREFIX}old"
    old.mkdir()
    steps: list[tuple[Path, Path]] = []

    def move(source: Path, to: Path) -> None:
        source.rename(to)
        steps.append((source, to))

    try:
        for name in sorted(made | replaced):
            if name in replaced:
                move(target / name, old / name)
            if name in made:
                move(aside / name, target / name)
    except BaseException:
        for source, to in reversed(steps):
            to.rename(source)
        raise
