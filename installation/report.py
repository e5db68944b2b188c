"""What an installation has and lacks, part by part, in lines for a person; and what of it pip should bring."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

from semcom.installation import advice, kernel_cache, private_packages
from semcom.installation.packages import PARTS, Package, installed_version, lacks_of

ONLY_BY_APT = {"numpy", "scipy", "numba", "torch"}
"""Big, or bound to GNU Radio's own build: never brought in silence."""


def lines() -> Iterator[str]:
    """One line for where it lies, one for each part, and at the end what is still to be typed."""
    yield f"semcom in {Path(__file__).resolve().parents[1]}, Python {sys.version.split()[0]} at {sys.executable}"
    if find_spec("gnuradio") is None:
        yield f"  {'GNU Radio':<18} missing: sudo apt install gnuradio"
    for part in PARTS:
        lacks = lacks_of(part)
        words = ", ".join(_named(lack.package, lack.found) for lack in lacks)
        yield f"  {part:<18} {'needs ' + words if lacks else 'ready'}"
    for folder, held in private():
        yield f"  {'private packages':<18} {', '.join(held)} in {folder}"
    kept = kernel_cache.folder()
    yield f"  {'compiled kernels':<18} {f'kept below {kept}' if kept else 'cannot be kept: set NUMBA_CACHE_DIR'}"
    missing = _each_once(lack.package for part in PARTS for lack in lacks_of(part))
    if missing:
        yield f"To complete it: {advice.command_for(list(missing.values()))}"


def private() -> Iterator[tuple[Path, list[str]]]:
    """The private folders that there are, and what lies in each by name and version."""
    for folder in (private_packages.SHARED, private_packages.personal()):
        if folder.is_dir():
            yield folder, sorted(_held(folder).values())


def modem_runs() -> bool:
    """Whether everything is there that the modem blocks import, GNU Radio aside."""
    return not lacks_of("modem")


def lacking(projects: Sequence[str] = ()) -> list[str]:
    """Requirements for pip: the projects named, else what this Python lacks and apt would not bring; and, in any case,
    what the private folder holds already, since it is made anew as a whole.
    """
    known = _each_once(package for packages in PARTS.values() for package in packages)
    wanted = [known[name] for name in projects if name in known]
    if not projects:
        lacks = [lack.package for part in PARTS for lack in lacks_of(part)]
        wanted = [package for package in advice.split(lacks)[1] if package.project not in ONLY_BY_APT]
    names = {package.project for package in wanted}
    if not names and not projects:
        return []
    names |= {name for name in _held(private_packages.SHARED) if name in known}
    unknown = [name for name in projects if name not in known]
    return [*sorted(advice.requirements([known[name] for name in names])), *unknown]


def _each_once(packages: Iterable[Package]) -> dict[str, Package]:
    """By project, with the highest lower bound that a part has."""
    found: dict[str, Package] = {}
    for package in packages:
        known = found.get(package.project)
        if known is None or advice.numbers(package.at_least) > advice.numbers(known.at_least):
            found[package.project] = package
    return found


def _held(folder: Path) -> dict[str, str]:
    """Name → `name version` of what lies in a private folder."""
    held = distributions(path=[str(folder)]) if folder.is_dir() else ()
    return {item.name.lower().replace("_", "-"): f"{item.name} {item.version}" for item in held}


def _named(package: Package, found: str | None) -> str:
    has = found or installed_version(package)
    return f"{package.project} {package.at_least}" + (f" (found {has})" if has else "")
