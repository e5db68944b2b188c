"""The captures of a recording: stretches of samples, each with its place in the file, its time and its frequency."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from semcom.phy.errors import RecordingError

MAX_CAPTURES = 100_000
MAX_INDEX = 2**63 - 1

_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?[Zz]", re.ASCII)


@dataclass(frozen=True)
class Capture:
    """A stretch of samples without a gap.

    Attributes
    ----------
    start_sample, num_samples : int
        In the recording; samples are counted as the file holds them, from 0.
    first_byte : int
        Where they begin, counted from the first byte of the dataset.
    stream_sample : int
        The first one's number in the stream that was recorded, samples missing in between counted.
    center_freq_hz : float or None
        The radio was tuned to.
    time_s : Fraction or None
        Of the first sample, seconds since 1970, UTC.
    continues : bool
        Goes on where the one before ended, on the same frequency.
    """

    start_sample: int
    num_samples: int
    first_byte: int
    stream_sample: int
    center_freq_hz: float | None
    time_s: Fraction | None
    continues: bool


@dataclass(frozen=True)
class _Told:
    """What the metadata says of one capture."""

    start_sample: int
    header_bytes: int
    index: int
    index_told: bool
    center_freq_hz: float | None
    time_s: Fraction | None
    time_step_s: Fraction


def read_captures(
    entries: Any, offset: int, sample_bytes: int, num_bytes: int, rate_hz: float, where: str
) -> tuple[list[Capture], list[str]]:
    """Captures of a dataset, and notes on what of it is left out.

    Parameters
    ----------
    entries : object
        ``captures`` of the metadata.
    offset : int
        ``core:offset``: number of the dataset's first sample, for all other numbers.
    sample_bytes, num_bytes : int
        Of a sample, and of the dataset.
    rate_hz : float
    where : str
        Named in errors.

    Raises
    ------
    RecordingError
        The message names key, rule and value.
    """
    told = _read_entries(entries, offset, num_bytes, where)
    captures: list[Capture] = []
    notes: list[str] = []
    header_bytes = 0
    for number, this in enumerate(told):
        header_bytes += this.header_bytes
        first_byte = this.start_sample * sample_bytes + header_bytes
        held = max(0, num_bytes - first_byte) // sample_bytes
        if number + 1 < len(told):
            held = min(held, told[number + 1].start_sample - this.start_sample)
        before = captures[-1] if captures else None
        stream_sample, continues = _goes_on(told[number - 1], this, before, rate_hz) if before else (this.index, False)
        time_s = this.time_s
        if time_s is None and before is not None and before.time_s is not None:
            time_s = before.time_s + Fraction(stream_sample - before.stream_sample) / Fraction(rate_hz)
        captures.append(
            Capture(this.start_sample, held, first_byte, stream_sample, this.center_freq_hz, time_s, continues)
        )
    last = captures[-1]
    if rest := max(0, num_bytes - last.first_byte) % sample_bytes:
        notes.append(f"the last sample is cut off: {rest} of its {sample_bytes} bytes are there, and left out")
    if captures[0].start_sample:
        notes.append(f"the first {captures[0].start_sample} samples belong to no capture, and are left out")
    if beyond := [capture for capture in captures[1:] if not capture.num_samples and capture.first_byte >= num_bytes]:
        notes.append(
            f"captures from sample {beyond[0].start_sample} on lie behind the last sample: {len(beyond)} left out"
        )
    return [capture for capture in captures if capture.num_samples], notes


def _goes_on(last: _Told, this: _Told, before: Capture, rate_hz: float) -> tuple[int, bool]:
    """Number of this capture's first sample in the stream, and whether it follows on the one before it."""
    held = this.start_sample - before.start_sample
    stream_sample, continues = before.stream_sample + held, True
    if this.index_told or last.index_told:
        missing = (this.index - last.index) - held
        stream_sample, continues = stream_sample + missing, missing == 0
    elif this.time_s is not None and last.time_s is not None:
        missing = (this.time_s - last.time_s) * Fraction(rate_hz) - held
        # A time is as exact as it has digits.
        if abs(missing) > 1 + (this.time_step_s + last.time_step_s) * Fraction(rate_hz):
            stream_sample, continues = stream_sample + round(missing), False
    return stream_sample, continues and this.center_freq_hz == last.center_freq_hz


def _read_entries(entries: Any, offset: int, num_bytes: int, where: str) -> list[_Told]:
    if entries is None or entries == []:
        entries = [{"core:sample_start": offset}]
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not all(isinstance(e, dict) for e in entries):
        raise RecordingError(f"{where}: captures must be a list of objects, got {entries!r:.60}")
    if len(entries) > MAX_CAPTURES:
        raise RecordingError(f"{where}: captures must be at most {MAX_CAPTURES}, got {len(entries)}")
    told, least = [], offset
    for number, entry in enumerate(entries):
        place = f"{where}: captures[{number}]"
        start = _whole(entry, "core:sample_start", place, least, MAX_INDEX)
        if start is None:
            raise RecordingError(f"{place} must have core:sample_start, got none")
        least = start
        index = _whole(entry, "core:global_index", place, 0, MAX_INDEX)
        freq, when = entry.get("core:frequency"), entry.get("core:datetime")
        time_s, step_s = _read_time(when) if isinstance(when, str) else (None, Fraction(0))
        told.append(
            _Told(
                start - offset,
                _whole(entry, "core:header_bytes", place, 0, num_bytes) or 0,
                start if index is None else index,
                index is not None,
                float(freq) if is_number(freq) and abs(freq) <= 1e12 else None,
                time_s,
                step_s,
            )
        )
    return told


def _whole(entry: dict[str, Any], key: str, place: str, least: int, most: int) -> int | None:
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise RecordingError(f"{place}: {key} must be a whole number from {least} to {most}, got {value!r:.60}")
    return value


def _read_time(text: str) -> tuple[Fraction | None, Fraction]:
    """An RFC 3339 time in UTC, seconds since 1970, and what its last digit stands for; None where it is none."""
    found = _TIME.fullmatch(text)
    if not found:
        return None, Fraction(0)
    *date, second, digits = found.groups()
    try:  # a leap second is the first one of the next minute
        minute_s = datetime(*map(int, date), tzinfo=UTC).timestamp()
    except ValueError:
        return None, Fraction(0)
    step_s = Fraction(1, 10 ** len(digits or ""))
    return int(minute_s) + int(second) + int(digits or 0) * step_s, step_s


def is_number(value: Any) -> bool:
    """Whether it is a finite number, as JSON has them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e300 if isinstance(value, int) else math.isfinite(value)
