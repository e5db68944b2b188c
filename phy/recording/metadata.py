"""The metadata of a SigMF recording, checked: what is honoured, and what is refused by name."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from semcom.phy.errors import RecordingError, RecordingNotFoundError
from semcom.phy.recording.archive import find_recording
from semcom.phy.recording.captures import Capture, is_number, read_captures
from semcom.phy.recording.datatypes import DEFAULT, ENDINGS, Datatype, datatype_of
from semcom.phy.recording.files import ARCHIVE, COLLECTION, DATA, META, Extent, opened, sha512_of, stem_of, with_ending
from semcom.phy.waveform import known_waveforms

MAX_META_BYTES = 1 << 25
MAX_META_ENTRIES = 4_000_000
"""Commas and brackets of a metadata file: each can cost a hundred bytes of memory."""

MAX_RATE_HZ = 1e9
WAVEFORM_KEY, SEARCH_KEY = "semcom:waveform", "semcom:max_cfo_subcarriers"
"""How the one who recorded received, so that a replay receives alike."""

SIGNAL_KEY = "semcom:signal_freq_hz"
"""Where the signal lay, when the oscillator was tuned beside it."""

RESCUE = "told their rate (--sample-rate-hz) and datatype, samples are read without metadata"
HARMLESS_EXTENSIONS = {"semcom", "antenna", "capture_details", "signal", "spatial", "traceability"}
"""They describe samples and do not change how they are read."""


@dataclass(frozen=True)
class Recording:
    """Samples in a file, and what is known of them.

    Attributes
    ----------
    data_path : Path
    extent : Extent
        The dataset within that file: all of it, but for archives.
    datatype : Datatype
    sample_rate_hz : float
    captures : tuple of Capture
        At least one; none is empty.
    waveform : str or None
        Of the one who recorded, where it is one of ours.
    max_cfo_subcarriers : float or None
    signal_freq_hz : float or None
    notes : tuple of str
        What a person should know: parts that are left out.
    """

    data_path: Path
    extent: Extent
    datatype: Datatype
    sample_rate_hz: float
    captures: tuple[Capture, ...]
    waveform: str | None = None
    max_cfo_subcarriers: float | None = None
    signal_freq_hz: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def num_samples(self) -> int:
        """In all captures together."""
        return sum(capture.num_samples for capture in self.captures)

    @property
    def center_freq_hz(self) -> float | None:
        """Of the first capture."""
        return self.captures[0].center_freq_hz


def read_recording(path: str | Path, verify: bool = True, sample_rate_hz: float = 0.0, datatype: str = "") -> Recording:
    """A recording with its metadata, checked.

    Parameters
    ----------
    path : path
        Either file of it, an archive, the name before the ending; or samples alone, with `sample_rate_hz`.
    verify : bool
        Also read all samples, and compare with the checksum where one is given.
    sample_rate_hz, datatype
        Count instead of what the metadata say. With both of them samples are read without their metadata.

    Raises
    ------
    RecordingNotFoundError
        A file is missing or cannot be read.
    RecordingError
        It is no recording, or none that can be received. The message names file, key, rule and value.
    """
    path, stem = Path(path), stem_of(path)
    meta_path, data_path = with_ending(stem, META), with_ending(stem, DATA)
    if path.suffix == COLLECTION:
        raise RecordingError(f"{path}: a collection lists recordings: name one of them")
    archived = with_ending(stem, ARCHIVE)
    if path.suffix == ARCHIVE or (archived.is_file() and not meta_path.exists() and not data_path.exists()):
        with opened(archived) as (file, _):
            name, meta_extent, extent = find_recording(archived, file)
            text = _text_of(file, meta_extent, f"{archived}: {name}{META}")
        if extent is None:
            raise RecordingError(f"{archived}: archive must hold samples, {name}{DATA} is not in it")
        return _read(text, f"{archived}: {name}{META}", archived, extent, verify, sample_rate_hz, datatype)
    bare_path = path if path.is_file() and path.suffix != META else data_path
    if sample_rate_hz and (datatype or bare_path.suffix != DATA or not meta_path.exists()):
        return _samples_alone(bare_path, sample_rate_hz, datatype)
    try:
        with opened(meta_path) as (file, size):
            text = _text_of(file, Extent(0, size), str(meta_path))
    except RecordingNotFoundError as error:
        hint = f"; {RESCUE}" if bare_path.is_file() else ""
        raise RecordingNotFoundError(f"{error}{hint}") from None
    return _read(text, str(meta_path), data_path, None, verify, sample_rate_hz, datatype)


def _samples_alone(path: Path, sample_rate_hz: float, datatype: str) -> Recording:
    with opened(path) as (_, size):
        extent = Extent(0, size)
    known = datatype or ENDINGS.get(path.suffix.lower(), "")
    if not known:
        raise RecordingError(
            f"{path}: datatype must be told for samples without metadata ({DEFAULT}, ci16_le, cu8, ...)"
        )
    about = {"core:sample_rate": sample_rate_hz, "core:datatype": known}
    return _recording({"global": about}, str(path), path, extent)


def _read(
    text: bytes, where: str, data_path: Path, extent: Extent | None, verify: bool, rate_hz: float, datatype: str
) -> Recording:
    """`extent` None: the dataset is a file of its own, the one that the metadata name or else `data_path`."""
    meta = _parsed(text, where)
    about = meta["global"]
    if rate_hz:
        about["core:sample_rate"] = rate_hz
    if datatype:
        about["core:datatype"] = datatype
    if extent is None:
        data_path = _dataset(about, where, data_path)
        with opened(data_path) as (_, size):
            extent = Extent(0, size)
    recording = _recording(meta, where, data_path, extent)
    wanted = about.get("core:sha512")
    if verify and isinstance(wanted, str) and wanted.lower() != sha512_of(data_path, recording.extent):
        raise RecordingError(
            f"{data_path}: core:sha512 must be that of the data, it is another one: they have changed; {RESCUE}"
        )
    return recording


def _recording(meta: dict[str, Any], where: str, data_path: Path, extent: Extent) -> Recording:
    about = meta["global"]
    _refuse_what_is_not_known(about, where)
    datatype = datatype_of(about.get("core:datatype"), f"{where}: core:datatype")
    rate = about.get("core:sample_rate")
    if not is_number(rate) or not 0 < rate <= MAX_RATE_HZ:
        raise RecordingError(f"{where}: core:sample_rate must be above 0 and at most {MAX_RATE_HZ:g}, got {rate!r:.60}")
    trailing, offset = about.get("core:trailing_bytes") or 0, about.get("core:offset") or 0
    for key, value in (("core:trailing_bytes", trailing), ("core:offset", offset)):
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
            raise RecordingError(f"{where}: {key} must be a whole number from 0 on, got {value!r:.60}")
    num_bytes = max(0, extent.num_bytes - trailing)
    captures, notes = read_captures(meta.get("captures"), offset, datatype.sample_bytes, num_bytes, float(rate), where)
    if not captures:
        raise RecordingError(f"{data_path}: must hold samples, there is none in its {extent.num_bytes} bytes")
    waveform, search, signal = (about.get(key) for key in (WAVEFORM_KEY, SEARCH_KEY, SIGNAL_KEY))
    return Recording(
        data_path,
        replace(extent, num_bytes=num_bytes),
        datatype,
        float(rate),
        tuple(captures),
        waveform if isinstance(waveform, str) and waveform in known_waveforms() else None,
        float(search) if is_number(search) and 0 <= search <= 16 else None,
        float(signal) if is_number(signal) and 0 <= signal <= 1e12 else None,
        tuple(f"{data_path}: {note}" for note in notes),
    )


def _refuse_what_is_not_known(about: dict[str, Any], where: str) -> None:
    channels = about.get("core:num_channels", 1)
    if channels != 1:
        raise RecordingError(f"{where}: core:num_channels must be 1, got {channels!r:.60}: take one channel out of it")
    extensions = about.get("core:extensions") or []
    if not isinstance(extensions, list):
        raise RecordingError(f"{where}: core:extensions must be a list, got {extensions!r:.60}")
    for entry in extensions:
        name = entry.get("name") if isinstance(entry, dict) else None
        if isinstance(entry, dict) and entry.get("optional") is False and name not in HARMLESS_EXTENSIONS:
            raise RecordingError(
                f"{where}: core:extensions: {name!r:.60} must be optional, it is not: what it says of the samples is "
                f"not known here; {RESCUE}"
            )


def _dataset(about: dict[str, Any], where: str, data_path: Path) -> Path:
    """The file of the samples: beside the metadata, under the same name or the one that they give."""
    name = about.get("core:dataset")
    if name is not None:
        if not isinstance(name, str) or name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
            raise RecordingError(
                f"{where}: core:dataset must not be given but as the name of a file beside, got {name!r:.60}"
            )
        named = data_path.with_name(name)
        if not named.exists():
            raise RecordingNotFoundError(
                f"{where}: metadata alone: core:dataset says that its samples are in {name!r:.100}, which is not here"
            )
        return named
    if about.get("core:metadata_only") and not data_path.exists():
        raise RecordingNotFoundError(f"{where}: metadata alone: it was given out without samples (core:metadata_only)")
    return data_path


def _parsed(text: bytes, where: str) -> dict[str, Any]:
    entries = sum(text.count(mark) for mark in b",[{")
    if entries > MAX_META_ENTRIES:
        raise RecordingError(f"{where}: metadata must have at most {MAX_META_ENTRIES} entries, got {entries}")
    try:
        meta = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{where}: must be JSON, got {str(error)[:100]}") from None
    about = meta.get("global") if isinstance(meta, dict) else None
    if not isinstance(about, dict):
        raise RecordingError(f"{where}: global must hold keys and values, got {about!r:.60}")
    return meta


def _text_of(file: BinaryIO, extent: Extent, where: str) -> bytes:
    if extent.num_bytes > MAX_META_BYTES:
        raise RecordingError(f"{where}: metadata must be at most {MAX_META_BYTES} bytes, got {extent.num_bytes}")
    file.seek(extent.first_byte)
    return file.read(extent.num_bytes)
