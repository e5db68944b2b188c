"""SigMF recordings: their metadata read with care, and written as the specification's core asks (sigmf.org)."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from semcom.flowgraphs.errors import RadioNotFoundError, RadioSettingError
from semcom.flowgraphs.loopback.result import BurstStatistics
from semcom.flowgraphs.radios.rate_change import occupied_edge, oversampling
from semcom.phy.waveform import Waveform, known_waveforms
from semcom.sdr_configs.real_radio import HardwareRadio, RealRadio

SPECIFICATION = "1.2.0"
MAX_META_BYTES = 1 << 24
MAX_ANNOTATIONS = 100_000
SAMPLE_BYTES = {"cf32_le": 8, "ci16_le": 4, "ci8": 2, "cu8": 2}
"""Datatypes that are read; cf32_le is written."""

META, DATA = ".sigmf-meta", ".sigmf-data"
EXTENSION = {"name": "semcom", "version": "0.1.0", "optional": True}
WAVEFORM_KEY, SEARCH_KEY = "semcom:waveform", "semcom:max_cfo_subcarriers"
"""How the one who recorded received, so that a replay receives alike."""

_REFUSED = ("core:dataset", "core:trailing_bytes", "core:metadata_only")


@dataclass(frozen=True)
class Recording:
    """A recording that can be replayed."""

    data_path: Path
    datatype: str
    sample_rate_hz: float
    num_samples: int
    center_freq_hz: float | None
    waveform: str | None
    """Of the one who recorded, where it is one of ours."""
    max_cfo_subcarriers: float | None


def stem_of(path: str | Path) -> Path:
    """The recording's name without either suffix."""
    path = Path(path)
    return path.with_suffix("") if path.suffix in (META, DATA) else path


def with_ending(stem: Path, ending: str) -> Path:
    """The file beside; a name with a dot in it keeps it."""
    return stem.with_name(stem.name + ending)


def read_recording(path: str | Path, verify: bool = True) -> Recording:
    """The metadata of a recording, checked.

    Parameters
    ----------
    path : path
        Either file of it, or the name before.
    verify : bool
        Also read all samples, and compare with the checksum where one is given.

    Raises
    ------
    RadioNotFoundError
        A file is missing or cannot be read.
    RadioSettingError
        It is no SigMF, or none that we can replay. The message names file, key, rule and value.
    """
    stem = stem_of(path)
    meta_path, data_path = with_ending(stem, META), with_ending(stem, DATA)
    try:
        with meta_path.open("rb") as file:
            text = file.read(MAX_META_BYTES + 1)
        num_bytes = data_path.stat().st_size
    except OSError as error:
        raise RadioNotFoundError(f"recording {error.filename}: cannot be read: {error.strerror}") from None
    if len(text) > MAX_META_BYTES:
        raise RadioSettingError(f"{meta_path}: file must be at most {MAX_META_BYTES} bytes, got more")
    try:
        meta = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RadioSettingError(f"{meta_path}: must be JSON, got {str(error)[:100]}") from None
    about = meta.get("global") if isinstance(meta, dict) else None
    if not isinstance(about, dict):
        raise RadioSettingError(f"{meta_path}: global must hold keys and values, got {_short(about)}")
    for key in _REFUSED:
        if about.get(key):
            raise RadioSettingError(f"{meta_path}: {key} must not be given for a recording to replay")
    datatype, rate = about.get("core:datatype"), about.get("core:sample_rate")
    if not isinstance(datatype, str) or datatype not in SAMPLE_BYTES:
        raise RadioSettingError(
            f"{meta_path}: core:datatype must be one of {', '.join(SAMPLE_BYTES)}, got {_short(datatype)}"
        )
    if not _is_number(rate) or not 0 < rate <= 200e6:
        raise RadioSettingError(f"{meta_path}: core:sample_rate must be above 0 and at most 2e8, got {_short(rate)}")
    if about.get("core:num_channels", 1) != 1:
        raise RadioSettingError(f"{meta_path}: core:num_channels must be 1, got {_short(about['core:num_channels'])}")
    captures = meta.get("captures")
    first = captures[0] if isinstance(captures, list) and captures and isinstance(captures[0], dict) else {}
    if first.get("core:header_bytes"):
        raise RadioSettingError(f"{meta_path}: core:header_bytes must be 0, got {_short(first['core:header_bytes'])}")
    freq = first.get("core:frequency")
    if num_bytes % SAMPLE_BYTES[datatype]:
        raise RadioSettingError(
            f"{data_path}: must hold whole samples of {SAMPLE_BYTES[datatype]} bytes, got {num_bytes}"
        )
    wanted = about.get("core:sha512")
    if verify and isinstance(wanted, str) and wanted.lower() != sha512_of(data_path):
        raise RadioSettingError(f"{data_path}: core:sha512 must be that of the data, it is another one")
    waveform, search = about.get(WAVEFORM_KEY), about.get(SEARCH_KEY)
    return Recording(
        data_path=data_path,
        datatype=datatype,
        sample_rate_hz=float(rate),
        num_samples=num_bytes // SAMPLE_BYTES[datatype],
        center_freq_hz=float(freq) if _is_number(freq) else None,
        waveform=waveform if isinstance(waveform, str) and waveform in known_waveforms() else None,
        max_cfo_subcarriers=float(search) if _is_number(search) and 0 <= search <= 16 else None,
    )


