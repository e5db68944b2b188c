"""What the services run on is a list, and whoever runs something else is told what."""

from __future__ import annotations

import re
import tomllib
import warnings
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

LIST = ".ci/services-versions.txt"
EXTRAS = ("live", "models")


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def listed(repository: Path) -> dict[str, str]:
    lines = (repository / LIST).read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def needed(repository: Path) -> dict[str, str]:
    """Installed version of each package that we need, those that they need included, by plain name."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + [one for extra in EXTRAS for one in project["optional-dependencies"][extra]]
    waiting, found = [Requirement(one) for one in wanted], {}
    while waiting:
        requirement = waiting.pop()
        name = plain(requirement.name)
        if name in found:
            continue
        try:
            package = distribution(requirement.name)
        except PackageNotFoundError:
            continue
        found[name] = package.version.split("+")[0]
        further = [Requirement(one) for one in package.requires or ()]
        waiting += [one for one in further if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def test_every_package_that_is_needed_is_listed(repository: Path) -> None:
    installed = needed(repository)
    assert len(installed) > 25
    assert sorted(installed.keys() - listed(repository).keys()) == [], f"not in {LIST}"


@pytest.mark.filterwarnings("always::UserWarning")
def test_what_is_installed_in_another_version_is_named(repository: Path) -> None:
    """A warning: a package that came out today is no fault of the code."""
    known = listed(repository)
    others = {name: version for name, version in needed(repository).items() if known.get(name, version) != version}
    if others:
        told = ", ".join(f"{name} {version} instead of {known[name]}" for name, version in sorted(others.items()))
        warnings.warn(f"not looked at: {told}; run .ci/audit, then change {LIST}", stacklevel=1)


def test_the_audit_asks_for_the_same_list(repository: Path) -> None:
    assert f"-r {LIST}" in (repository / ".ci" / "audit").read_text(encoding="utf-8")
    assert ".ci/audit" in (repository / ".ci" / "run").read_text(encoding="utf-8")
