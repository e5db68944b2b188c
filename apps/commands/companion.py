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

COMPANION, COMPILER = "gnuradio-companion", "grcc"
_KNOWN_BLOCK = "semcom_burst_modulator.block.yml"
_INSTALLED = Path("share/gnuradio/grc/blocks")
_OPEN_SCREEN = """
import gi
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk
raise SystemExit(Gdk.Display.get_default() is None)
"""
"""For a process of its own: a process connects to a screen once, when it imports Gdk."""

MAX_SAID = 1000
"""Characters of the compiler's complaints that are passed on."""

_GENERATING, _ERRORS = ">>> Generating: ", "errors from flowgraph:"
"""What the compiler prints before the file it writes, and before the list of what is wrong."""


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
    candidates = [parent / "grc" for parent in _package().resolve().parents[1:2]]
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


def open_companion(*files: str) -> int:
    """Open GNU Radio Companion, with each of the files in a tab, and wait until it is closed.

    It runs in this Python, not in the one it was installed with: the flowgraphs it starts then see this environment.

    Returns
    -------
    status : int
        Its exit status.

    Raises
    ------
    FlowgraphError, MissingGnuRadioError
    """
    paths = [str(find_flowgraph(file)) for file in files]
    program = _find_program(COMPANION)
    require_gtk()
    require_screen()
    return subprocess.run([sys.executable, program, *paths], env=environment(), check=False).returncode


def compile_flowgraph(file: str, folder: Path) -> Path:
    """A flowgraph as a Python program, as `grcc` makes it, in this Python and with our blocks.

    Parameters
    ----------
    file : str
        See `find_flowgraph`.
    folder : Path
        Where the program goes; made where it is missing.

    Returns
    -------
    program : Path

    Raises
    ------
    FlowgraphError, MissingGnuRadioError
        No such file, no compiler, or the flowgraph has errors; they are named.
    """
    source = find_flowgraph(file)
    command = [sys.executable, _find_program(COMPILER), "-o", str(folder), str(source)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    made = [line.removeprefix(_GENERATING) for line in said.splitlines() if line.startswith(_GENERATING)]
    if done.returncode != 0 or not made:
        listed = said.partition(_ERRORS)[2].partition("***")[0] or said.partition(f"{source.resolve()}: ")[2] or said
        raise FlowgraphError(f"{source} cannot be compiled: {' '.join(listed.split())[:MAX_SAID]}")
    return folder / Path(made[-1]).name


def _find_program(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise MissingGnuRadioError(
            f"{name} cannot be found: install GNU Radio 3.10 (Debian, Ubuntu: apt-get install gnuradio)"
        )
    return program


def require_screen() -> None:
    """Refuse what opens a window where there is no screen for it.

    Raises
    ------
    FlowgraphError
    """
    tried = subprocess.run([sys.executable, "-c", _OPEN_SCREEN], env=environment(), capture_output=True, check=False)
    if tried.returncode != 0:
        names = [f"{name}={os.environ[name]}" for name in ("DISPLAY", "WAYLAND_DISPLAY") if os.environ.get(name)]
        raise FlowgraphError(
            f"{COMPANION} needs a screen, none can be opened ({', '.join(names) or 'DISPLAY is not set'}): start it "
            "on a desktop or over ssh -X; without a screen, semcom grc FILE --compile makes a program of a flowgraph"
        )


def require_gtk() -> None:
    """Refuse where the packages of the window are missing. `MissingGnuRadioError` says what to install."""
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
    return Path(semcom.flowgraphs.__file__).parent / "grc"


def _joined(paths: list[str]) -> str:
    return os.pathsep.join(filter(None, paths))
