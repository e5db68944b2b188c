"""What a sweep file may say: systems × photos × links × SNR × bandwidth × seeds, and `load_sweep` that reads one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.explanation import explain
from semcom.sdr_configs.schema import Field, ValidationError, model_validator
from semcom.sdr_configs.settings import Settings
from semcom.sdr_configs.yaml_file import read_yaml

MAX_TRIALS = 10_000_000

Link = Literal["ideal", "modem", "gallager"]
QUALITIES = ("psnr_db", "ssim", "ms_ssim")
"""Columns of every row."""
MEASURES = ("cosine", "features", "labels", "words")
"""Columns that networks give, of rows for which they are asked."""
FOLDER_MEASURES = ("lpips", "clip")
"""The same, by networks in a folder of the user's: ``lpips=FOLDER``."""


class SweptSystem(Settings):
    """A system, and what it has of its own; a text stands for ``{system: TEXT}``."""

    system: str = Field(max_length=400, description="NAME or NAME,key=value")
    links: tuple[Link, ...] = Field((), strict=False, description="in place of the sweep's")
    mcs: str | None = Field(None, description="in place of the sweep's")
    text: Literal["coded", "soft"] = Field("coded", description="how its sentences travel")
    models: str | None = Field(None, description="a preset of models, at both ends")

    @model_validator(mode="before")
    @classmethod
    def _of_text(cls, value: Any) -> Any:
        return {"system": value} if isinstance(value, str) else value


class Shown(Settings):
    """Which trials keep their pictures for the page."""

    snr_db: tuple[float, ...] = Field((), max_length=8, strict=False, description="at these SNRs")
    photos: int = Field(1, ge=0, le=16, description="of so many photos, the first ones")


class SweepSettings(Settings):
    """A sweep: every combination of its lists is a trial.

    A CBR is complex channel uses for a colour value, everything on air included; ``1/6`` is a number, too.
    """

    description: str = Field("", max_length=400)
    systems: tuple[SweptSystem, ...] = Field(min_length=1, max_length=32, strict=False)
    photos: tuple[str, ...] = Field((), max_length=256, strict=False, description="files or patterns")
    sets: dict[str, list[str]] = Field({}, max_length=16, description="the same by the set's name")
    links: tuple[Link, ...] = Field(("ideal",), min_length=1, strict=False)
    channels: tuple[str, ...] = Field(("awgn",), min_length=1, max_length=16, strict=False)
    waveform: str = Field("ofdm64", min_length=1, max_length=200)
    mcs: str = Field("auto", description="of the modem; auto: the fastest that the SNR allows")
    snr_db: tuple[float, ...] = Field(min_length=1, max_length=256, strict=False)
    cbr: tuple[float | str, ...] = Field((), max_length=64, strict=False)
    budget_bytes: tuple[int, ...] = Field((), max_length=64, strict=False)
    seeds: tuple[int, ...] = Field((1,), min_length=1, max_length=100_000, strict=False)
    metrics: tuple[str, ...] = Field(("psnr_db", "ms_ssim"), min_length=1, max_length=4, strict=False)
    figures: tuple[Literal["set", "link", "channel", "bandwidth"], ...] = Field(
        ("set", "link", "channel", "bandwidth"), strict=False, description="each of these has a figure of its own"
    )
    split: bool = Field(False, description="figures of what the bytes are for, too")
    pictures: Shown = Shown()

    @model_validator(mode="after")
    def _what_can_be(self) -> SweepSettings:
        if bool(self.cbr) == bool(self.budget_bytes):
            raise ValueError("either cbr or budget_bytes must be given, got both or none")
        if bool(self.photos) == bool(self.sets):
            raise ValueError("either photos or sets must be given, got both or none")
        if self.sets and {*self.links, *(link for one in self.systems for link in one.links)} != {"ideal"}:
            raise ValueError("links of sets must be ideal")
        for text in self.cbr:
            _cbr(text)
        for value in self.budget_bytes:
            if not 1 <= value <= 1 << 24:
                raise ValueError(f"budget_bytes must be 1 to {1 << 24}, got {value}")
        for value in self.snr_db:
            if not -20 <= value <= 60:
                raise ValueError(f"snr_db must be -20 to 60, got {value:g}")
        for name in self.metrics:
            kind, _, folder = name.partition("=")
            if kind not in (FOLDER_MEASURES if folder else (*QUALITIES, *MEASURES)):
                known = (*QUALITIES, *MEASURES, *(f"{one}=FOLDER" for one in FOLDER_MEASURES))
                raise ValueError(f"metrics must be of {', '.join(known)}, got {name!r}")
        for seed in self.seeds:
            if not 0 <= seed < 1 << 31:
                raise ValueError(f"seeds must be 0 to {(1 << 31) - 1}, got {seed}")
        return self

    @property
    def cbrs(self) -> tuple[float, ...]:
        """As numbers."""
        return tuple(_cbr(value) for value in self.cbr)


def load_sweep(path: Path) -> SweepSettings:
    """A sweep file.

    Raises
    ------
    ConfigError
        It cannot be read, or says something that cannot work: key, rule and value.
    """
    try:
        return SweepSettings.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ConfigError(f"{path}: " + "; ".join(explain(entry, SweepSettings) for entry in error.errors())) from None


def _cbr(value: float | str) -> float:
    try:
        number = float(Fraction(value)) if isinstance(value, str) else float(value)
    except (ValueError, ZeroDivisionError):
        number = 0.0
    if not 1e-5 <= number <= 4:
        raise ValueError(f"cbr must be 0.00001 to 4 channel uses for a colour value, got {value}")
    return number
