"""Values of a request, checked one by one, and the JSON they are read from: bounded, finite, no key twice."""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Iterator, Mapping
from typing import Any

from semcom.semantic.errors import RequestError

MAX_NAMES = 32
MAX_NAME_CHARACTERS = 64
MAX_VALUE_CHARACTERS = 256

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")

Scalar = str | int | float | bool


class FrozenMapping(Mapping[str, Any]):
    """A mapping that cannot be changed and can be hashed; equal to any mapping of the same entries."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[str, Any] | None = None) -> None:
        self._entries = dict(sorted((entries or {}).items()))

    def __getitem__(self, key: str) -> Any:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        return hash(tuple(self._entries.items()))

    def __repr__(self) -> str:
        return repr(self._entries)


def read_json(text: str | bytes) -> Any:
    """JSON as Python values; raises `RequestError` where it is none."""
    try:
        text = text if isinstance(text, str) else text.decode("utf-8")
        return json.loads(text, object_pairs_hook=_unlike_pairs, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"request is no JSON: {' '.join(str(error).split())[:200]}") from None


def _unlike_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError(f"key {max(keys, key=keys.count)[:MAX_NAME_CHARACTERS]!r} must come once")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"numbers must be finite, got {name}")


def json_object(where: str, value: Any, known: set[str]) -> dict[str, Any]:
    """A JSON object all of whose keys are known."""
    if not isinstance(value, dict):
        raise RequestError(f"{where} must be a JSON object, got {shown(value)}")
    if unknown := sorted(set(value) - known):
        raise RequestError(f"{where}: key {shown(unknown[0])} is not known, only {', '.join(sorted(known))}")
    return value


def checked_config(where: str, config: Any) -> FrozenMapping:
    """A short mapping of words to short values."""
    if not isinstance(config, Mapping) or len(config) > MAX_NAMES:
        raise RequestError(f"{where} must map at most {MAX_NAMES} keys to values, got {shown(config)}")
    for key, value in config.items():
        if not isinstance(key, str) or not key.isidentifier() or len(key) > MAX_NAME_CHARACTERS:
            raise RequestError(f"{where}: key must be a word, got {shown(key)}")
        fits = isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value))
        if not (fits or (isinstance(value, str) and len(value) <= MAX_VALUE_CHARACTERS and value.isprintable())):
            raise RequestError(f"{where}: {key} must be a short text, a finite number or a bool, got {shown(value)}")
    return FrozenMapping(config)


def checked_names(where: str, names: Any) -> tuple[str, ...]:
    """Names of a vocabulary; one string is one name."""
    if isinstance(names, str):
        names = (names,)
    try:
        names = tuple(names)
    except TypeError:
        raise RequestError(f"{where} must be names, got {shown(names)}") from None
    if len(names) > MAX_NAMES:
        raise RequestError(f"{where} must be at most {MAX_NAMES} names, got {len(names)}")
    for name in names:
        if not isinstance(name, str) or not 1 <= len(name) <= MAX_NAME_CHARACTERS or not name.isprintable():
            raise RequestError(f"{where} must be names of 1 to {MAX_NAME_CHARACTERS} characters, got {shown(name)}")
    return names


def checked_name(where: str, name: Any) -> str:
    """A name of a system or a part."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise RequestError(f"{where} must be a name of letters, digits and ._+-, got {shown(name)}")
    return name


def checked_integer(where: str, value: Any, low: int, high: int) -> int:
    """An integer, of numpy too, within limits."""
    try:
        number = operator.index(value)
    except TypeError:
        number = low - 1
    if isinstance(value, bool) or not low <= number <= high:
        raise RequestError(f"{where} must be an integer of {low} to {high}, got {shown(value)}")
    return number


def shown(value: Any) -> str:
    """A value as errors show it: never long."""
    text = repr(value)
    return text if len(text) <= MAX_NAME_CHARACTERS else text[:MAX_NAME_CHARACTERS] + "…"
