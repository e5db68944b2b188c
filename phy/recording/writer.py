"""A recording that is being written: whatever ends it, what is in its files is true and can be read."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from semcom.phy.errors import RecordingError
from semcom.phy.recording.datatypes import DEFAULT
from semcom.phy.recording.files import DATA, META, stem_of, with_ending

SPECIFICATION = "1.2.0"
EXTENSION = {"name": "semcom", "version": "0.2.0", "optional": True}
MAX_ANNOTATIONS = 20_000
MAX_CAPTURES = 20_000
"""Entries of either kind in the metadata, which stay below 12 MB: what is beyond is counted, not listed."""

WRITE_EVERY_S = 1.0
"""The metadata are written again at most so often while samples come."""

_SAMPLE_BYTES = 8
_ROOM_BYTES = 1 << 16  # beside the metadata, where a full disk must yield room for them


@dataclass(frozen=True)
class About:
    """What is known of a recording from its start.

    Attributes
    ----------
    sample_rate_hz : float
    center_freq_hz : float or None
        The radio's oscillator.
    facts : dict
        Further keys of ``global``.
    freq_edges_hz : (float, float) or None
        Of the signal, for annotations.
    """

    sample_rate_hz: float
    center_freq_hz: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    freq_edges_hz: tuple[float, float] | None = None


class RecordingWriter:
    """Writes NAME.sigmf-meta and NAME.sigmf-data.

    The metadata are there from the start, replaced as a whole after each gap, and complete after `close`: a process
    that is killed leaves a recording that can be replayed.

    Parameters
    ----------
    path : path
        With or without an ending.
    about : About
    overwrite : bool
        Take the place of a recording of this name.

    Attributes
    ----------
    num_samples : int
        Written so far.
    trouble : str
        Why nothing more is written, in a sentence; empty while all is well.

    Raises
    ------
    RecordingError
        There is a recording of this name, or no file can be made.
    """

    def __init__(self, path: str | Path, about: About, overwrite: bool = False) -> None:
        check_free(path, overwrite)
        self.meta_path, self.data_path = files_of(path)
        self._about = about
        self.num_samples, self.trouble = 0, ""
        self._digest = hashlib.sha512()
        self._began_s = Fraction(time.time_ns(), 10**9)
        self._first_time_s: Fraction | None = None  # of sample 0, as the radio counts
        self._captures: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []
        self._not_listed = {"annotations": 0, "captures": 0}
        self._written_at_s = 0.0
        try:
            self.data_path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO | None = self.data_path.open("wb" if overwrite else "xb", buffering=0)
            self.begin_capture(time_s=self._began_s)
            self._write_metadata()
        except OSError as error:
            raise RecordingError(f"recording {self.data_path}: cannot be written: {error.strerror}") from None

    def write(self, samples: np.ndarray) -> bool:
        """Add complex64 [n]; whether they are written. `trouble` says why not."""
        if self._file is None:
            return False
        data = memoryview(np.ascontiguousarray(samples, "<c8")).cast("B")
        written = 0
        try:
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError as error:
            self._digest.update(data[: written // _SAMPLE_BYTES * _SAMPLE_BYTES])
            self.num_samples += written // _SAMPLE_BYTES
            self._end(error)
            return False
        self._digest.update(data)
        self.num_samples += len(samples)
        if self._is_stale and time.monotonic() - self._written_at_s > WRITE_EVERY_S:
            self._keep_true()
        return True

    def begin_capture(
        self,
        time_s: Fraction | None = None,
        radio_time_s: Fraction | None = None,
        center_freq_hz: float | None = None,
    ) -> None:
        """The next sample does not follow on the last one: samples are missing, or the radio is tuned elsewhere.

        Parameters
        ----------
        time_s : Fraction, optional
            Of the next sample, seconds since 1970. The present time where it is not given.
        radio_time_s : Fraction, optional
            The same as the radio counts, from whatever start: says exactly how many samples are missing.
        center_freq_hz : float, optional
            From here on.
        """
        rate_hz = Fraction(self._about.sample_rate_hz)
        now_s = Fraction(time.time_ns(), 10**9) if time_s is None else time_s
        index = self.num_samples
        if self._captures:
            first_s, this_s = (
                (self._first_time_s, radio_time_s)
                if None not in (self._first_time_s, radio_time_s)
                else (self._began_s, now_s)
            )
            least = self._captures[-1]["core:global_index"] + index - self._captures[-1]["core:sample_start"]
            index = max(round((this_s - first_s) * rate_hz), least)
        elif radio_time_s is not None:
            self._first_time_s = radio_time_s
        entry: dict[str, Any] = {
            "core:sample_start": self.num_samples,
            "core:global_index": index,
            "core:datetime": _written(now_s),
        }
        freq_hz = center_freq_hz or self._about.center_freq_hz
        if freq_hz:
            entry["core:frequency"] = freq_hz
        if self._captures and self._captures[-1]["core:sample_start"] == self.num_samples:
            self._captures[-1] = entry | {"core:global_index": max(index, self._captures[-1]["core:global_index"])}
        elif len(self._captures) >= MAX_CAPTURES:
            self._not_listed["captures"] += 1
        else:
            self._captures.append(entry)
        self._is_stale = True

    def set_time(self, time_s: Fraction | None, radio_time_s: Fraction) -> None:
        """The radio tells the time of the next sample, which follows on the last one."""
        self._first_time_s = radio_time_s - Fraction(self.num_samples) / Fraction(self._about.sample_rate_hz)
        if time_s is not None and len(self._captures) == 1:
            self._began_s = time_s - Fraction(self.num_samples) / Fraction(self._about.sample_rate_hz)
            self._captures[0]["core:datetime"] = _written(self._began_s)
            self._is_stale = True

    def annotate(self, start_sample: int, sample_count: int, label: str, comment: str = "") -> None:
        """A burst lies here; counted in the recording's own samples."""
        if len(self._annotations) >= MAX_ANNOTATIONS:
            self._not_listed["annotations"] += 1
            return
        entry = {
            "core:sample_start": max(0, start_sample),
            "core:sample_count": max(1, sample_count),
            "core:label": label,
        }
        if comment:
            entry["core:comment"] = comment
        if self._about.freq_edges_hz:
            low_hz, high_hz = self._about.freq_edges_hz
            entry |= {"core:freq_lower_edge": low_hz, "core:freq_upper_edge": high_hz}
        self._annotations.append(entry)

    def close(self) -> None:
        """Complete the metadata; more than once does no harm. A recording without a sample is taken away."""
        if self._file is None:
            if not self.trouble:
                return
        else:
            self._file.close()
            self._file = None
        if self.num_samples == 0:
            for path in (self.meta_path, self.data_path):
                path.unlink(missing_ok=True)
            return
        self._keep_true(complete=True)

    def _keep_true(self, complete: bool = False) -> None:
        """Metadata as things are; `trouble` where they cannot be written."""
        try:
            self._write_metadata(complete)
        except OSError as error:
            if self._file is not None:
                self._end(error)
            elif not self.trouble:
                self.trouble = f"{self.meta_path}: cannot be written: {error.strerror}"

    def _end(self, error: OSError) -> None:
        """No more can be written: keep whole samples, and metadata that fit them."""
        self._file.close()
        self._file = None
        text_bytes = len(self._text(complete=True)) if error.errno in (errno.ENOSPC, errno.EDQUOT) else 0
        for room_bytes in (0, 2 * text_bytes + _ROOM_BYTES):
            kept = max(0, self.num_samples - room_bytes // _SAMPLE_BYTES)
            self._cut_to(kept)
            try:
                self._write_metadata(complete=True)
            except OSError:
                continue
            break
        seconds = self.num_samples / self._about.sample_rate_hz
        self.trouble = (
            f"recording {self.data_path} ends after {seconds:.2f} s: {error.strerror}; what is there can be replayed"
        )

    def _cut_to(self, num_samples: int) -> None:
        try:
            os.truncate(self.data_path, num_samples * _SAMPLE_BYTES)
        except OSError:
            return
        if num_samples != self.num_samples:
            self.num_samples, self._digest = num_samples, None
            self._captures = [entry for entry in self._captures if entry["core:sample_start"] <= num_samples]

    def _write_metadata(self, complete: bool = False) -> None:
        part = self.meta_path.with_name(self.meta_path.name + ".part")
        try:
            part.write_bytes(self._text(complete))
            part.replace(self.meta_path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        self._is_stale, self._written_at_s = False, time.monotonic()

    def _text(self, complete: bool) -> bytes:
        about: dict[str, Any] = {
            "core:datatype": DEFAULT,
            "core:sample_rate": self._about.sample_rate_hz,
            "core:version": SPECIFICATION,
            "core:num_channels": 1,
            "core:extensions": [EXTENSION],
            **self._about.facts,
        }
        about |= {f"semcom:{kind}_not_listed": count for kind, count in self._not_listed.items() if count}
        if complete and self._digest is not None:
            about["core:sha512"] = self._digest.hexdigest()
        annotations = sorted(self._annotations, key=lambda entry: entry["core:sample_start"])
        content = {"global": about, "captures": self._captures, "annotations": annotations}
        return (json.dumps(content, indent=2) + "\n").encode()


def files_of(path: str | Path) -> tuple[Path, Path]:
    """Metadata and samples of a recording of this name."""
    stem = stem_of(path)
    return with_ending(stem, META), with_ending(stem, DATA)


def check_free(path: str | Path, overwrite: bool) -> None:
    """Refuse a name that a recording has, unless it may be replaced.

    Raises
    ------
    RecordingError
    """
    if not stem_of(path).name:
        raise RecordingError(f"recording must have a name, got {str(path)!r}")
    for file in files_of(path):
        if os.path.lexists(file) and not overwrite:
            raise RecordingError(f"recording {file}: is there already: take another name, or --overwrite")


def _written(time_s: Fraction) -> str:
    """RFC 3339, to the nanosecond."""
    whole, nanoseconds = divmod(int(time_s * 10**9), 10**9)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"
