"""What a page wants of a receiving radio beside its frames: the spectrum, and the samples in a file.

radio source ═ ... ═ burst_receiver
           ║    ╚═ SpectrumProbe: what the receiver hears
           ╚═ SampleTap: what the radio delivers, as `SigmfRecorder` records it
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from semcom.flowgraphs.live.sample_tap import SampleTap
from semcom.flowgraphs.live.spectrum import Spectrum
from semcom.flowgraphs.live.spectrum_probe import SpectrumProbe
from semcom.flowgraphs.radios.chains import ReceiveChain

SPECTRUM_EVERY_S = 0.25
VECTORS_PER_S = 100.0
"""Of 256 samples: cheap at any rate of a radio, and the mean is that of the last 0.2 s."""


class RadioTaps:
    """Of a radio that may be lost and found again: each `connect` is to another flowgraph.

    Attributes
    ----------
    samples : SampleTap
        Of the present flowgraph.
    """

    samples: SampleTap

    def connect(self, top_block: Any, chain: ReceiveChain) -> None:
        """To a flowgraph that has not been started yet."""
        self._rate_hz = chain.radio.sample_rate_hz
        self._probe = SpectrumProbe(top_block, chain.blocks[-2], self._rate_hz, VECTORS_PER_S)
        self.samples = SampleTap(top_block, chain.radio.block)
        self._num_heard, self._num_told, self._next_at_s = 0, 0, 0.0

    def count(self) -> None:
        """On the thread that has started the flowgraph: another one may ask while GNU Radio still makes the counter."""
        self._num_heard = self._probe.num_vectors

    def news(self) -> Iterator[Spectrum]:
        """The spectrum, now and then while samples come."""
        if time.monotonic() >= self._next_at_s and self._num_heard != self._num_told:
            self._num_told, self._next_at_s = self._num_heard, time.monotonic() + SPECTRUM_EVERY_S
            yield self._probe.spectrum()

    def status(self) -> dict[str, Any]:
        return {"sample_rate_hz": self._rate_hz, "recording": self.samples.recording}
