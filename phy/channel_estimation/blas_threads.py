"""Restriction of OpenBLAS to one thread, for linear algebra on small matrices.

OpenBLAS, which numpy and scipy bring along, shares out even small products to threads that wait for each other in a
busy loop. Beside other busy threads, as in a flowgraph, that makes them a hundred times slower than one thread.
"""

import ctypes
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

_MAPS = Path("/proc/self/maps")
_NAMES = [f"{first}openblas_{{}}_num_threads{last}" for first in ("", "scipy_") for last in ("", "64_", "_64", "64")]
_lock = threading.Lock()
_users = 0
_before: list[int] = []


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Within it OpenBLAS uses one thread, in the whole process; without OpenBLAS, or beyond Linux, nothing changes."""
    global _users, _before
    with _lock:
        if _users == 0:
            _before = [get() for get, _ in _libraries()]
            for _, set_to in _libraries():
                set_to(1)
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                for (_, set_to), count in zip(_libraries(), _before, strict=True):
                    set_to(count)


@lru_cache(maxsize=1)
def _libraries() -> list[tuple[Callable, Callable]]:
    """Functions that get and set the number of threads, for each OpenBLAS loaded."""
    if not _MAPS.exists():
        return []
    paths = sorted(set(re.findall(r"/\S*openblas\S*\.so\S*", _MAPS.read_text(encoding="utf-8", errors="replace"))))
    found = []
    for path in paths:
        try:
            library = ctypes.CDLL(path)
        except OSError:  # replaced on disk since it was loaded
            continue
        for name in _NAMES:
            if hasattr(library, name.format("set")) and hasattr(library, name.format("get")):
                get, set_to = getattr(library, name.format("get")), getattr(library, name.format("set"))
                get.restype, set_to.argtypes, set_to.restype = ctypes.c_int, [ctypes.c_int], None
                found.append((get, set_to))
                break
    return found
