"""Whether a part fits: its configuration the arguments it takes, what it offers the protocol of its kind."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from semcom.semantic.errors import SemanticError

PROTOCOLS = {
    "segmenters": "Segmenter",
    "detailers": "Detailer",
    "detectors": "Detector",
    "captioners": "Captioner",
    "reconstructors": "Reconstructor",
    "repairers": "Repairer",
    "picture_codecs": "PictureCodec",
    "systems": "System",
    "layers": "LayerType",
}
"""Kinds of part, and the class in `semantic.protocols` that says what one must offer."""
_GIVEN = ("device", "seed")
"""Arguments that come from the host, not from a part's configuration."""


def call_factory(kind: str, name: str, factory: Callable, config: dict[str, Any], given: dict[str, Any]) -> Any:
    """A part made with its configuration, and of device and seed what it takes; `SemanticError` names what is wrong."""
    parameters = inspect.signature(factory).parameters
    anything = any(parameter.kind == parameter.VAR_KEYWORD for parameter in parameters.values())
    known = [key for key, parameter in parameters.items() if key not in _GIVEN and _by_name(parameter)]
    unknown = sorted(set(config) - set(known))
    if unknown and not (anything and not set(unknown) & set(_GIVEN)):
        listed = ", ".join(known) or "none"
        raise SemanticError(f"{singular(kind)} {name!r}: configuration keys must be among: {listed}; got {unknown}")
    config = config | {key: value for key, value in given.items() if key in parameters}
    try:
        return factory(**config)
    except SemanticError:
        raise
    except Exception as error:
        raise SemanticError(f"{singular(kind)} {name!r} cannot be made: {type(error).__name__}: {error}") from error


def _by_name(parameter: inspect.Parameter) -> bool:
    return parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)


def checked_config(kind: str, name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration, of short values only."""
    for key, value in config.items():
        if not isinstance(value, str | int | float | bool):
            raise SemanticError(
                f"{singular(kind)} {name!r}: {key} must be text, a number, true or false, got {type(value).__name__}"
            )
    return dict(config)


def check_fit(kind: str, name: str, part: Any, methods_only: bool = False) -> None:
    """Refuse a part that lacks something of its protocol; of a class not yet called only methods are looked for."""
    protocol = getattr(import_module("semcom.semantic.protocols"), PROTOCOLS[kind])
    methods = [
        member
        for member, value in vars(protocol).items()
        if callable(value) and (member == "__call__" or not member.startswith("_"))
    ]
    attributes = [] if methods_only else list(protocol.__annotations__)
    lacking = [f"{member}()" for member in methods if not _has_method(part, member)]
    lacking += [member for member in attributes if not hasattr(part, member)]
    if lacking:
        owner = part if isinstance(part, type) else type(part)
        raise SemanticError(
            f"{singular(kind)} {name!r}: {owner.__name__} must have {', '.join(lacking)} "
            f"(semantic.protocols.{protocol.__name__}), got none"
        )


def _has_method(part: Any, member: str) -> bool:
    if member == "__call__":  # of its instances: every class can itself be called
        owner = part if isinstance(part, type) else type(part)
        return any(member in vars(base) for base in owner.__mro__)
    return callable(getattr(part, member, None))


def singular(kind: str) -> str:
    """``segmenters`` → ``segmenter``."""
    return kind.removesuffix("s").replace("_", " ")
