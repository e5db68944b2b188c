"""A radio file with other values, comments and order kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from semcom.sdr_configs.radio import parse_radio, radio_path
from semcom.sdr_configs.yaml_file import read_yaml


def write_changed_copy(source: str | Path, target: Path, changes: Mapping[str, float | bool]) -> None:
    """Copy a radio file, with top-level numbers and switches replaced, or added at the end where it does not name them.

    Raises
    ------
    ConfigError
        The changed file would not be accepted; then nothing is written.
    """
    path = radio_path(source)
    parse_radio({**read_yaml(path), **changes}, str(target))
    text = path.read_text(encoding="utf-8")
    for key, value in changes.items():
        line = re.compile(rf"^({re.escape(key)}:[ ]*)([^\s#]+)", re.MULTILINE)
        number = _as_yaml(value)
        if line.search(text):
            text = line.sub(lambda found, number=number: found.group(1) + number, text, count=1)
        else:
            text = f"{text.rstrip()}\n{key}: {number}\n"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    parse_radio(read_yaml(target), str(target))


def _as_yaml(value: float | bool) -> str:
    """A number that YAML reads as one, with a point and a signed exponent where there is one; or true or false."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if "e" not in f"{value:.10g}" else f"{value:.10e}"
