"""Recording from the page: samples that the receiver hears, as a SigMF recording that `semcom replay` reads.

The flowgraph writes the samples where they stay, and the metadata are there before the first: whatever ends the
program, what is on the disk is a recording.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from semcom.phy.recording.writer import files_of
from semcom.phy.recording.written_metadata import About, WrittenMetadata
from semcom.semantic import SemanticError

RECORDINGS = Path("out/live-recordings")
MOST_BYTES = 1 << 30
"""Of samples; then a recording ends by itself."""
LEAST_FREE_BYTES = 1 << 28
"""On the disk, beside the recording: below, it ends by itself or does not begin. Some 30 s of samples at 1 Msps."""
LOOK_EVERY_S = 0.25
_SAMPLE_BYTES = 8


class Samples(Protocol):
    """Where samples are at hand: `SampleTap`, or one in another process."""

    @property
    def recording(self) -> str:
        """Path of the file that is being written; empty: none."""

    def record(self, path: Path) -> None:
        """Begin: complex64. Raises `OSError`."""

    def stop_recording(self) -> None:
        """End. Raises `OSError`."""


@dataclass(frozen=True)
class _Files:
    """Of a recording that goes on."""

    meta: Path
    data: Path
    ended: threading.Event = field(default_factory=threading.Event)


class Recorder:
    """One recording at a time, bounded by a thread that looks after it alone.

    Parameters
    ----------
    samples : Samples
    about : callable
        What is known of a recording that begins now.
    folder : Path
        Made where it is needed.
    tell : callable
        Given what `told` says when that may have changed.
    """

    def __init__(
        self, samples: Samples, about: Callable[[], About], folder: Path, tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self._samples, self._about, self._folder, self._tell = samples, about, folder, tell
        self._lock = threading.Lock()
        self._files: _Files | None = None
        self._last, self._trouble, self._bursts = "", "", 0

    def record(self, on: bool) -> dict[str, Any]:
        """Begin or end; what `told` says then.

        Raises
        ------
        SemanticError
            The folder cannot be written to, its disk is nearly full, or the radio does not answer.
        """
        with self._lock:
            try:
                if on and self._files is None:
                    self._begin()
                elif not on and self._files is not None:
                    self._end(self._files)
            except OSError as error:
                raise SemanticError(f"recording to {self._folder} failed: {error.strerror or error}") from None
        self._tell(self.told())
        return self.told()

    def count_burst(self) -> None:
        """A burst was heard."""
        self._bursts += self._files is not None

    def told(self) -> dict[str, Any]:
        """Whether something is recorded, bursts in it, the last finished recording, and why it ended by itself."""
        return {"on": self._files is not None, "bursts": self._bursts, "file": self._last, "trouble": self._trouble}

    def close(self) -> None:
        with contextlib.suppress(SemanticError):  # what is on the disk is a recording all the same
            self.record(False)

    def _begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._is_nearly_full():
            raise OSError("the disk is nearly full")
        meta, data = files_of(self._free_path(time.strftime("live-%Y%m%d-%H%M%S")))
        meta.write_bytes(WrittenMetadata(self._about()).text())
        try:
            self._samples.record(data)
        except OSError:
            meta.unlink()
            raise
        self._files, self._bursts, self._trouble = _Files(meta, data), 0, ""
        threading.Thread(target=self._watch, args=(self._files,), name="semcom live recording", daemon=True).start()

    def _end(self, files: _Files) -> None:
        """A recording without a sample is taken away. Readers leave out part of a sample at its end."""
        self._files = None
        files.ended.set()
        try:
            self._samples.stop_recording()
        finally:
            if files.data.exists() and files.data.stat().st_size >= _SAMPLE_BYTES:
                self._last = str(files.meta)
            else:
                files.meta.unlink(missing_ok=True)
                files.data.unlink(missing_ok=True)

    def _watch(self, files: _Files) -> None:
        """Until it has ended."""
        while not files.ended.wait(LOOK_EVERY_S):
            if reason := self._reason_to_end(files):
                self._end_by_itself(files, reason)

    def _reason_to_end(self, files: _Files) -> str:
        """Empty: none."""
        try:
            if files.data.stat().st_size > MOST_BYTES:
                return f"after {MOST_BYTES >> 20} MiB"
            if self._is_nearly_full():
                return "the disk is nearly full"
        except OSError as error:
            return f"{files.data}: {error.strerror}"
        return "" if self._samples.recording == str(files.data) else "the radio was lost, or started anew"

    def _end_by_itself(self, files: _Files, reason: str) -> None:
        with self._lock:
            if self._files is not files:  # somebody was quicker
                return
            try:
                self._end(files)
            except OSError as error:
                reason = f"{reason}; {error}"
            self._trouble = f"The recording has ended by itself: {reason}."
        self._tell(self.told())

    def _is_nearly_full(self) -> bool:
        return shutil.disk_usage(self._folder).free < LEAST_FREE_BYTES

    def _free_path(self, name: str) -> Path:
        """Two recordings of one second have two names."""
        path, count = self._folder / name, 1
        while files_of(path)[0].exists():
            count += 1
            path = self._folder / f"{name}-{count}"
        return path
