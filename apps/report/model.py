"""What became of one photo, in one form for every command: the entry of ``report.json`` and of ``result.json``.

`send`, `receive`, `replay` and `host rx` fill the same fields; what one side cannot know is null. The fields are
described in docs/report.md. A field may be added under the same number; one that goes, or changes its meaning, raises
`SCHEMA`.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np

SCHEMA = 1
LOST, PARTIAL, COMPLETE = "lost", "partial", "complete"
Outcome = Literal["lost", "partial", "complete"]
_NO_OTHER_KEYS = {"extra": "forbid"}


@dataclass(frozen=True)
class LayerResult:
    """A layer on its way. Frames are link frames; of the whole set where several layers share them.

    `channel_uses` is its cost on air, repeats included: its share, by bytes, of the frames that carried it.
    `link` is the number of the link, 0 but for layers with one of their own.
    `frames_sent` at a receiver counts the frames that are known of. `kind`, `importance` and `bytes` are null where a
    receiver got none of the layer.
    """

    __pydantic_config__: ClassVar = _NO_OTHER_KEYS

    name: str
    kind: str | None
    importance: int | None
    bytes: int | None
    frames_sent: int | None
    frames_received: int | None
    complete: bool
    mcs: str | None = None
    transmissions: int | None = None
    channel_uses: int | None = None
    link: int | None = None


@dataclass(frozen=True)
class FrameCounts:
    """Link frames of one photo. A receiver does not know how many were sent; it knows of some that they are lost."""

    __pydantic_config__: ClassVar = _NO_OTHER_KEYS

    sent: int | None
    received: int | None
    lost: int | None


@dataclass(frozen=True)
class Identity:
    """Numbers of the picture, as the link names it: both ends know them."""

    __pydantic_config__: ClassVar = _NO_OTHER_KEYS

    stream: int
    group: int
    picture: int


@dataclass(frozen=True)
class SentBy:
    """What a picture tells of where it comes from.

    `submission` is the same whenever this photo is sent, `photo` the name of its file, where the sender tells it.
    """

    __pydantic_config__: ClassVar = _NO_OTHER_KEYS

    stream: int
    submission: str | None
    photo: str | None


@dataclass(frozen=True)
class PictureTimes:
    """When a picture was taken in by its sender, first heard of, and complete: UTC, ISO 8601."""

    __pydantic_config__: ClassVar = _NO_OTHER_KEYS

    sent: str | None
    first_burst: str | None
    complete: str | None
    clock: str = "sent: the sender's; others: the receiver's"


@dataclass(frozen=True, kw_only=True)
class PictureResult:
    """One photo, sent or received: the numbers of it. Units are in the names; see docs/report.md."""

    __pydantic_config__: ClassVar = _NO_OTHER_KEYS

    schema: Literal[1] = SCHEMA
    command: str
    version: str | None = field(default_factory=lambda: program_version())
    time: str = field(default_factory=lambda: utc_text())
    image: str
    path: str | None = None
    folder: str | None = None
    identity: Identity | None = None
    sender: SentBy | None = None
    times: PictureTimes | None = None
    outcome: Outcome
    complete: bool = False
    system: str | None = None
    width: int | None = None
    height: int | None = None
    bytes_raw: int | None = None
    bytes_packet: int | None = None
    compression_ratio: float | None = None
    layers: list[LayerResult]
    frames: FrameCounts
    account: dict[str, Any] | None = None
    radio: dict[str, Any] | None = None
    channel_uses: int | None = None
    cbr: float | None = None
    airtime_s: float | None = None
    snr_db_estimated: float | None = None
    cfo_hz_estimated: float | None = None
    evm_db: float | None = None
    caption: str | None = None
    missing: list[str] | None = None
    provenance: dict[str, float] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    timings_s: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        object.__setattr__(self, "complete", self.outcome == COMPLETE)

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON; numbers that do not exist (infinite, unknown) are null."""
        return jsonable(asdict(self))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of one entry; unknown keys are refused."""
    return _adapter().json_schema(mode="serialization")


def check(entry: dict[str, Any]) -> None:
    """Compare an entry with the schema.

    Raises
    ------
    ValueError
        Names each field that is unknown, missing, or of another type.
    """
    result = _adapter().validate_json(json.dumps(entry), strict=True)
    absent = set(asdict(result)) - set(entry)
    for layer, told in zip(result.layers, entry["layers"], strict=True):
        absent |= {f"layers.{name}" for name in set(asdict(layer)) - set(told)}
    if absent:
        raise ValueError(f"fields must all be there, got none of {', '.join(sorted(absent))}")


def _adapter() -> Any:
    from pydantic import TypeAdapter  # only whoever checks waits for it

    return TypeAdapter(PictureResult)


def utc_text(at_s: float | None = None) -> str:
    """Now, or a time in seconds since 1970, as ISO 8601 in UTC with milliseconds: ``2026-01-31T12:00:00.000Z``."""
    now = datetime.now(UTC) if at_s is None else datetime.fromtimestamp(at_s, UTC)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(1)
def program_version() -> str | None:
    """Version of the distribution; None where CMake alone installed it, without pip's record."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("gr-semcom")
    except PackageNotFoundError:
        return None


def jsonable(value: Any) -> Any:
    """Plain values for JSON: numbers rounded to six digits, None for what JSON cannot say."""
    if isinstance(value, dict):
        return {str(key): jsonable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(entry) for entry in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
