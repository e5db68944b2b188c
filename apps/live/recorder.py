"""Recording from the page: samples that the receiver hears, as a SigMF recording that `semcom replay` reads."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from semcom.flowgraphs.live.loopback_taps import LoopbackTaps, chunks_of
from semcom.flowgraphs.loopback.result import BurstStatistics
from semcom.phy.recording.metadata import WAVEFORM_KEY
from semcom.phy.recording.writer import RecordingWriter
from semcom.phy.recording.written_metadata import About
from semcom.semantic import SemanticError

MOST_BYTES = 1 << 30
"""Of samples; then a recording ends by itself."""


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
        self._begun, self._last, self._bursts = "", "", 0

    def record(self, on: bool) -> dict[str, Any]:
        """Begin or end; what `told` says then.

        Raises
        ------
        SemanticError
            The folder cannot be written to.
        """
        with self._lock:
            try:
                if on and not self._begun:
                    self._folder.mkdir(parents=True, exist_ok=True)
                    self._taps.record(self._folder)
                    self._begun, self._bursts = time.strftime("live-%Y%m%d-%H%M%S"), 0
                elif not on and self._begun:
                    self._finish()
            except OSError as error:
                raise SemanticError(f"recording to {self._folder} failed: {error.strerror or error}") from None
        return self.told()

    def note(self, burst: BurstStatistics) -> None:
        """A burst was heard: where the recording has become too long, it ends."""
        if not self._begun:
            return
        self._bursts += 1
        if self._taps.recorded_bytes() > MOST_BYTES:
            self.record(False)

    def told(self) -> dict[str, Any]:
        """Whether something is recorded, bursts in it, and the last finished recording."""
        return {"on": bool(self._begun), "bursts": self._bursts, "file": self._last}

    def close(self) -> None:
        self.record(False)

    def _finish(self) -> None:
        raw = self._taps.stop_recording()
        name, self._begun = self._begun, ""
        if raw is None:
            return
        facts = {
            "core:description": f"gr-semcom live page, waveform {self._waveform}",
            "core:recorder": "gr-semcom live",
            "core:hw": "GNU Radio channel model",
            WAVEFORM_KEY: self._waveform,
        }
        try:
            path = self._free_path(name)
            writer = RecordingWriter(path, About(self._rate_hz, None, facts))
            try:
                for samples in chunks_of(raw):
                    writer.write(samples)
            finally:
                writer.close()
            if writer.trouble:
                raise OSError(writer.trouble)
            self._last = str(writer.meta_path)
        finally:
            raw.unlink(missing_ok=True)

    def _free_path(self, name: str) -> Path:
        """Two recordings of one second have two names."""
        path, count = self._folder / name, 1
        while path.with_name(f"{path.name}.sigmf-meta").exists():
            count += 1
            path = self._folder / f"{name}-{count}"
        return path
