"""Where numba keeps compiled kernels, so that compiling is paid once and not in each start.

numba takes NUMBA_CACHE_DIR, else the folder of the source, else the user's cache folder: the third for what root has
installed. A service of systemd has CACHE_DIRECTORY. Where none of them can be written (a service without a home), numba
refuses to load: this module gives it a folder that lasts as long as the process, or none at all, and says so.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

_log = logging.getLogger("semcom")


def ensure() -> None:
    """Called before anything imports numba."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    if os.environ.get("CACHE_DIRECTORY"):
        _use(str(folder()))
    elif folder() is None:
        temporary = _temporary()
        if temporary is None:
            _keep_nothing()
        else:
            atexit.register(shutil.rmtree, temporary, ignore_errors=True)
            _use(temporary)
        _log.warning(
            "compiled kernels cannot be kept, each start takes some ten seconds more: set NUMBA_CACHE_DIR to a folder "
            "that this user can write"
        )


def _use(place: str) -> None:
    os.environ["NUMBA_CACHE_DIR"] = place
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = place


def _temporary() -> str | None:
    """A folder for this process, readable by its user alone, since numba unpickles what lies there; or None."""
    for above in (None, "/dev/shm"):
        with contextlib.suppress(OSError):
            return tempfile.mkdtemp(prefix="semcom-kernels-", dir=above)
    return None


def _keep_nothing() -> None:
    """Kernels stay in memory: there is no place to write, and numba has no setting for that."""
    from numba.core.dispatcher import Dispatcher

    Dispatcher.enable_caching = lambda self: None


def folder() -> Path | None:
    """Where compiled kernels are kept (beside the sources: the folder of the rooms); None where there is no place."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return Path(os.environ["NUMBA_CACHE_DIR"])
    if os.environ.get("CACHE_DIRECTORY"):
        return Path(os.environ["CACHE_DIRECTORY"].split(":")[0]) / "numba"
    rooms = Path(__file__).resolve().parents[1]
    if all(os.access(rooms / room, os.W_OK) for room in ("phy", "semantic")):
        return rooms
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 (works without a home)
    place = Path(cache) / "numba"
    existing = next(parent for parent in (place, *place.parents) if parent.exists())
    return place if existing.is_dir() and os.access(existing, os.W_OK) else None
