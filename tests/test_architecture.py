"""The arrows of docs/architecture.md run one way, nothing goes round in a circle, and what the page says is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ALLOWED = {
    "installation": {"installation"},
    "semantic": {"semantic", "installation"},
    "link": {"link", "installation"},
    "phy": {"phy", "sdr_configs", "installation"},
    "sdr_configs": {"sdr_configs", "installation"},
    "blocks": {"blocks", "semantic", "link", "phy", "sdr_configs", "installation"},
    "flowgraphs": {"flowgraphs", "blocks", "semantic", "link", "phy", "sdr_configs", "installation"},
    "experiments": {"experiments", "semantic", "link", "phy", "sdr_configs", "flowgraphs", "installation"},
    "apps": {
        "apps", "flowgraphs", "blocks", "semantic", "link", "phy", "sdr_configs", "experiments", "installation",
    },
}  # fmt: skip
EXAMPLES = "examples"
GNU_RADIO = {"gnuradio", "pmt"}
GNU_RADIO_ROOMS = {"blocks", "flowgraphs"}
NEVER = {"pickle", "torchvision", "dill", "marshal"}
LONGEST_FOLDER = 25
"""Python files in a folder, at most."""


def imports_of(repository: Path, path: Path, at_import: bool = False) -> list[str]:
    """Dotted names of all modules a file imports, relative ones resolved; `at_import`: only what loading it needs."""
    package = ["semcom", *path.relative_to(repository).parent.parts]
    names = []
    for node in _nodes(ast.parse(path.read_text(encoding="utf-8")), at_import):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            names.append(".".join([*base, node.module] if node.module else base))
            names += [f"{names[-1]}.{alias.name}" for alias in node.names]
    return names


def _nodes(tree: ast.AST, at_import: bool):
    """All nodes; without the bodies of functions and of ``if TYPE_CHECKING`` where only loading counts."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if at_import and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if at_import and isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


@cache
def modules(repository: Path) -> dict[str, Path]:
    """Every module of the rooms by its dotted name; a package by its folder's name."""
    found = {}
    for room in ALLOWED:
        for path in sorted((repository / room).rglob("*.py")):
            parts = path.relative_to(repository).with_suffix("").parts
            found[".".join(["semcom", *(parts[:-1] if parts[-1] == "__init__" else parts)])] = path
    return found


@cache
def needs(repository: Path, at_import: bool) -> dict[str, set[str]]:
    """Which modules of ours each module of ours imports: of ``from a import b``, a.b where that is a module, else a."""
    known = modules(repository)
    graph: dict[str, set[str]] = {name: set() for name in known}
    for name, path in known.items():
        imported = imports_of(repository, path, at_import)
        for number, other in enumerate(imported):
            follows = imported[number + 1] if number + 1 < len(imported) else ""
            is_door_only = follows.rpartition(".")[0] == other and follows in known
            if other in known and not is_door_only:
                graph[name].add(other)
        graph[name].discard(name)
    return graph


def assert_no_circle(graph: dict[str, set[str]]) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(reversed(error.args[1])))


@pytest.mark.parametrize("room", sorted({*ALLOWED, EXAMPLES}))
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
                assert rest[0] in ALLOWED.get(room, ALLOWED), where
            if top in GNU_RADIO:
                assert room in GNU_RADIO_ROOMS, where


def test_no_module_imports_itself_by_a_detour(repository: Path) -> None:
    """At the time of loading: a package counts as what its __init__ imports."""
    graph = needs(repository, at_import=True)
    assert len(graph) > 300
    assert_no_circle(graph)


def test_no_room_depends_on_itself_by_a_detour(repository: Path) -> None:
    graph: dict[str, set[str]] = {room: set() for room in ALLOWED}
    for name, others in needs(repository, at_import=False).items():
        room = name.split(".")[1]
        graph[room] |= {other.split(".")[1] for other in others} - {room}
    assert sum(map(len, graph.values())) > 10
    assert_no_circle(graph)


