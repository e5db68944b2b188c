"""Libraries for ``LD_PRELOAD``, built from a C file beside this one: how a process is started so that it has one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def is_possible() -> bool:
    """Whether there is a C compiler."""
    return shutil.which("cc") is not None


def start_with(source: str, folder: Path, **environment: str) -> tuple[str, ...]:
    """Build a library in a folder; the program to start a process with, so that it has that and these settings.

    Raises
    ------
    subprocess.CalledProcessError
        It cannot be built.
    """
    library = folder / f"{source}.so"
    code = Path(__file__).with_name(f"{source}.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(code), "-ldl"], check=True)
    return ("env", f"LD_PRELOAD={library}", *(f"{name}={value}" for name, value in environment.items()))
