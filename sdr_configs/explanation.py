"""Errors of pydantic in the words of this project: key, rule, value."""

from __future__ import annotations

import re
from typing import Any

from semcom.sdr_configs.settings import Settings
from semcom.sdr_configs.yaml_file import shown

_NUMBER_AS_TEXT = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+")


def explain(entry: Any, model: type[Settings]) -> str:
    """One error of pydantic as ``key must be rule, got value``."""
    key = ".".join(shown(part).strip("'") for part in entry["loc"])
    value = shown(entry["input"])
    match entry["type"]:
        case "extra_forbidden":
            return f"{key} is not a key here (known: {', '.join(_known_keys(model, entry['loc'][:-1]))})"
        case "invalid_key":
            return f"{key} is not a key here: keys are words"
        case "missing":
            return f"{key} must be given"
        case "too_short":
            return f"{key} must have {entry['ctx']['min_length']} entries or more, got {value}"
        case "too_long":
            return f"{key} must have {entry['ctx']['max_length']} entries or fewer, got {value}"
        case "value_error":
            return entry["msg"].removeprefix("Value error, ")
        case "string_pattern_mismatch":
            return f"{key} must look like {entry['ctx']['pattern']}, got {value}"
        case "string_type":
            return f"{key} must be text, got {value}"
        case "model_type" | "dict_type":
            return f"{key} must hold keys and values, got {value}"
    if isinstance(entry["input"], str) and _NUMBER_AS_TEXT.fullmatch(entry["input"]):
        value += f" as text (YAML wants a point and a sign: {float(entry['input']):.6e})"
    return f"{key} must be {entry['msg'].removeprefix('Input should be ')}, got {value}"


def _known_keys(model: Any, location: tuple[str | int, ...]) -> list[str]:
    """Keys allowed at this place of the file."""
    for part in location:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            inner = [entry for entry in getattr(annotation, "__args__", ()) if isinstance(entry, type)]
            model = inner[0] if inner else annotation
    return list(model.model_fields)
