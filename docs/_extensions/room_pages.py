"""One page of the API reference for each package: its own names, then each of its modules as a section.

A page a module would be two hundred pages, each with all the others in its navigation: most of the time a build takes.
"""

from __future__ import annotations

from pathlib import Path

_SIGNS = "=-"


def write(folder: Path, packages: list[Path], root: str) -> None:
    """Write `<package>.rst` into a folder for each package and those inside it.

    Parameters
    ----------
    folder : Path
        Where pages go; made where missing.
    packages : list of Path
        Folders of packages.
    root : str
        Name of the package that holds them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for package in packages:
        _write_page(folder, package, f"{root}.{package.name}")


def _write_page(folder: Path, package: Path, name: str) -> None:
    inner = sorted(path for path in package.iterdir() if (path / "__init__.py").is_file())
    modules = sorted(path.stem for path in package.glob("*.py") if path.stem not in ("__init__", "__main__"))
    page = [*_section(name, name, 0)]
    if inner:
        page += [".. toctree::", "", *(f"   {name}.{path.name}" for path in inner), ""]
    for module in modules:
        page += _section(module, f"{name}.{module}", 1)
    (folder / f"{name}.rst").write_text("\n".join(page), encoding="utf-8")
    for path in inner:
        _write_page(folder, path, f"{name}.{path.name}")


def _section(title: str, module: str, level: int) -> list[str]:
    return [title.replace("_", r"\_"), _SIGNS[level] * (len(title) + 8), "", f".. automodule:: {module}", ""]
