"""What a part needs is seen before it is imported, and said in one sentence with the command."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from semcom.installation import PARTS, MissingPackageError, packages, require
from semcom.installation.packages import Package, lacks_of

NOT_THERE = Package("semcom_no_such_module", "no-such-project", "3.1", "python3-no-such")
TOO_OLD = Package("yaml", "pyyaml", "1000.5", "python3-yaml")


@pytest.mark.parametrize("part", ["modem", "link", "pictures", "radio files", "command"])
def test_what_tests_run_on_is_complete(part: str) -> None:
    require(part)


def test_a_missing_and_an_old_package_are_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PARTS, "test", (NOT_THERE, TOO_OLD))
    monkeypatch.setattr(packages.advice, "command_for", lambda wanted: " ".join(package.debian for package in wanted))
    with pytest.raises(MissingPackageError) as caught:
        require("test")
    found = packages.installed_version(TOO_OLD)
    assert str(caught.value) == (
        f"semcom (test) needs no-such-project 3.1 or newer and pyyaml 1000.5 or newer (found {found}), not installed "
        f"for {sys.executable}: python3-no-such python3-yaml"
    )


def test_an_older_one_that_was_imported_first_asks_for_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    early = ModuleType("yaml")
    early.__version__ = "0.9"
    monkeypatch.setitem(sys.modules, "yaml", early)
    monkeypatch.setitem(PARTS, "test", (Package("yaml", "pyyaml", "6.0", "python3-yaml"),))
    with pytest.raises(MissingPackageError, match=r"yaml 0\.9 was imported before it: import semcom's modules before"):
        require("test")


@pytest.mark.parametrize(
    ("at_least", "lacks"), [("6", 0), ("6.0", 0), ("5.99.99", 0), ("6.0.999", 1), ("7", 1), ("10.0", 1)]
)
def test_versions_are_compared_number_by_number(monkeypatch, at_least: str, lacks: int) -> None:
    monkeypatch.setattr(packages, "version", lambda project: "6.0.1+dfsg2")
    monkeypatch.setitem(PARTS, "test", (Package("tomllib", "any", at_least, "any"),))
    assert len(lacks_of("test")) == lacks


def test_lower_bounds_are_those_that_pip_is_told(repository: Path) -> None:
    """Of every package of the parts; and whatever the metadata ask for, some part names."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["models"]]
    told = dict(re.fullmatch(r"([a-z0-9-]+)[>=]=([\d.]+)", line).groups() for line in lines)
    highest: dict[str, str] = {}
    for package in (package for part in PARTS.values() for package in part):
        before = highest.get(package.project, "0")
        highest[package.project] = max(before, package.at_least, key=packages.advice.numbers)
    assert highest == told


@pytest.mark.long
def test_the_modem_needs_no_more_than_its_part_says(repository: Path) -> None:
    """Blocks import with nothing but numpy, scipy, numba and yaml: what else is tried for is refused."""
    script = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"PIL", "pydantic", "zfec", "typer", "rich", "jinja2", "zmq", "torch", "safetensors"}:
            raise ModuleNotFoundError(f"refused: {name}", name=name)
sys.meta_path.insert(0, Refuse())
import semcom.installation.packages as packages
packages.find_spec = lambda name: None if name == "PIL" else object()
packages.advice.command_for = lambda wanted: "COMMAND"
from semcom import blocks
blocks.modem_transmitter(), blocks.modem_receiver(), blocks.burst_statistics(), blocks.link_sender()
try:
    blocks.semantic_receiver(folder="nowhere")
except ImportError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=repository / ".dev",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "semcom link sender :warning: layers go out without protection by importance: refused: pydantic\n"
        f"semcom (pictures) needs pillow 9.4 or newer, not installed for {sys.executable}: COMMAND\n"
    )
