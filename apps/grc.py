"""GNU Radio Companion, opened so that it finds our blocks, however the project was installed."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

import semcom.flowgraphs
from semcom.flowgraphs.errors import FlowgraphError, MissingGnuRadioError

COMPANION = "gnuradio-companion"
_KNOWN_BLOCK = "semcom_burst_modulator.block.yml"
_INSTALLED = Path("share/gnuradio/grc/blocks")


def flowgraph_files() -> dict[str, Path]:
    """Our flowgraphs by name."""
    return {path.stem: path for path in sorted(_package().glob("*.grc"))}


def blocks_folder() -> Path:
    """Where the .block.yml files are: in a checkout, below the prefix of `pip` or of `cmake --install`.

    Raises
    ------
    FlowgraphError
    """
    prefixes = [Path(prefix) for prefix in (sys.prefix, site.getuserbase())]
    candidates = [parent / "grc" for parent in _package().resolve().parents[:1]]
    candidates += [parent / _INSTALLED for parent in (*_package().resolve().parents, *prefixes)]
    for folder in candidates:
        if (folder / _KNOWN_BLOCK).is_file():
            return folder
    raise FlowgraphError(f"GRC block files must lie below one of {', '.join(map(str, prefixes))}, found none")


def find_flowgraph(file: str) -> Path:
    """A .grc file by path, or one of ours by name.

    Raises
    ------
    FlowgraphError
    """
    ours = flowgraph_files()
    if file in ours:
        return ours[file]
    path = Path(file)
    if path.suffix != ".grc" or not path.is_file():
        raise FlowgraphError(f"flowgraph must be a .grc file or one of {', '.join(ours)}, got {file!r}")
    return path


def environment() -> dict[str, str]:
    """Of the process: GNU Radio Companion then finds our blocks, and what it starts finds `semcom`."""
    above = _package().parent
    imports = [str(above.parent)] if above.name == "semcom" else []  # else an editable install, which finds itself
    return {
        **os.environ,
        "GRC_BLOCKS_PATH": _joined([str(blocks_folder()), os.environ.get("GRC_BLOCKS_PATH", "")]),
        "PYTHONPATH": _joined([*imports, os.environ.get("PYTHONPATH", "")]),
    }


def open_companion(file: str | None = None) -> int:
    """Open GNU Radio Companion and wait until it is closed.

    It runs in this Python, not in the one it was installed with: the flowgraphs it starts then see this environment.

    Returns
    -------
    status : int
        Its exit status.

    Raises
    ------
    FlowgraphError, MissingGnuRadioError
    """
    program = shutil.which(COMPANION)
    if program is None:
        raise MissingGnuRadioError(
            f"{COMPANION} cannot be found: install GNU Radio 3.10 (Debian, Ubuntu: apt-get install gnuradio)"
        )
    _require_gtk()
    files = [str(find_flowgraph(file))] if file is not None else []
    return subprocess.run([sys.executable, program, *files], env=environment(), check=False).returncode


def _require_gtk() -> None:
    try:
        import gi

        gi.require_version("Gtk", "3.0")
        gi.require_foreign("cairo")
    except (ImportError, ValueError) as error:
        raise MissingGnuRadioError(
            f"the window of {COMPANION} needs GTK 3 for Python: install it (Debian, Ubuntu: apt-get install "
            f"gir1.2-gtk-3.0 python3-gi-cairo) and make the environment with --system-site-packages ({error})"
        ) from error


def _package() -> Path:
    return Path(semcom.flowgraphs.__file__).parent


def _joined(paths: list[str]) -> str:
    return os.pathsep.join(filter(None, paths))
