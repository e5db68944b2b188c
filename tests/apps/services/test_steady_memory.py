"""What libraries keep is bounded in every service: one arena for all threads, and a limited number of kernels."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from semcom.apps.services.steady_memory import ARENAS, KERNELS, NUM_KERNELS
from semcom.link.transports.key_files import make_acquainted

THREADS = """
import ctypes, os, sys, threading
from pathlib import Path
from semcom.apps.services.service_log import LogFormat, LogLevel

folder = Path(sys.argv[1])
if sys.argv[2] == "service":
    from semcom.apps.commands.services.opening import open_service
    open_service("host-tx", folder / "keys" / "tx", folder / "state", 0, LogLevel.ERROR, LogFormat.TEXT)

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
libc.fopen.restype, libc.fclose.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
all_there = threading.Barrier(4)

def allocate():
    memory = libc.malloc(100)
    all_there.wait()
    libc.free(memory)

threads = [threading.Thread(target=allocate) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
told = folder / "heaps.xml"
file = libc.fopen(str(told).encode(), b"w")
libc.malloc_info(0, file)
libc.fclose(file)
print(told.read_text().count("<heap nr="), os.environ.get(sys.argv[3], "none"))
"""


def arenas_and_kernels(folder: Path, kind: str, **environment: str) -> tuple[int, str]:
    """Of a process with four threads that allocate at the same time."""
    settings = {name: value for name, value in os.environ.items() if name not in {ARENAS, KERNELS}} | environment
    command = [sys.executable, "-c", THREADS, str(folder), kind, KERNELS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=settings, check=True)
    arenas, kernels = done.stdout.split()
    return int(arenas), kernels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_acquainted(tmp_path / "keys", ["tx", "radio"])
    return tmp_path


def test_all_threads_of_a_service_share_one_arena_and_kernels_are_limited(folder: Path) -> None:
    arenas, kernels = arenas_and_kernels(folder, "plain")
    assert arenas > 1 and kernels == "none"  # as it is without: otherwise the next line shows nothing
    assert arenas_and_kernels(folder, "service") == (1, str(NUM_KERNELS))


def test_what_the_environment_says_stays(folder: Path) -> None:
    arenas, kernels = arenas_and_kernels(folder, "service", **{ARENAS: "3", KERNELS: "7"})
    assert arenas == 3 and kernels == "7"
