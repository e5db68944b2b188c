"""Memory that stays flat in a process that takes photos of many sizes for weeks.

oneDNN keeps a compiled kernel for every shape it has met, 1024 of them; and glibc gives each thread an arena of its
own, whose free memory no other thread gets. Over a thousand photos of VOC 2012 host tx grew by 9.3 % without this, and
by 0.5 % with it, at the same speed (docs/results/service_load_photos.md).
"""

from __future__ import annotations

import ctypes
import os

KERNELS = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
NUM_KERNELS = 64
ARENAS = "MALLOC_ARENA_MAX"
NUM_ARENAS = 1
_M_ARENA_MAX = -8  # of mallopt, malloc.h


def keep_memory_steady() -> None:
    """Bound both, unless the environment says otherwise; before the first thread starts and before torch loads."""
    os.environ.setdefault(KERNELS, str(NUM_KERNELS))
    if ARENAS not in os.environ:
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # another C library has none
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, NUM_ARENAS)
