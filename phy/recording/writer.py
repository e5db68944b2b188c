"""A recording that is being written: whatever ends it, what is in its files is true and can be read."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np

from semcom.phy.errors import RecordingError
from semcom.phy.recording.files import DATA, META, stem_of, with_ending
from semcom.phy.recording.written_metadata import About, WrittenMetadata

WRITE_EVERY_S = 1.0
"""The metadata are written again at most so often while samples come."""

_SAMPLE_BYTES = 8
_ROOM_BYTES = 1 << 16  # beside the metadata, where a full disk must yield room for them


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
        self._metadata = WrittenMetadata(about)
        self.num_samples, self.trouble = 0, ""
        self._digest = hashlib.sha512()
        self._written_at_s = 0.0
        self._file: BinaryIO | None = None
        try:
            self.data_path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.data_path.open("wb" if overwrite else "xb", buffering=0)
            self._write_metadata()
        except OSError as error:
            self.close()
            raise RecordingError(f"recording {self.data_path}: cannot be written: {error.strerror}") from None

    def write(self, samples: np.ndarray) -> bool:
        """Add complex64 [n]; whether they are written. `trouble` says why not."""
        if self._file is None:
            return False
        if self.num_samples == 0:
            self._metadata.begin_now()
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
        if self._metadata.is_stale and time.monotonic() - self._written_at_s > WRITE_EVERY_S:
            self._keep_true()
        return True

    def begin_capture(
        self,
        time_s: Fraction | None = None,
        radio_time_s: Fraction | None = None,
        center_freq_hz: float | None = None,
    ) -> None:
        """The next sample does not follow on the last one, see `WrittenMetadata`."""
        self._metadata.begin_capture(self.num_samples, time_s, radio_time_s, center_freq_hz)

    def set_time(self, time_s: Fraction | None, radio_time_s: Fraction) -> None:
        """The radio tells the time of the next sample, which follows on the last one."""
        self._metadata.set_time(self.num_samples, time_s, radio_time_s)

    def annotate(self, start_sample: int, sample_count: int, label: str, comment: str = "") -> None:
        """A burst lies here; counted in the recording's own samples."""
        self._metadata.annotate(start_sample, sample_count, label, comment)

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
        seconds = self.num_samples / self._metadata.about.sample_rate_hz
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
            self._metadata.cut_to(num_samples)

    def _write_metadata(self, complete: bool = False) -> None:
        part = self.meta_path.with_name(self.meta_path.name + ".part")
        try:
            part.write_bytes(self._text(complete))
            part.replace(self.meta_path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        self._metadata.is_stale, self._written_at_s = False, time.monotonic()

    def _text(self, complete: bool) -> bytes:
        return self._metadata.text(self._digest.hexdigest() if complete and self._digest is not None else "")


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