def test_no_two_sub_rooms_depend_on_each_other(repository: Path) -> None:
    """A folder of a room is one place; what lies beside it in the room counts file by file."""
    graph: dict[str, set[str]] = {}
    for name, others in needs(repository, at_import=False).items():
        place = graph.setdefault(sub_room(repository, name), set())
        place |= {sub_room(repository, other) for other in others}
        place.discard(sub_room(repository, name))
    assert_no_circle(graph)


def sub_room(repository: Path, name: str) -> str:
    """`semcom.phy.coding.ldpc.decoder` → `phy.coding`; a file at a room's root, and the room's door, count alone."""
    room, *rest = name.split(".")[1:]
    if len(rest) > 1 or (rest and (repository / room / rest[0]).is_dir()):
        return f"{room}.{rest[0]}"
    return ".".join([room, *rest])


def test_no_folder_is_a_corridor(repository: Path) -> None:
    for room in (*ALLOWED, EXAMPLES):
        for folder in {path.parent for path in (repository / room).rglob("*.py")}:
            count = len(list(folder.glob("*.py")))
            assert count <= LONGEST_FOLDER, f"{folder.relative_to(repository)} has {count} Python files"


def test_torch_stays_behind_the_models_extra(repository: Path) -> None:
    """Importing the core must not need torch: only these places may import it, and only they."""
    rooms = ("semantic/nets", "semantic/extract", "semantic/captioning", "semantic/backends", "experiments")
    allowed = [repository / room for room in rooms]
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


ELSEWHERE = "tests/tested_elsewhere.txt"


def test_the_test_of_a_file_is_found_in_one_guess(repository: Path) -> None:
    """``a/b/c.py`` is tested in ``tests/a/b/test_c.py``, or a line of the list says where. The list only ever shrinks.

    Recipes are run, not tested; errors are tested where they are raised.
    """
    lines = (repository / ELSEWHERE).read_text(encoding="utf-8").splitlines()
    listed = dict(line.split() for line in lines if line and not line.startswith("#"))
    sources = {
        str(path.relative_to(repository))
        for room in ALLOWED
        for path in (repository / room).rglob("*.py")
        if path.name not in ("__init__.py", "errors.py") and room != "experiments"
    }
    mirrored = {source for source in sources if (repository / mirror(source)).is_file()}
    unlisted = sorted(sources - mirrored - set(listed))
    assert not unlisted, f"no test of that name, and not in {ELSEWHERE}: {unlisted}"
    stale = sorted(source for source in listed if source not in sources - mirrored)
    assert not stale, f"gone, or has a test of its name by now: take off {ELSEWHERE}: {stale}"
    astray = sorted(test for test in listed.values() if not (repository / test).is_file())
    assert not astray, f"{ELSEWHERE} names tests that are not there: {astray}"


def mirror(source: str) -> Path:
    path = Path(source)
    return Path("tests") / path.parent / f"test_{path.name}"


def test_the_page_of_the_architecture_names_every_room(repository: Path) -> None:
    page = (repository / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawing = page.split("```")[1]
    for room in (*ALLOWED, EXAMPLES, "grc", "docs", "tests"):
        assert f"{room}/" in drawing, f"{room}/ is not in docs/architecture.md"
    tracked = {
        path.parent for room in ALLOWED for path in (repository / room).glob("*/*") if path.suffix in DATA_OR_CODE
    }
    for folder in sorted(tracked):
        assert f"{folder.name}/" in drawing, f"{folder.relative_to(repository)}/ is not in docs/architecture.md"
    named = set(re.findall(r"`((?:installation|semantic|link|phy|blocks|flowgraphs|apps|sdr_configs)/[\w/.]+)`", page))
    assert len(named) > 20
    for path in sorted(named):
        assert (repository / path).exists(), f"docs/architecture.md names {path}"


DATA_OR_CODE = {".py", ".yml", ".json", ".safetensors", ".grc"}
