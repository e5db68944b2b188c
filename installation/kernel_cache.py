"""Where numba keeps compiled kernels, so that compiling is paid once and not in each start.

numba takes NUMBA_CACHE_DIR, else the folder of the source, else the user's cache folder: the third for what root has
installed. Where none of them can be written (a service without a home), numba refuses to load: this module gives it a
folder that lasts as long as the process, and says so.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

_log = logging.getLogger("semcom")


def ensure() -> None:
    """Called before anything imports numba."""
    if os.environ.get("NUMBA_CACHE_DIR") or folder() is not None:
        return
    temporary = tempfile.mkdtemp(
        prefix="semcom-kernels-"
    )  # readable by this user alone: numba unpickles what lies there
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = temporary
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = temporary
    _log.warning(
        "compiled kernels cannot be kept, each start takes some ten seconds more: set NUMBA_CACHE_DIR to a folder that "
        "this user can write"
    )


def folder() -> Path | None:
    """Where compiled kernels are kept (beside the sources: the folder of the rooms); None where there is no place."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return Path(os.environ["NUMBA_CACHE_DIR"])
    rooms = Path(__file__).resolve().parents[1]
    if all(os.access(rooms / room, os.W_OK) for room in ("phy", "semantic")):
        return rooms
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 (works without a home)
    place = Path(cache) / "numba"
    existing = next(parent for parent in (place, *place.parents) if parent.exists())
    return place if existing.is_dir() and os.access(existing, os.W_OK) else None
