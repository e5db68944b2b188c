"""Values of presets: the keys that a file must have, and the numbers that a request may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from semcom.semantic.errors import RequestError, SemanticError

Range = tuple[type, float, float]
"""Type of a value, least, most; both ends are allowed."""


def check_keys(where: str, values: Mapping[str, Any], schema: type) -> None:
    """Raise `SemanticError` unless `values` has exactly the fields of the dataclass `schema`."""
    different = set(values) ^ {field.name for field in fields(schema)}
    if different:
        raise SemanticError(f"{where}: keys missing or unknown: {sorted(different)}")


def changed_values(
    config: Mapping[str, Any], ranges: Mapping[str, Range], system: str, others: tuple[str, ...] = ()
) -> dict[str, int | float | bool]:
    """What a request changes of a preset, each value of its type.

    Parameters
    ----------
    config : dict
        From the request.
    ranges : dict of str to Range
    system : str
        Whose preset it is, for the error.
    others : tuple of str
        Keys that the system checks by itself: named in the error beside those of `ranges`.

    Raises
    ------
    RequestError
        A key that is not known, or a value out of its range.
    """
    values = {}
    for key, value in config.items():
        if key not in ranges:
            raise RequestError(f"config of {system} must be among {', '.join((*ranges, *others))}, got {key!r}")
        kind, low, high = ranges[key]
        if kind is bool:
            fits, wanted = isinstance(value, bool), "true or false"
        else:
            fits, wanted = _is_number(value) and low <= value <= high, f"{kind.__name__} {low} to {high}"
        if not fits or (kind is int and value != int(value)):
            raise RequestError(f"config of {system}: {key} must be {wanted}, got {value!r}")
        values[key] = kind(value)
    return values


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
