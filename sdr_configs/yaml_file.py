"""One YAML file → plain mapping, with care: bounded, no key twice, no aliases, one-line errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from semcom.sdr_configs.errors import ConfigError

MAX_FILE_BYTES = 64 * 1024
MAX_NUMBER_CHARS = 40
"""Of a whole number: far more take long to read, and cannot be shown."""


class _Loader(yaml.SafeLoader):
    """Safe, and strict about two habits of YAML that hide mistakes: keys given twice, and aliases."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key_node, _ in node.value:
            problem = ""
            if not isinstance(key_node, yaml.ScalarNode):
                problem = "key must be a word"
            elif key_node.value in seen:
                problem = f"key {key_node.value!r} must be given once"
            if problem:
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
            seen.add(key_node.value)
        return super().construct_mapping(node, deep=deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        if len(node.value) > MAX_NUMBER_CHARS:
            problem = f"number must have at most {MAX_NUMBER_CHARS} characters"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return super().construct_yaml_int(node)


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


def read_yaml(path: Path) -> dict[str, Any]:
    """Keys and values of a YAML file.

    Raises
    ------
    ConfigError
        The file cannot be read, is larger than 64 KiB, or is no YAML mapping; says where.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(f"{path}: file must be at most {MAX_FILE_BYTES} bytes, got more")
    try:
        content = yaml.load(data, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" in line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}: {error.problem}{where}") from None
    except RecursionError:
        raise ConfigError(f"{path}: must not be nested that deeply") from None
    except Exception as error:  # a value that is not what its tag says makes PyYAML raise nearly anything
        raise ConfigError(f"{path}: must be YAML, got {' '.join(str(error).split())[:200]}") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: must hold keys and values, got {type(content).__name__}")
    return content


def shown(value: Any) -> str:
    """A value as an error shows it: short, and without control characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
