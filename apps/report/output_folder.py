"""The folder of results of one photo: written aside, then moved into place whole; nothing is left half-written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic import Reconstruction, SemanticPacket
from semcom.semantic.layers import showing
from semcom.semantic.reconstruct import provenance


class OutputError(Exception):
    """Results cannot be written where they should go. The message names the place and why."""


_OWN_NAMES = ("packet.sem", "drawing.png", "reconstruction.png", "provenance.png", "report.html")


def result_names() -> tuple[str, ...]:
    """All that a results folder may hold of ours, the files of every kind of layer included."""
    return (*_OWN_NAMES, *showing.file_names())


PARTIAL_PREFIX = ".semcom-"


def check_target(target: Path, is_folder: bool) -> None:
    """Refuse a place that cannot take results, before any work is done for it.

    Raises
    ------
    OutputError
        It is a file where a folder is needed, or the other way round, or its folder cannot be written.
    """
    if target.exists() and target.is_dir() != is_folder:
        needed, found = ("folder", "file") if is_folder else ("file", "folder")
        raise OutputError(f"{target}: must be a {needed}, is a {found}")
    above = target
    while not above.exists():
        above = above.parent
    place = above if above.is_dir() else above.parent
    if above != target and not above.is_dir():
        raise OutputError(f"{target}: cannot be made, {above} is a file")
    if not os.access(place, os.W_OK | os.X_OK):
        raise OutputError(f"{target}: cannot be written, {place} does not allow it")


def write_whole(target: Path, fill: Callable[[Path], None]) -> None:
    """Make a results folder by filling one beside it and moving the finished files in.

    In a folder that exists, results of an earlier run are replaced, the ones not made again removed; files of other
    names stay. If `fill` raises, the target is as it was before.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=PARTIAL_PREFIX, dir=target.parent))
    try:
        fill(aside)
        aside.chmod(0o755)
        if not target.exists():
            aside.rename(target)
            return
        for name in result_names():
            old, made = target / name, aside / name
            if old.is_dir() and not old.is_symlink():
                shutil.rmtree(old)
            elif not made.exists():
                old.unlink(missing_ok=True)
            if made.exists():
                made.replace(old)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def write_file_whole(target: Path, data: bytes) -> None:
    """A file appears under its name only when all of it is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=PARTIAL_PREFIX, dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_reconstruction(folder: Path, packet: SemanticPacket, reconstruction: Reconstruction) -> None:
    """All that a receiver shows of one picture.

    ``packet.sem``, the files of each kind of layer (``caption.txt``, ``objects.json``, ``class_map.png``,
    ``detail_map.png``, ``sub_images/`` ...), ``drawing.png``, ``reconstruction.png``, ``provenance.png``; what did not
    arrive is not written.
    """
    (folder / "packet.sem").write_bytes(packet.to_bytes())
    for path, data in showing.files(packet.layers).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    if reconstruction.picture is not None:
        save_png(folder / "drawing.png", reconstruction.drawing)
        save_png(folder / "reconstruction.png", reconstruction.picture)
        save_png(folder / "provenance.png", provenance.colour(reconstruction.provenance))


def save_png(path: Path, picture: np.ndarray) -> None:
    Image.fromarray(picture).save(path, compress_level=4)
