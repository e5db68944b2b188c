"""Samples of a recording, capture by capture."""

from __future__ import annotations

import numpy as np

from semcom.phy.frontend.derotation import derotate
from semcom.phy.recording.captures import Capture
from semcom.phy.recording.metadata import Recording


class RecordingReader:
    """Reads a recording from its first sample to its last one.

    Parameters
    ----------
    recording : Recording
    center_offset_hz : float
        Where the signal lies, above the middle of the recorded band. It is shifted to zero; so is, capture by capture,
        what is known of the signal's own frequency.

    Attributes
    ----------
    recording : Recording
    """

    def __init__(self, recording: Recording, center_offset_hz: float = 0.0) -> None:
        self.recording = recording
        self._center_offset_hz = center_offset_hz
        self._file = recording.data_path.open("rb", buffering=0)
        self._captures = iter(recording.captures)
        self._capture: Capture | None = None
        self._taken = 0  # samples of the present capture

    def read(self, max_samples: int) -> tuple[np.ndarray, Capture | None]:
        """The next samples of one capture, complex64 [up to max_samples], empty at the end; and the capture, where they
        are its first."""
        begins = None
        if self._capture is None or self._taken >= self._capture.num_samples:
            begins = self._capture = next(self._captures, None)
            self._taken = 0
            if begins is None:
                return np.zeros(0, np.complex64), None
        capture, datatype = self._capture, self.recording.datatype
        count = min(max_samples, capture.num_samples - self._taken)
        self._file.seek(self.recording.extent.first_byte + capture.first_byte + self._taken * datatype.sample_bytes)
        data = self._file.read(count * datatype.sample_bytes)
        if len(data) < count * datatype.sample_bytes:  # the file has become shorter: what is left is the rest
            self._captures = iter(())
            data = data[: len(data) // datatype.sample_bytes * datatype.sample_bytes]
            if not data:
                self._capture = None
                return np.zeros(0, np.complex64), None
        samples = datatype.to_complex(data)
        if offset_hz := self.offset_hz(capture):
            samples = derotate(samples, offset_hz / self.recording.sample_rate_hz, self._taken)
        self._taken += count
        return samples, begins

    def offset_hz(self, capture: Capture) -> float:
        """By which samples of a capture are shifted down."""
        signal_hz, tuned_hz = self.recording.signal_freq_hz, capture.center_freq_hz
        beside_hz = signal_hz - tuned_hz if signal_hz is not None and tuned_hz is not None else 0.0
        return self._center_offset_hz + beside_hz

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def __enter__(self) -> RecordingReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
