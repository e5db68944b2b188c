"""What a radio file may say, and `load_radio` that reads one.

A radio is a driver with its settings, told apart by the key ``driver``. The drivers of real radios have files of their
own; ``loopback`` is no radio at all, but GNU Radio's channel model between sender and receiver.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from semcom.sdr_configs import FOLDER
from semcom.sdr_configs.errors import ConfigError, UnknownRadioError
from semcom.sdr_configs.explanation import explain
from semcom.sdr_configs.nominal_rate import nominal_rate_hz
from semcom.sdr_configs.pluto import PlutoRadio
from semcom.sdr_configs.real_radio import RealRadio
from semcom.sdr_configs.schema import Field, ValidationError, model_validator
from semcom.sdr_configs.settings import Settings
from semcom.sdr_configs.sigmf import SigmfRadio
from semcom.sdr_configs.soapy import SoapyRadio
from semcom.sdr_configs.usrp import UsrpRadio
from semcom.sdr_configs.yaml_file import read_yaml, shown
from semcom.sdr_configs.zmq import ZmqRadio

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


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

    @model_validator(mode="after")
    def _carrier_offset_is_no_other_one(self) -> LoopbackRadio:
        """Samples cannot tell an offset from one a whole rate away: at 1 Msps, 1 MHz would be none at all."""
        rate_hz = nominal_rate_hz(self.waveform)
        if rate_hz is not None and abs(self.channel.cfo_hz) >= rate_hz / 2:
            raise ValueError(
                f"channel.cfo_hz must be less than half the rate of waveform {self.waveform} ({rate_hz / 2:g} Hz), "
                f"got {self.channel.cfo_hz:g}"
            )
        return self

    def with_channel(self, **changes: Any) -> LoopbackRadio:
        """The same radio over another channel: ``radio.with_channel(snr_db=6.0)``.

        Raises
        ------
        ConfigError
            As when the change had been written in the file.
        """
        content = self.model_dump()
        changed = parse_radio({**content, "channel": {**content["channel"], **changes}})
        assert isinstance(changed, LoopbackRadio)  # its driver is part of its content
        return changed


class IdealRadio(LoopbackRadio):
    """No modem either: Shannon's capacity at an SNR, which is that of a symbol. Only its noise counts."""

    driver: Literal["ideal"]  # type: ignore[assignment]

    @model_validator(mode="after")
    def _nothing_but_noise(self) -> IdealRadio:
        if self.channel.snr_db is None:
            raise ValueError("channel.snr_db must be given: without noise capacity has no bound, got null")
        plain = Channel(snr_db=self.channel.snr_db, seed=self.channel.seed)
        changed = [name for name in Channel.model_fields if getattr(self.channel, name) != getattr(plain, name)]
        if changed:
            raise ValueError(f"channel.{changed[0]} must be left out: an ideal link has noise alone")
        return self


DRIVERS: dict[str, type[LoopbackRadio | RealRadio]] = {
    "loopback": LoopbackRadio,
    "ideal": IdealRadio,
    "pluto": PlutoRadio,
    "uhd": UsrpRadio,
    "soapy": SoapyRadio,
    "sigmf": SigmfRadio,
    "zmq": ZmqRadio,
}


def radio_names(folder: Path = FOLDER) -> list[str]:
    """Names that `load_radio` knows: the YAML files of the folder."""
    return sorted(path.stem for path in folder.glob("*.yml"))


def radio_path(name_or_path: str | Path, folder: Path = FOLDER) -> Path:
    """Where the file of a radio lies. Raises `UnknownRadioError` for a name that is none."""
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or text.endswith((".yml", ".yaml")):
        path = Path(name_or_path)
    elif _NAME.fullmatch(text) and text in radio_names(folder):
        path = folder / f"{text}.yml"
    else:
        known = ", ".join(radio_names(folder))
        raise UnknownRadioError(f"radio must be one of {known} or the path of a .yml file, got {shown(text)}")
    return path


def load_radio(name_or_path: str | Path, folder: Path = FOLDER) -> LoopbackRadio | RealRadio:
    """A radio by its name in ``sdr_configs/`` or by the path of a YAML file.

    Raises
    ------
    UnknownRadioError
        No such name; the message lists the known ones.
    ConfigError
        The file cannot be read or says something that cannot work.
    """
    path = radio_path(name_or_path, folder)
    return parse_radio(read_yaml(path), str(path))


def load_loopback(name_or_path: str | Path) -> LoopbackRadio:
    """A loopback radio; any other one is refused, also the ideal one."""
    radio = load_simulated(name_or_path)
    if isinstance(radio, IdealRadio):
        raise ConfigError(f"{name_or_path}: driver must be loopback here, got 'ideal': use `semcom send` or `sweep`")
    return radio


def load_simulated(name_or_path: str | Path) -> LoopbackRadio:
    """A radio that is none: loopback or ideal; any real one is refused."""
    radio = load_radio(name_or_path)
    if not isinstance(radio, LoopbackRadio):
        raise ConfigError(
            f"{name_or_path}: driver must be loopback here, got {radio.driver!r}: "
            "use `semcom transmit` and `semcom receive`"
        )
    return radio


def load_real_radio(name_or_path: str | Path) -> RealRadio:
    """A radio that is no loopback."""
    radio = load_radio(name_or_path)
    if not isinstance(radio, RealRadio):
        raise ConfigError(
            f"{name_or_path}: driver must be a real radio's here, got 'loopback': use `semcom send`, or without "
            "hardware --radio zmq from one process to another"
        )
    return radio


def parse_radio(content: dict[str, Any], source: str = "radio") -> LoopbackRadio | RealRadio:
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
