"""Between the channel model and the receiver of a loopback: interference goes in, spectrum and samples come out.

```
channel_model ═ add ═════════════════════════ burst_receiver
     sig_source ┘ ├─ stream_to_vector ─ fft ─ |·|² ─ single_pole_iir ─ probe      spectrum
                  └─ file_sink (closed until something is recorded)
```
All of it is C++: no further Python block slows the stream down.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gnuradio import analog, blocks, fft, filter, gr

SPECTRUM_BINS = 256
_SMOOTHING = 0.05
_LEAST_DB = -100.0
_CHUNK_SAMPLES = 1 << 18


class LoopbackTaps:
    """Adds a tone, measures the power spectral density, and records, while the flowgraph runs.

    Parameters
    ----------
    top_block : gr.top_block
        Not started yet.
    source, sink : gr.basic_block
        Connected to each other: the taps come between.
    rate_hz : float
    """

    def __init__(self, top_block: gr.top_block, source: gr.basic_block, sink: gr.basic_block, rate_hz: float) -> None:
        self._tone = analog.sig_source_c(rate_hz, analog.GR_COS_WAVE, 0.0, 0.0)
        self._add = blocks.add_cc()
        to_vector = blocks.stream_to_vector(gr.sizeof_gr_complex, SPECTRUM_BINS)
        window = fft.window.blackmanharris(SPECTRUM_BINS)
        self._power = sum(value * value for value in window)
        transform = fft.fft_vcc(SPECTRUM_BINS, True, window, True)
        squared = blocks.complex_to_mag_squared(SPECTRUM_BINS)
        smooth = filter.single_pole_iir_filter_ff(_SMOOTHING, SPECTRUM_BINS)
        self._probe = blocks.probe_signal_vf(SPECTRUM_BINS)
        self._file = blocks.file_sink(gr.sizeof_gr_complex, os.devnull)
        self._file.close()
        top_block.disconnect((source, 0), (sink, 0))
        top_block.connect(source, self._add, sink)
        top_block.connect(self._tone, (self._add, 1))
        top_block.connect(self._add, to_vector, transform, squared, smooth, self._probe)
        top_block.connect(self._add, self._file)
        self._recording: Path | None = None

    def set_interference(self, power_db: float | None, freq_hz: float) -> None:
        """A tone of so much power over the mean power of a burst, beside the carrier; None: none."""
        self._tone.set_frequency(freq_hz)
        self._tone.set_amplitude(0.0 if power_db is None else 10 ** (power_db / 20))

    def spectrum_db(self) -> np.ndarray:
        """Power spectral density of the last samples, smoothed: dB re 1/rate, float64 [SPECTRUM_BINS], low to high.

        White noise of variance 1 over the rate is 0 dB.
        """
        density = np.asarray(self._probe.level(), float) / self._power
        with np.errstate(divide="ignore"):
            return np.maximum(10 * np.log10(density), _LEAST_DB)

    @property
    def is_recording(self) -> bool:
        return self._recording is not None

    def record(self, folder: Path) -> None:
        """Begin: samples go to a raw file in this folder. Raises `OSError`."""
        if self._recording is not None:
            return
        handle, path = tempfile.mkstemp(".raw", ".recording-", folder)
        os.close(handle)
        if not self._file.open(path):
            Path(path).unlink()
            raise OSError(f"{path}: cannot be opened by the flowgraph")
        self._recording = Path(path)

    def recorded_bytes(self) -> int:
        """Of samples that are on the disk."""
        return self._recording.stat().st_size if self._recording is not None else 0

    def stop_recording(self) -> Path | None:
        """End; the raw file of complex64, which whoever asked removes. None where nothing is recorded."""
        path, self._recording = self._recording, None
        if path is not None:
            self._file.close()
        return path


def chunks_of(path: Path) -> Iterator[np.ndarray]:
    """Samples of a raw file, complex64, piece by piece; a last part of a sample is left out."""
    with path.open("rb") as file:
        while data := file.read(8 * _CHUNK_SAMPLES):
            yield np.frombuffer(data[: len(data) - len(data) % 8], np.complex64)
