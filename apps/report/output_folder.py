"""The folder of results of one photo: written aside, then moved into place whole; nothing is left half-written."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.apps.report import drawings
from semcom.semantic import Reconstruction, SemanticPacket
from semcom.semantic.layers import Objects
from semcom.semantic.reconstruct import provenance


class OutputError(Exception):
    """Results cannot be written where they should go. The message names the place and why."""


RESULT_NAMES = (
    "packet.sem", "caption.txt", "objects.json", "class_map.png", "detail_map.png", "sub_images", "drawing.png",
    "reconstruction.png", "provenance.png", "report.html",
)  # fmt: skip
"""All that a results folder may hold of ours."""


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
        for name in RESULT_NAMES:
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

    ``packet.sem``, ``caption.txt``, ``objects.json``, ``class_map.png``, ``detail_map.png``, ``sub_images/``,
    ``drawing.png``, ``reconstruction.png``, ``provenance.png``; what did not arrive is not written.
    """
    (folder / "packet.sem").write_bytes(packet.to_bytes())
    if reconstruction.caption is not None:
        (folder / "caption.txt").write_text(reconstruction.caption.text + "\n", encoding="utf-8")
    if reconstruction.objects is not None:
        text = json.dumps(objects_as_list(reconstruction.objects), indent=2)
        (folder / "objects.json").write_text(text + "\n", encoding="utf-8")
    if reconstruction.class_map is not None:
        save_png(folder / "class_map.png", drawings.class_map_picture(reconstruction.class_map))
    if reconstruction.detail_map is not None:
        save_png(folder / "detail_map.png", drawings.detail_map_picture(reconstruction.detail_map))
    if reconstruction.sub_images:
        (folder / "sub_images").mkdir()
        for number, sub_image in enumerate(reconstruction.sub_images, start=1):
            name = f"{number:02d}_{sub_image.subject.replace(' ', '_')}.png"
            save_png(folder / "sub_images" / name, sub_image.pixels)
    if reconstruction.picture is not None:
        save_png(folder / "drawing.png", reconstruction.drawing)
        save_png(folder / "reconstruction.png", reconstruction.picture)
        save_png(folder / "provenance.png", provenance.colour(reconstruction.provenance))


def objects_as_list(objects: Objects) -> list[dict]:
    """Objects for JSON: `id`, `category`, `category_id`, `box` (x0, y0, x1, y1 in pixels) and `score`."""
    return [
        {
            "id": item.object_id,
            "category": objects.vocabulary[item.category].name,
            "category_id": item.category,
            "box": list(item.box),
            "score": round(item.score, 3),
        }
        for item in objects.items
    ]


def save_png(path: Path, picture: np.ndarray) -> None:
    Image.fromarray(picture).save(path, compress_level=4)
