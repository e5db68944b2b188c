"""The repairer that repairs nothing: what arrived is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class NoRepair:
    """The text as it came; nothing of it was guessed."""

    def __call__(self, text: str, context: Mapping[str, Any]) -> tuple[str, tuple[tuple[int, int], ...]]:
        return text, ()
