"""The parts that a request chooses, made by the registry: the one place where a choice becomes a part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semcom.semantic import registry
from semcom.semantic.request import EncodeRequest, PartChoice


def make_system(name: str) -> Any:
    """The system of that name; raises `SemanticError` where there is none."""
    return registry.create("systems", name)


def make_part(kind: str, choice: PartChoice, seed: int = 0) -> Any:
    """The part that was chosen, `kind` in the singular (``segmenter``).

    Raises
    ------
    SemanticError
        A name or a configuration key that is not known.
    ModelError
        It needs a network that cannot be loaded.
    """
    return registry.create(f"{kind}s", choice.name, choice.config, seed=seed)


def part_of(kind: str, request: EncodeRequest, own: Mapping[str, PartChoice]) -> Any:
    """The part of a kind that a request chooses, else the one of `own`, the system's parts."""
    return make_part(kind, request.parts.get(kind, own[kind]), request.seed)
