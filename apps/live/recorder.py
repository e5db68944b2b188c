"""Recording from the page: samples that the receiver hears, as a SigMF recording that `semcom replay` reads.

The flowgraph writes the samples where they stay, and the metadata are there before the first: whatever ends the
program, what is on the disk is a recording.
"""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path
from typing import Any

from semcom.flowgraphs.live.loopback_taps import LoopbackTaps
from semcom.flowgraphs.loopback.result import BurstStatistics
from semcom.phy.recording.metadata import WAVEFORM_KEY
from semcom.phy.recording.writer import files_of
from semcom.phy.recording.written_metadata import About, WrittenMetadata
from semcom.semantic import SemanticError

MOST_BYTES = 1 << 30
"""Of samples; then a recording ends by itself."""
LEAST_FREE_BYTES = 1 << 28
"""On the disk, beside the recording: below, it ends by itself or does not begin. Some 30 s of samples at 1 Msps."""
_SAMPLE_BYTES = 8


class Recorder:
    """One recording at a time, bounded.

    Parameters
    ----------
    taps : LoopbackTaps
    waveform : str
        Its name: written down, so that a replay knows it.
    rate_hz : float
    folder : Path
        Made where it is needed.
    """

    def __init__(self, taps: LoopbackTaps, waveform: str, rate_hz: float, folder: Path) -> None:
        self._taps, self._waveform, self._rate_hz, self._folder = taps, waveform, rate_hz, folder
        self._lock = threading.Lock()
        self._files: tuple[Path, Path] | None = None  # metadata and samples of what is being recorded
        self._last, self._trouble, self._bursts = "", "", 0

    def record(self, on: bool) -> dict[str, Any]:
        """Begin or end; what `told` says then.

        Raises
        ------
        SemanticError
            The folder cannot be written to, or its disk is nearly full.
        """
        with self._lock:
            try:
                if on and self._files is None:
                    self._begin()
                elif not on and self._files is not None:
                    self._end(*self._files)
            except OSError as error:
                raise SemanticError(f"recording to {self._folder} failed: {error.strerror or error}") from None
        return self.told()

    def note(self, burst: BurstStatistics) -> bool:
        """A burst was heard. Whether the recording has ended by itself; `told` then says why."""
        files = self._files
        if files is None:
            return False
        self._bursts += 1
        try:
            if files[1].stat().st_size > MOST_BYTES:
                trouble = f"after {MOST_BYTES >> 20} MiB"
            elif self._is_nearly_full():
                trouble = "the disk is nearly full"
            else:
                return False
            self.record(False)
        except (OSError, SemanticError) as error:
            self._files = None
            self._taps.stop_recording()
            trouble = str(error)
        self._trouble = f"The recording has ended by itself: {trouble}."
        return True

    def told(self) -> dict[str, Any]:
        """Whether something is recorded, bursts in it, the last finished recording, and why it ended by itself."""
        return {"on": self._files is not None, "bursts": self._bursts, "file": self._last, "trouble": self._trouble}

    def close(self) -> None:
        self.record(False)

    def _begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._is_nearly_full():
            raise OSError("the disk is nearly full")
        facts = {
            "core:description": f"gr-semcom live page, waveform {self._waveform}",
            "core:recorder": "gr-semcom live",
            "core:hw": "GNU Radio channel model",
            WAVEFORM_KEY: self._waveform,
        }
        meta, data = files_of(self._free_path(time.strftime("live-%Y%m%d-%H%M%S")))
        meta.write_bytes(WrittenMetadata(About(self._rate_hz, None, facts)).text())
        try:
            self._taps.record(data)
        except OSError:
            meta.unlink()
            raise
        self._files, self._bursts, self._trouble = (meta, data), 0, ""

    def _end(self, meta: Path, data: Path) -> None:
        """A recording without a sample is taken away. Readers leave out part of a sample at its end."""
        self._files = None
        self._taps.stop_recording()
        if data.stat().st_size < _SAMPLE_BYTES:
            meta.unlink()
            data.unlink()
        else:
            self._last = str(meta)

    def _is_nearly_full(self) -> bool:
        return shutil.disk_usage(self._folder).free < LEAST_FREE_BYTES

    def _free_path(self, name: str) -> Path:
        """Two recordings of one second have two names."""
        path, count = self._folder / name, 1
        while files_of(path)[0].exists():
            count += 1
            path = self._folder / f"{name}-{count}"
        return path
