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
from pathlib import Path

import numpy as np
from gnuradio import analog, blocks, fft, filter, gr

SPECTRUM_BINS = 256
_SMOOTHING = 0.05
_LEAST_DB = -100.0


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
        self._file.set_unbuffered(True)  # it closes a file with the next samples only, and they may never come
        top_block.disconnect((source, 0), (sink, 0))
        top_block.connect(source, self._add, sink)
        top_block.connect(self._tone, (self._add, 1))
        top_block.connect(self._add, to_vector, transform, squared, smooth, self._probe)
        top_block.connect(self._add, self._file)

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

    def record(self, path: Path) -> None:
        """Begin: samples go to this file, complex64. Raises `OSError`."""
        if not self._file.open(str(path)):
            raise OSError(f"{path}: cannot be opened by the flowgraph")

    def stop_recording(self) -> None:
        """End: the file holds what the flowgraph had written by now, its last sample perhaps in part."""
        self._file.close()
