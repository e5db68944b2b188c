"""Whole systems by name. In: a picture and a budget. Out: a `SemanticPacket`.

Each system is a YAML preset (what it spends where) and a class that reads top to bottom.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from semcom.semantic.errors import SemanticError


def load_preset(name: str) -> dict[str, Any]:
    """The preset of a system of ours, as a dictionary."""
    path = Path(__file__).parent / f"{name}.yml"
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SemanticError(f"preset {path.name} cannot be read: {error.strerror}") from error
