"""Kinds of layer: what most of them have in common, and all that are known here, by number and by label.

A kind is one file with a class and its instance `KIND`; other packages add theirs by entry points of the group
``semcom.layers`` (docs/plugins.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol

import numpy as np

from semcom.semantic import registry
from semcom.semantic.errors import SemanticError
from semcom.semantic.wire import ByteReader

MAX_IMPORTANCE = 7
MAX_KIND = 15
_LABEL = re.compile(r"[a-z][a-z0-9_]{0,31}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


class LayerType(Protocol):
    """A kind of layer (`LayerBase` has what most of them share).

    Attributes
    ----------
    number : int
        On the wire, 0..15, never reused.
    label : str
        As people and reports see it: ``class_map``.
    importance : int
        0..7, unless the maker of a layer says otherwise.
    colour : str
        Of its bars in reports, ``#rrggbb``.
    many : bool
        Whether each layer of the kind is shown; else the finest (`fineness`) stands for them.
    file_names : tuple of str
        First parts of all names that `files` may give.
    """

    number: int
    label: str
    importance: int
    colour: str
    many: bool
    file_names: tuple[str, ...]

    def encode(self, content: Any) -> bytes: ...

    def decode(self, reader: ByteReader) -> Any:
        """Content; every field bounded before anything is allocated, `PacketError` by field, rule and value."""
        ...

    def describe(self, content: Any) -> str:
        """One line of plain text for ``inspect``."""
        ...

    def size(self, content: Any) -> tuple[int, int] | None:
        """(width, height) of the whole picture where the content tells it."""
        ...

    def fineness(self, content: Any) -> float:
        """Larger is finer: which of several layers of the kind is shown."""
        ...

    def says_something(self, content: Any) -> bool:
        """Whether a receiver can show it without any other layer."""
        ...

    def draw(self, content: Any, ground: np.ndarray | None) -> tuple[np.ndarray, str] | None:
        """A picture for people, uint8 [rows, columns, 3], and its words; over `ground`, the reconstruction, if apt."""
        ...

    def files(self, content: Any, number: int) -> Mapping[str, bytes]:
        """What a results folder gets: relative path → bytes. `number` counts the shown layers of the kind from 1."""
        ...


class LayerBase:
    """What a kind need not say itself; `LayerType` says what each member means."""

    number: int
    label: str
    importance: int
    colour = "#777777"
    many = False
    file_names: tuple[str, ...] = ()
    alone = False
    """Whether a layer of the kind shares no frames, also under a policy: one that is lost takes no other along."""
    exact_bytes: int | None = None
    """Of a kind that may be sent as soft values: bytes at the start of a payload that must arrive exactly, 0..31."""
    analog = False
    """Whether what follows those bytes are complex symbols, four bytes each."""

    def size(self, content: Any) -> tuple[int, int] | None:
        return None

    def fineness(self, content: Any) -> float:
        return 0.0

    def says_something(self, content: Any) -> bool:
        return True

    def draw(self, content: Any, ground: np.ndarray | None) -> tuple[np.ndarray, str] | None:
        return None

    def files(self, content: Any, number: int) -> Mapping[str, bytes]:
        return {}


@lru_cache(maxsize=1)
def own_modules() -> dict[str, str]:
    """By label, every module of ``semantic/layers`` that defines a `KIND`: a new one is one new file."""
    package = import_module("semcom.semantic.layers")
    found = {}
    for module in (import_module(f"{package.__name__}.{info.name}") for info in iter_modules(package.__path__)):
        if "KIND" in vars(module):
            found[module.KIND.label] = f"{module.__name__}:KIND"
    return found


def kinds() -> tuple[LayerType, ...]:
    """All kinds known here, ours and other packages', by number."""
    return tuple(kind for _, kind in sorted(_all(registry.version()).items()))


def kind_of(number: int) -> LayerType | None:
    """The kind of that number; None where this installation does not know it."""
    version = registry.version()
    own = _own(version)
    return own[number] if number in own else _all(version).get(number)


def number_of(label: str) -> int | None:
    """The number of the kind of that label; None where there is none."""
    version = registry.version()
    for known in (_own(version), _all(version)):  # other packages are looked for only where ours do not know it
        for number, kind in known.items():
            if kind.label == label:
                return number
    return None


@lru_cache(maxsize=1)
def _own(version: int) -> dict[int, LayerType]:
    return {kind.number: kind for kind in (registry.create("layers", name) for name in registry.own_names("layers"))}


@lru_cache(maxsize=1)
def _all(version: int) -> dict[int, LayerType]:
    """Kinds by number. One of another package that cannot be used is named in `registry.problems`."""
    found = dict(_own(version))
    labels = {kind.label for kind in found.values()}
    for name in registry.names("layers"):
        if name in labels:
            continue
        try:
            kind = registry.create("layers", name)
            _check(kind, found)
        except SemanticError as error:
            registry.report_problem("layers", name, str(error))
            continue
        found[kind.number] = kind
        labels.add(kind.label)
    return found


def _check(kind: LayerType, others: Mapping[int, LayerType]) -> None:
    """Refuse a kind whose values break the rules, or that would take the place of another."""
    where = f"layer {kind.label!r}"
    for name, value, most in (("number", kind.number, MAX_KIND), ("importance", kind.importance, MAX_IMPORTANCE)):
        if not isinstance(value, int) or not 0 <= value <= most:
            raise SemanticError(f"{where}: {name} must be 0..{most}, got {value!r}")
    if kind.number in others:
        raise SemanticError(f"{where}: number must be free, got {kind.number}, which {others[kind.number].label} has")
    for name, value, rule in (("label", kind.label, _LABEL), ("colour", kind.colour, _COLOUR)):
        if not isinstance(value, str) or not rule.fullmatch(value):
            raise SemanticError(f"{where}: {name} must match {rule.pattern}, got {value!r}")
    for taken in (name for other in others.values() for name in other.file_names):
        if taken in kind.file_names:
            raise SemanticError(f"{where}: file_names must be free, got {taken!r}, which another kind has")
