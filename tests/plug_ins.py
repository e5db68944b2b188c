"""A package from outside, as pip would install it: a module and a ``dist-info`` folder with entry points."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from semcom.semantic import registry

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """`install(module, source, kind, name="module:attribute", ...)`: found by the registry until the test ends."""
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    installed: list[str] = []

    def put(module: str, source: str, kind: str, **points: str) -> None:
        (site / f"{module}.py").write_text(source, encoding="utf-8")
        info = site / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
        lines = "".join(f"{name.replace('_', '-')} = {target}\n" for name, target in points.items())
        (info / "entry_points.txt").write_text(f"[semcom.{kind}]\n{lines}", encoding="utf-8")
        installed.append(module)
        registry.clear_cache()

    yield put
    for module in installed:
        sys.modules.pop(module, None)
    registry.clear_cache()
