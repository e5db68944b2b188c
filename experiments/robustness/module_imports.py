"""Which files of the repository import which: read from their text, nothing is imported."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ImportGraph:
    """Files and the files that each of them imports, as paths from the root of the repository."""

    files: dict[str, frozenset[str]]

    @classmethod
    def of(cls, repository: Path) -> ImportGraph:
        rooms = [entry.name for entry in (repository / ".dev" / "semcom").iterdir()] + ["tests"]
        paths = [path for room in rooms for path in (repository / room).rglob("*.py")]
        names = {path.relative_to(repository).as_posix() for path in paths}
        texts = {path.relative_to(repository).as_posix(): path.read_text(encoding="utf-8") for path in paths}
        return cls({name: frozenset(_imported(name, text, names)) for name, text in texts.items()})

    def importers(self, path: str) -> list[str]:
        """Files that import this one by name."""
        return sorted(name for name, imported in self.files.items() if path in imported)

    def all_importers(self, path: str) -> set[str]:
        """Files that import this one, or one that does, and so on."""
        found: set[str] = set()
        waiting = [path]
        while waiting:
            fresh = set(self.importers(waiting.pop())) - found
            found |= fresh
            waiting += fresh
        return found


def _imported(name: str, text: str, known: set[str]) -> set[str]:
    imported = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            dotted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = Path(name).parts[: -node.level] if node.level else ()
            base = ".".join(["semcom", *parents]) if node.level else ""
            base = ".".join(filter(None, [base, node.module or ""]))
            dotted = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for module in dotted:
            path = module.removeprefix("semcom.").replace(".", "/")
            imported |= {candidate for candidate in (f"{path}.py", f"{path}/__init__.py") if candidate in known}
    return imported - {name}