class SigmfRecorder:
    """Writes the metadata of a recording whose samples somebody else writes to `data_path`.

    Parameters
    ----------
    path : path
        With or without one of the two endings.
    radio : RealRadio
        Whose samples they are.
    """

    def __init__(self, path: str | Path, radio: RealRadio, sample_rate_hz: float | None = None):
        self._stem = stem_of(path)
        self.data_path, self.meta_path = with_ending(self._stem, DATA), with_ending(self._stem, META)
        self._radio = radio
        self._rate_hz = sample_rate_hz or radio.sample_rate_hz
        self._waveform = Waveform.load(radio.waveform)
        self._ratio = oversampling(self._rate_hz, self._waveform)
        self._began = datetime.now(UTC)
        self._annotations: list[dict[str, Any]] = []
        try:
            self.data_path.parent.mkdir(parents=True, exist_ok=True)
            self.data_path.write_bytes(b"")
        except OSError as error:
            raise RadioSettingError(f"recording {self.data_path}: cannot be written: {error.strerror}") from None

    def take_burst(self, burst: BurstStatistics) -> None:
        """A burst that was received in it: its start counts samples at the receiver's rate."""
        kept = 2 if self._ratio % 2 == 0 else 1
        label = burst.mcs if burst.header_ok and burst.mcs else "unreadable burst"
        comment = f"SNR {burst.snr_db:.1f} dB, carrier offset {burst.cfo_hz:.0f} Hz"
        start = burst.start_sample * self._ratio // kept
        self.annotate(start, burst.channel_uses * self._ratio, label, comment)

    def annotate(self, start_sample: int, sample_count: int, label: str, comment: str = "") -> None:
        """A burst lies here; counted in the recording's own samples."""
        if len(self._annotations) >= MAX_ANNOTATIONS:
            return
        entry = {
            "core:sample_start": max(0, start_sample),
            "core:sample_count": max(1, sample_count),
            "core:label": label,
        }
        if comment:
            entry["core:comment"] = comment
        center = self._center_freq_hz
        if center:
            half = occupied_edge(self._waveform) * self._waveform.nominal_rate_hz
            entry |= {"core:freq_lower_edge": center - half, "core:freq_upper_edge": center + half}
        self._annotations.append(entry)

    def finish(self) -> None:
        """Write the metadata; the samples must be there."""
        capture: dict[str, Any] = {"core:sample_start": 0, "core:datetime": f"{self._began:%Y-%m-%dT%H:%M:%S.%fZ}"}
        if self._center_freq_hz:
            lo_offset_hz = getattr(self._radio, "lo_offset_hz", 0.0) if self._shifted else 0.0
            capture["core:frequency"] = self._center_freq_hz + lo_offset_hz
        about = {
            "core:datatype": "cf32_le",
            "core:sample_rate": self._rate_hz,
            "core:version": SPECIFICATION,
            "core:num_channels": 1,
            "core:description": f"semcom, waveform {self._waveform.name}",
            "core:recorder": f"gr-semcom {_own_version()}",
            "core:hw": self._radio.description or self._radio.driver,
            "core:sha512": sha512_of(self.data_path),
            "core:extensions": [EXTENSION],
            WAVEFORM_KEY: self._waveform.name,
            SEARCH_KEY: self._radio.max_cfo_subcarriers,
        }
        annotations = sorted(self._annotations, key=lambda entry: entry["core:sample_start"])
        text = json.dumps({"global": about, "captures": [capture], "annotations": annotations}, indent=2)
        self.meta_path.write_text(text + "\n", encoding="utf-8")

    @property
    def _center_freq_hz(self) -> float:
        return getattr(self._radio, "center_freq_hz", 0.0)

    @property
    def _shifted(self) -> bool:
        return isinstance(self._radio, HardwareRadio) and self._radio.shifts_digitally


def sha512_of(path: Path) -> str:
    """Of a file's content, lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()


def _own_version() -> str:
    try:
        return version("gr-semcom")
    except PackageNotFoundError:
        return "unknown"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _short(value: Any) -> str:
    return repr(value)[:60]
