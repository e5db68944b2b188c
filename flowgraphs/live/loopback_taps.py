"""Between the channel model and the receiver of a loopback: interference goes in, spectrum and samples come out.

```
channel_model ═ add ══════════ burst_receiver
     sig_source ┘ ├─ SpectrumProbe
                  └─ SampleTap
```
All of it is C++: no further Python block slows the stream down.
"""

from __future__ import annotations

from gnuradio import analog, blocks, gr

from semcom.flowgraphs.live.sample_tap import SampleTap
from semcom.flowgraphs.live.spectrum_probe import SpectrumProbe


class LoopbackTaps:
    """Adds a tone, measures the power spectral density, and records, while the flowgraph runs.

    Parameters
    ----------
    top_block : gr.top_block
        Not started yet.
    source, sink : gr.basic_block
        Connected to each other: the taps come between.
    rate_hz : float

    Attributes
    ----------
    spectrum : SpectrumProbe
    samples : SampleTap
    """

    def __init__(self, top_block: gr.top_block, source: gr.basic_block, sink: gr.basic_block, rate_hz: float) -> None:
        self._tone = analog.sig_source_c(rate_hz, analog.GR_COS_WAVE, 0.0, 0.0)
        self._add = blocks.add_cc()
        top_block.disconnect((source, 0), (sink, 0))
        top_block.connect(source, self._add, sink)
        top_block.connect(self._tone, (self._add, 1))
        self.spectrum = SpectrumProbe(top_block, self._add, rate_hz)
        self.samples = SampleTap(top_block, self._add)

    def set_interference(self, power_db: float | None, freq_hz: float) -> None:
        """A tone of so much power over the mean power of a burst, beside the carrier; None: none."""
        self._tone.set_frequency(freq_hz)
        self._tone.set_amplitude(0.0 if power_db is None else 10 ** (power_db / 20))
