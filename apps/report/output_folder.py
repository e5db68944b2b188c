"""The files of one photo's results: which there are, and where they may go."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.apps.report.page_parts import webp
from semcom.apps.report.result_folder import OutputError, write_bytes, write_folder
from semcom.semantic import Reconstruction, SemanticPacket
from semcom.semantic.layers import showing
from semcom.semantic.reconstruct import provenance

_OWN_NAMES = (
    "packet.sem", "packet.request.json", "drawing.png", "reconstruction.png", "provenance.png", "thumbnail.webp",
    "report.html", "result.json",
)  # fmt: skip
THUMBNAIL, THUMBNAIL_SIDE = "thumbnail.webp", 320


def result_names() -> tuple[str, ...]:
    """All that a results folder may hold of ours, the files of every kind of layer included."""
    return (*_OWN_NAMES, *showing.file_names())


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
    """Make the results folder of one photo whole: see `result_folder.write_folder`.

    In a folder that exists, results of an earlier run are replaced, the ones not made again removed; files of other
    names stay.
    """
    write_folder(target, fill, result_names(), keep_others=True)


def write_reconstruction(folder: Path, packet: SemanticPacket, reconstruction: Reconstruction) -> None:
    """All that a receiver shows of one picture.

    ``packet.sem``, the files of each kind of layer (``caption.txt``, ``objects.json``, ``class_map.png``,
    ``detail_map.png``, ``sub_images/``, ...), ``drawing.png``, ``reconstruction.png``, ``provenance.png``,
    ``thumbnail.webp``; what did not arrive is not written.
    """
    write_bytes(folder / "packet.sem", packet.to_bytes())
    for path, data in showing.files(reconstruction.layers).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_bytes(folder / path, data)
    if reconstruction.picture is not None:
        save_png(folder / "drawing.png", reconstruction.drawing)
        save_png(folder / "reconstruction.png", reconstruction.picture)
        save_png(folder / "provenance.png", provenance.colour(reconstruction.provenance))
        write_bytes(folder / THUMBNAIL, webp(reconstruction.picture, THUMBNAIL_SIDE))


def save_png(path: Path, picture: np.ndarray) -> None:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=4)
    write_bytes(path, buffer.getvalue())


def write_text(path: Path, text: str) -> None:
    """A new file of a results folder."""
    write_bytes(path, text.encode("utf-8"))
