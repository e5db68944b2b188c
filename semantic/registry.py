"""Names of the parts a system is put together from: extractors and whole systems.

Our own are listed here, one line each. Other packages add theirs through entry points of the groups
``semcom.segmenters``, ``semcom.detailers`` and ``semcom.systems``.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from semcom.semantic.errors import SemanticError

_OWN = {
    "segmenters": {
        "everyday": "semcom.semantic.extract.segmenter:Segmenter",
        "everyday-degraded": "semcom.semantic.extract.segmenter:for_degraded_pictures",
    },
    "detailers": {"boundaries": "semcom.semantic.extract.detailer:Detailer"},
    "systems": {"es-isc": "semcom.semantic.systems.es_isc.system:EsIsc"},
}


def names(kind: str) -> list[str]:
    """What can be asked for: `kind` is ``segmenters``, ``detailers`` or ``systems``."""
    return sorted({*_OWN[kind], *(point.name for point in entry_points(group=f"semcom.{kind}"))})


@lru_cache(maxsize=8)
def create(kind: str, name: str) -> Any:
    """Make (once) the part of that name.

    Raises
    ------
    SemanticError
        The name is not known; the message lists those that are.
    ModelError
        It needs a network that cannot be loaded.
    """
    if name in _OWN[kind]:
        module, attribute = _OWN[kind][name].split(":")
        return getattr(import_module(module), attribute)()
    for point in entry_points(group=f"semcom.{kind}"):
        if point.name == name:
            return point.load()()
    raise SemanticError(f"{kind[:-1]} must be one of {names(kind)}, got {name!r}")
