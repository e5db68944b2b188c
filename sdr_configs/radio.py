"""What a radio file may say, and `load_radio` that reads one.

A radio is a driver with its settings. Each driver has a model of its own here, told apart by the key ``driver``; the
first one is ``loopback``: no radio at all, but GNU Radio's channel model between sender and receiver.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from . import FOLDER
from .errors import ConfigError, UnknownRadioError
from .yaml_file import read_yaml, shown

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_NUMBER_AS_TEXT = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+")


class Settings(BaseModel):
    """Common to all parts of a radio file: nothing unknown, nothing converted, no NaN, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class PropagationPath(Settings):
    """One way from sender to receiver."""

    delay_us: float = Field(0.0, ge=0, le=1000, description="after the first, microseconds")
    power_db: float = Field(0.0, ge=-60, le=60, description="relative to the other paths; together they have power 1")
    phase_deg: float = Field(0.0, ge=-360, le=360, description="of the carrier, degrees")


class Channel(Settings):
    """The channel model between sender and receiver (docs/conventions.md)."""

    snr_db: float | None = Field(None, ge=-40, le=100, description="mean burst power / noise variance; null: no noise")
    cfo_hz: float = Field(0.0, ge=-1e6, le=1e6, description="carrier offset at the receiver, hertz")
    clock_offset_ppm: float = Field(0.0, ge=-1000, le=1000, description="sender's sample clock, parts per million fast")
    delay_samples: float = Field(0.0, ge=0, le=64, description="of the first path, in samples; may be fractional")
    paths: tuple[PropagationPath, ...] = Field((PropagationPath(),), min_length=1, max_length=32, strict=False)
    seed: int = Field(1, ge=1, le=2**31 - 1, description="of the noise")


class LoopbackRadio(Settings):
    """No radio: the channel model in between."""

    driver: Literal["loopback"]
    description: str = Field("", max_length=200)
    waveform: str = Field("ofdm64", min_length=1, max_length=200, description="name in waveforms/ or a path")
    channel: Channel = Channel()

    def with_channel(self, **changes: Any) -> LoopbackRadio:
        """The same radio over another channel: ``radio.with_channel(snr_db=6.0)``.

        Raises
        ------
        ConfigError
            As when the change had been written in the file.
        """
        content = self.model_dump()
        return parse_radio({**content, "channel": {**content["channel"], **changes}})


DRIVERS: dict[str, type[Settings]] = {"loopback": LoopbackRadio}


def radio_names(folder: Path = FOLDER) -> list[str]:
    """Names that `load_radio` knows: the YAML files of the folder."""
    return sorted(path.stem for path in folder.glob("*.yml"))


def load_radio(name_or_path: str | Path, folder: Path = FOLDER) -> LoopbackRadio:
    """A radio by its name in ``sdr_configs/`` or by the path of a YAML file.

    Raises
    ------
    UnknownRadioError
        No such name; the message lists the known ones.
    ConfigError
        The file cannot be read or says something that cannot work.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or text.endswith((".yml", ".yaml")):
        path = Path(name_or_path)
    elif _NAME.fullmatch(text) and text in radio_names(folder):
        path = folder / f"{text}.yml"
    else:
        known = ", ".join(radio_names(folder))
        raise UnknownRadioError(f"radio must be one of {known} or the path of a .yml file, got {shown(text)}")
    return parse_radio(read_yaml(path), str(path))


def parse_radio(content: dict[str, Any], source: str = "radio") -> LoopbackRadio:
    """Check the keys and values of a radio file; ``source`` is named in errors.

    Raises
    ------
    ConfigError
        One line with each offending key, its rule and the value.
    """
    driver = content.get("driver")
    if not isinstance(driver, str) or driver not in DRIVERS:
        raise ConfigError(f"{source}: driver must be one of {', '.join(DRIVERS)}, got {shown(driver)}")
    try:
        return DRIVERS[driver].model_validate(content)
    except ValidationError as error:
        reasons = [explain(entry, DRIVERS[driver]) for entry in error.errors()]
        raise ConfigError(f"{source}: " + "; ".join(reasons)) from None


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
