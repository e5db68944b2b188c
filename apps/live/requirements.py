"""Whether the packages of the live page are there."""

from __future__ import annotations

import importlib.util

from semcom.semantic.errors import SemanticError

_PACKAGES = ("fastapi", "uvicorn", "websockets")


def require_live() -> None:
    """Raises `SemanticError`, one sentence with the command, where a package is missing."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise SemanticError(f"the live page needs {', '.join(missing)}: pip install 'gr-semcom[live]'")
