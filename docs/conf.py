"""How the documentation is built: `make docs` → build/docs/index.html. The API is read from this checkout."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
sys.path[:0] = [str(REPOSITORY / ".dev"), str(HERE / "_extensions")]

import room_pages  # noqa: E402

shutil.rmtree(HERE / "api" / "generated", ignore_errors=True)  # pages of modules that are gone
room_pages.write(HERE / "api" / "generated", [REPOSITORY / room for room in ("phy", "link", "semantic")], "semcom")

_PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
project = _PROJECT["name"]
release = version = _PROJECT["version"]
copyright = f"{project} developers, {_PROJECT['license']['text']}"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "plain_docstrings"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
html_theme = "furo"
html_title = project

# Pages of figures are written by recipes; they are reached from the pages that speak of them.
myst_heading_anchors = 3

suppress_warnings = ["ref.python"]  # two rooms may have a name of their own for different things: Receiver, Picture

toc_object_entries = False  # else every function is in the navigation of every page, and a build takes twice the time
autodoc_default_options = {"members": True, "ignore-module-all": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_mock_imports = [
    name for name in ("gnuradio", "pmt", "torch", "safetensors") if importlib.util.find_spec(name) is None
]
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Input", "params_style"), ("Output", "params_style")]
default_role = "code"
