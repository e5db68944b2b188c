"""Picture files, as they are typed in one line of GNU Radio Companion."""

from __future__ import annotations

import contextlib
import glob
from pathlib import Path

from semcom.semantic.picture_file.formats import SUFFIXES

MAX_PICTURES = 10_000


def picture_paths(text: str) -> tuple[list[Path], list[str]]:
    """Files that a text names, in order, and what is wrong with the rest of it, a sentence each.

    Parameters
    ----------
    text : str
        Files, folders (the pictures in them, by name) and patterns such as ``photos/*.jpg``, between semicolons or on
        lines of their own. A file whose name has a semicolon or a star is taken as it is where it stands alone.
    """
    paths: list[Path] = []
    problems: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        names = [line] if Path(line).exists() else list(filter(None, map(str.strip, line.split(";"))))
        for name in names:
            found, problem = _named(name)
            paths += found
            problems += [problem] if problem else []
    if len(paths) > MAX_PICTURES:
        problems.append(f"pictures must be at most {MAX_PICTURES}, got {len(paths)}: the rest is not sent")
    return paths[:MAX_PICTURES], problems


def _named(name: str) -> tuple[list[Path], str]:
    path = Path(name).expanduser()
    if path.is_file():
        return [path], ""
    if path.is_dir():
        found = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in SUFFIXES and entry.is_file())
        return found, "" if found else f"picture folder {name}: must hold pictures, there are none"
    if glob.has_magic(name):
        found = []
        with contextlib.suppress(ValueError, OSError):  # a pattern that is none matches nothing
            pattern = str(path.relative_to(path.anchor) if path.anchor else path)
            found = sorted(entry for entry in Path(path.anchor or ".").glob(pattern) if entry.is_file())
        return found, "" if found else f"picture files {name}: must match a file, there is none"
    return [], f"picture file {name}: must be there, there is none"
