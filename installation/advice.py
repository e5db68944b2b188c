"""Which command brings missing packages: apt's where the distribution has them, else pip's in the right place."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Protocol

FETCH = "-m semcom.installation --fetch"
"""Of this Python: brings what the distribution lacks into the private folder."""


TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
"""Unless SEMCOM_TORCH_INDEX names another."""


class Wanted(Protocol):
    """What a package is called and from which version on it works."""

    project: str
    at_least: str
    debian: str


def command_for(packages: Sequence[Wanted]) -> str:
    """One line to type, for the kind of Python that runs.

    A virtual environment and Pythons without apt get pip's; the distribution's Python gets ``sudo apt install``, and
    our own ``--fetch`` for what the distribution does not have, or has only older.
    """
    if sys.prefix != sys.base_prefix or shutil.which("apt-get") is None or not _is_distribution_python():
        return " && ".join(
            f"{sys.executable} -m pip install {words}" for words in pip_arguments(requirements(packages))
        )
    by_apt, private = split(packages)
    names = [package.debian for package in by_apt] + (["python3-venv"] if private and not can_run_pip() else [])
    commands = [f"sudo apt install {' '.join(names)}"] if names else []
    if private:
        commands.append(f"sudo {sys.executable} {FETCH} {' '.join(package.project for package in private)}")
    return " && ".join(commands)


def requirements(packages: Sequence[Wanted]) -> list[str]:
    """As pip takes them."""
    return [f"{package.project}>={package.at_least}" for package in packages]


def pip_arguments(wanted: Sequence[str]) -> list[str]:
    """Arguments of one or two calls of pip: torch from an index of CPU builds, since PyPI's for Linux brings CUDA."""
    torch = [word for word in wanted if word.startswith("torch")]
    rest = [word for word in wanted if word not in torch]
    index = os.environ.get("SEMCOM_TORCH_INDEX", TORCH_INDEX)
    calls = [f"--index-url {shlex.quote(index)} {shlex.join(torch)}"] if torch else []
    return [*calls, shlex.join(rest)] if rest else calls


def split(packages: Sequence[Wanted]) -> tuple[list[Wanted], list[Wanted]]:
    """Those that apt would install new enough, and the others."""
    candidates = apt_candidates([package.debian for package in packages])
    by_apt = [
        package for package in packages if numbers(candidates.get(package.debian, "")) >= numbers(package.at_least)
    ]
    return by_apt, [package for package in packages if package not in by_apt]


def apt_candidates(names: Sequence[str]) -> dict[str, str]:
    """The version that ``apt install`` would bring, by package; packages that apt does not know are left out."""
    if shutil.which("apt-cache") is None:
        return {}
    done = subprocess.run(
        ["apt-cache", "policy", *names], capture_output=True, text=True, check=False, env={"LC_ALL": "C"}, timeout=60
    )
    found, name = {}, ""
    for line in done.stdout.splitlines():
        if not line.startswith(" "):
            name = line.rstrip(":")
        elif line.strip().startswith("Candidate:") and "(none)" not in line:
            found[name] = line.split()[1].rpartition(":")[2]
    return found


def can_run_pip() -> bool:
    """Whether there is a pip, or a way to make a throw-away environment that has one."""
    return bool(find_spec("pip") or find_spec("ensurepip"))


def _is_distribution_python() -> bool:
    return sys.base_prefix == "/usr"


def numbers(text: str) -> tuple[int, ...]:
    """`1.24.2+dfsg` → (1, 24, 2)."""
    return tuple(int(part) for part in re.match(r"[\d.]*", text)[0].split(".") if part)
