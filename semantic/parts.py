"""The parts that a request chooses, made by the registry: the one place where a choice becomes a part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semcom.semantic import registry
from semcom.semantic.backends.presets import models_preset
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
    """The part of a kind that a request chooses, else that of its preset of models, else `own`, the system's parts."""
    named = models_preset(request.models, request.system).parts.get(kind)
    choice = request.parts.get(kind) or (PartChoice(named) if named else own[kind])
    return make_part(kind, choice, request.seed)


def stand_ins(request: EncodeRequest, own: Mapping[str, PartChoice]) -> list[tuple[str, str]]:
    """(kind, why another part serves than was wanted) of the parts of a request: what a part says in its `note`."""
    parts = ((kind, part_of(kind, request, own)) for kind in own)
    return [(kind, part.note) for kind, part in parts if getattr(part, "note", "")]
