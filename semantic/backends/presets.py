"""Presets of models by name: what ``--models big`` means for a system, at the sender and at the receiver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from semcom.semantic.errors import RequestError


@dataclass(frozen=True)
class ModelsPreset:
    """Models for one system.

    Attributes
    ----------
    name : str
    parts : mapping of str to str
        Kind of part in the singular → name in the registry.
    reconstructor : str
        Name in the registry.
    sender, receiver : tuple of str
        Names in the catalogue of what each end loads.
    """

    name: str
    parts: Mapping[str, str] = field(default_factory=dict)
    reconstructor: str = "best"
    sender: tuple[str, ...] = ()
    receiver: tuple[str, ...] = ()


def preset_names() -> list[str]:
    """``small``, ``big``, ..."""
    return list(_read())


def models_preset(name: str | None, system: str) -> ModelsPreset:
    """The preset for a system; None is ``small``, what comes by pip alone.

    Raises
    ------
    RequestError
        There is none of that name.
    """
    if name is None:
        return ModelsPreset("small")
    if name not in _read():
        raise RequestError(f"models must be one of {', '.join(_read())}, got {name!r}")
    values = dict(_read()[name])
    values |= values.pop("systems", {}).get(system, {})
    return ModelsPreset(name, **{key: tuple(v) if isinstance(v, list) else v for key, v in values.items()})


@lru_cache(maxsize=1)
def _read() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((Path(__file__).parent / "presets.yml").read_text(encoding="utf-8"))
