"""Options of a service from a file and the environment: the same names, the same checks, the same errors.

    host tx:                         # the command; several services may share one file
      watch: /srv/photos             # --watch
      budget_bytes: 600              # --budget-bytes

    SEMCOM_HOST_TX_BUDGET_BYTES=600

An option that is typed counts more than the environment, that more than the file, that more than the default. Nothing
here is a secret: options name folders of keys and files of keys, never keys.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer

from semcom.apps.commands.console import plain_errors
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.yaml_file import read_yaml, shown

CONFIG = "config"
CONFIG_VARIABLE = "SEMCOM_CONFIG"
SEPARATOR = ","
"""Between values of an option that may be given several times, in the environment."""


def _configure(context: typer.Context, file: Path | None) -> Path | None:
    """What file and environment say becomes the defaults of the command."""
    with plain_errors():
        names = _options(context)
        told = _from_file(file, context) if file is not None else {}
        told |= _from_environment(context)
        context.default_map = {names[key].name: value for key, value in told.items()}
    return file


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help=f"YAML file with options of services ({CONFIG_VARIABLE}).",
        envvar=CONFIG_VARIABLE,
        callback=_configure,
        is_eager=True,
        show_default="none",
        show_envvar=False,
    ),
]


def command_name(context: typer.Context) -> str:
    """``host tx``: the command without the program."""
    words = []
    while context.parent is not None:
        words.append(context.info_name)
        context = context.parent
    return " ".join(reversed(words))


def _options(context: typer.Context) -> dict[str, Any]:
    """Options of the command by the name that they have in a file: ``budget_bytes`` for ``--budget-bytes``."""
    longest = {max(one.opts, key=len).removeprefix("--").replace("-", "_"): one for one in context.command.params}
    return {name: one for name, one in longest.items() if name not in (CONFIG, "help")}


def _from_file(file: Path, context: typer.Context) -> dict[str, Any]:
    """Values of the command's section, checked as if they had been typed."""
    content, services = read_yaml(file), list(_services(context.find_root().command))
    for name, section in content.items():
        if name not in services:
            raise ConfigError(f"{file}: {_unknown(name, services, 'service')}")
        if section is not None and not isinstance(section, dict):
            raise ConfigError(f"{file}: {name} must hold keys and values, got {shown(section)}")
    name = command_name(context)
    section = content.get(name) or {}
    return {key: _checked(context, key, value, f"{file}: {name}") for key, value in section.items()}


def _from_environment(context: typer.Context) -> dict[str, Any]:
    """Values of the variables that begin with the command's name."""
    prefix = f"SEMCOM_{command_name(context).replace(' ', '_').upper()}_"
    told = {}
    for variable, value in sorted(os.environ.items()):
        if variable.startswith(prefix):
            key = variable.removeprefix(prefix).lower()
            many = getattr(_options(context).get(key), "multiple", False)
            told[key] = _checked(context, key, value.split(SEPARATOR) if many else value, f"environment {variable}")
    return told


def _checked(context: typer.Context, key: Any, value: Any, where: str) -> str | list[str]:
    """The value as text that the command line takes."""
    options = _options(context)
    if key not in options:
        raise ConfigError(f"{where}: {_unknown(key, list(options), 'option')}")
    option = options[key]
    given = value if isinstance(value, list) else [value]
    if isinstance(value, list) and not option.multiple:
        raise ConfigError(f"{where}: {key} must be one value, got {shown(value)}")
    if any(isinstance(one, dict | list) or one is None for one in given):
        raise ConfigError(f"{where}: {key} must be a value, got {shown(value)}")
    texts = [str(one).lower() if isinstance(one, bool) else str(one) for one in given]
    typed = texts if option.multiple else texts[0]
    try:
        option.process_value(context, typed)
    except typer.BadParameter as error:
        raise ConfigError(f"{where}: {key}: {error.message.rstrip('.')}, got {shown(value)}") from None
    return typed


def _unknown(name: Any, known: list[str], what: str) -> str:
    near = get_close_matches(str(name), known, 1, 0.6)
    hint = f"do you mean {near[0]}?" if near else f"known: {', '.join(sorted(known))}"
    return f"{shown(name)} is no {what} here; {hint}"


def _services(command: Any, words: tuple[str, ...] = ()) -> Iterator[str]:
    """Names of the commands that have ``--config``."""
    commands: Mapping[str, Any] = getattr(command, "commands", {})
    for name, one in commands.items():
        yield from _services(one, (*words, name))
    if any(option.name == CONFIG for option in command.params):
        yield " ".join(words)
