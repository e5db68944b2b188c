"""Measures the power spectral density of a stream, while the flowgraph runs.

stream ═ stream_to_vector ═ keep_one_in_n ═ fft ═ |·|² ═ single_pole_iir ═ probe, which is read now and then

═: C++
"""

from __future__ import annotations

from typing import Any

import numpy as np
from gnuradio import blocks, fft, filter, gr

from semcom.flowgraphs.live.spectrum import Spectrum

BINS = 256
_SMOOTHING = 0.05
"""Of a vector on the mean: some 40 of them count."""
_LEAST_DB = -100.0


class SpectrumProbe:
    """Hears what a block gives.

    Parameters
    ----------
    top_block : gr.top_block
    source : gr.basic_block
    rate_hz : float
    vectors_per_s : float
        Vectors of `BINS` samples that are transformed in a second of the stream; the others are left out.
    """

    def __init__(self, top_block: Any, source: Any, rate_hz: float, vectors_per_s: float = np.inf) -> None:
        self._rate_hz = rate_hz
        window = fft.window.blackmanharris(BINS)
        self._power = sum(value * value for value in window)
        self._probe = blocks.probe_signal_vf(BINS)
        top_block.connect(
            source,
            blocks.stream_to_vector(gr.sizeof_gr_complex, BINS),
            blocks.keep_one_in_n(gr.sizeof_gr_complex * BINS, max(1, int(rate_hz / BINS / vectors_per_s))),
            fft.fft_vcc(BINS, True, window, True),
            blocks.complex_to_mag_squared(BINS),
            filter.single_pole_iir_filter_ff(_SMOOTHING, BINS),
            self._probe,
        )

    @property
    def num_vectors(self) -> int:
        """Measured so far. Not while a flowgraph starts on another thread: GNU Radio makes the counter then."""
        return self._probe.nitems_read(0)

    def density_db(self) -> np.ndarray:
        """Power spectral density of the last samples, smoothed: dB re 1/rate, float64 [BINS], low to high.

        White noise of variance 1 over the rate is 0 dB.
        """
        density = np.asarray(self._probe.level(), float) / self._power
        with np.errstate(divide="ignore"):
            return np.maximum(10 * np.log10(density), _LEAST_DB)

    def spectrum(self) -> Spectrum:
        """The same, coarse."""
        return Spectrum.of(self._rate_hz, self.density_db())
