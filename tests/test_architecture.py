"""The arrows of docs/architecture.md run one way."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ALLOWED = {
    "semantic": {"semantic"},
    "link": {"link"},
    "phy": {"phy", "sdr_configs"},
    "sdr_configs": {"sdr_configs"},
    "blocks": {"blocks", "semantic", "link", "phy", "sdr_configs"},
    "flowgraphs": {"flowgraphs", "blocks", "semantic", "link", "phy", "sdr_configs"},
    "experiments": {"experiments", "semantic", "link", "phy", "sdr_configs", "flowgraphs"},
    "apps": {"apps", "flowgraphs", "blocks", "semantic", "link", "phy", "sdr_configs", "experiments"},
}
GNU_RADIO = {"gnuradio", "pmt"}
GNU_RADIO_ROOMS = {"blocks", "flowgraphs"}
NEVER = {"pickle", "torchvision", "dill", "marshal"}


def imports_of(repository: Path, path: Path) -> list[str]:
    """Dotted names of all modules a file imports, relative ones resolved."""
    package = ["semcom", *path.relative_to(repository).parent.parts]
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            names.append(".".join([*base, node.module] if node.module else base))
            names += [f"{names[-1]}.{alias.name}" for alias in node.names]
    return names


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_rooms_import_only_what_the_arrows_allow(repository: Path, room: str) -> None:
    files = sorted((repository / room).rglob("*.py"))
    assert files, f"room {room} has no files"
    for path in files:
        for name in imports_of(repository, path):
            top, *rest = name.split(".")
            where = f"{path.relative_to(repository)} imports {name}"
            assert top not in NEVER, where
            assert top not in ALLOWED, f"{where}: rooms are imported as semcom.<room>"
            if top == "semcom" and rest:
                assert rest[0] in ALLOWED[room], where
            if top in GNU_RADIO:
                assert room in GNU_RADIO_ROOMS, where


def test_torch_stays_behind_the_models_extra(repository: Path) -> None:
    """Importing the core must not need torch: only these places may import it, and only they."""
    allowed = (repository / "semantic" / "nets", repository / "semantic" / "extract", repository / "experiments")
    for room in ALLOWED:
        for path in (repository / room).rglob("*.py"):
            if any(name.split(".")[0] == "torch" for name in imports_of(repository, path)):
                assert any(path.is_relative_to(place) for place in allowed), path


def test_there_is_no_room_called_utils(repository: Path) -> None:
    names = [path for path in repository.rglob("*") if ".venv" not in path.parts and path.stem in ("utils", "helpers")]
    assert names == []


def test_rooms_open_with_what_enters_and_leaves(repository: Path) -> None:
    for room in ALLOWED:
        docstring = ast.get_docstring(ast.parse((repository / room / "__init__.py").read_text(encoding="utf-8")))
        assert docstring and len(docstring) > 60, f"{room}/__init__.py must open with the room's contract"
