"""Packages that the distribution lacks, in a folder that only semcom puts on its path.

Not a ``.pth`` file and not the distribution's own folder: other programs of this computer keep their own versions.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from semcom.installation import advice

_VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
_ROOMS = Path(__file__).resolve().parents[1]


def shared_folder(rooms: Path) -> Path:
    """For all users: inside the installation; for one that dpkg looks after, where the administrator's own things go.

    Packages are compiled for one version of Python, which the folder's path tells.
    """
    if rooms.is_relative_to("/usr/lib/python3"):
        return Path("/usr/local/lib/semcom") / _VERSION
    return rooms / "private_packages"


SHARED = shared_folder(_ROOMS)

PIP_OPTIONS = ("--only-binary=:all:", "--retries=1", "--timeout=30", "--disable-pip-version-check", "--quiet")


class FetchError(Exception):
    """Private packages could not be brought; one sentence says why."""


def personal() -> Path:
    """For a user without rights to the installation."""
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")  # noqa: PTH111 (works without a home)
    return Path(data) / "semcom" / _VERSION


def use() -> None:
    """Put the folders that there are in front of where this semcom lies: behind the script's own folder, before the
    distribution's packages, and behind a virtual environment's.
    """
    above = str(_ROOMS.parent)
    place = sys.path.index(above) if above in sys.path else 0
    for folder in (personal(), SHARED):
        if str(folder) not in sys.path and os.path.isdir(folder):  # noqa: PTH112 (no error where a home is another's)
            sys.path.insert(place, str(folder))


def fetch(requirements: Sequence[str], folder: Path | None = None) -> Path:
    """Bring packages with pip into a private folder: all of it anew, or nothing changes.

    Parameters
    ----------
    requirements : of str
        As pip takes them.
    folder : Path
        Default: the installation's where it can be written, else this user's.

    Returns
    -------
    folder : Path

    Raises
    ------
    FetchError
    """
    exists = next(parent for parent in SHARED.parents if parent.exists())
    folder = folder or (SHARED if os.access(exists, os.W_OK) else personal())
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".semcom-", dir=folder.parent) as work:
            new = Path(work) / "new"
            pip = [*_pip(Path(work)), "install", *PIP_OPTIONS, "--target", str(new)]
            for words in advice.pip_arguments(requirements):
                done = subprocess.run([*pip, *shlex.split(words)], capture_output=True, text=True, check=False)
                if done.returncode != 0:
                    said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["no message"]
                    raise FetchError(f"pip could not bring {' '.join(shlex.split(words))}: {said[-1][:300]}")
            new.chmod(0o755)
            shutil.rmtree(folder, ignore_errors=True)
            new.rename(folder)
    except OSError as error:
        raise FetchError(f"{folder} cannot be written: {error.strerror}") from error
    return folder


def _pip(work: Path) -> list[str]:
    """This Python's pip, or, where the distribution keeps it apart, one of a throw-away environment."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    done = subprocess.run([sys.executable, "-m", "venv", str(work / "pip")], capture_output=True, check=False)
    if done.returncode != 0:
        raise FetchError("no pip here to bring packages: sudo apt install python3-venv")
    return [str(work / "pip" / "bin" / "python"), "-m", "pip"]
