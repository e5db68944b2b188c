"""Before the channel model of a loopback: Rayleigh fading that goes on while bursts are on air.

```
modulator ═╦═ direct ═══════════════╦═ add ═ channel_model
           ╚═ fading_model ═ faded ═╝
```
All of it is C++, as `LoopbackTaps` is. Every path of the channel model fades alike.
"""

from __future__ import annotations

from gnuradio import blocks, channels, gr

NUM_SINUSOIDS = 8


class LoopbackFading:
    """Flat Rayleigh fading of mean power 1 by a sum of sinusoids (GNU Radio's ``fading_model``), or none.

    Time is that of samples: it stands still while nothing is sent.

    Parameters
    ----------
    top_block : gr.top_block
        Not started yet.
    source, sink : gr.basic_block
        Connected to each other: the fading comes between.
    rate_hz : float
    seed : int
        Of the sinusoids' phases.
    """

    def __init__(
        self, top_block: gr.top_block, source: gr.basic_block, sink: gr.basic_block, rate_hz: float, seed: int
    ) -> None:
        self._rate_hz = rate_hz
        self._fading = channels.fading_model(NUM_SINUSOIDS, 0.0, False, 1.0, seed)
        self._direct, self._faded, add = blocks.multiply_const_cc(1.0), blocks.multiply_const_cc(0.0), blocks.add_cc()
        top_block.disconnect((source, 0), (sink, 0))
        top_block.connect(source, self._direct, add, sink)
        top_block.connect(source, self._fading, self._faded, (add, 1))

    def set_doppler(self, doppler_hz: float) -> None:
        """Largest Doppler shift, Hz; 0: no fading."""
        self._fading.set_fDTs(doppler_hz / self._rate_hz)
        self._direct.set_k(float(doppler_hz == 0))
        self._faded.set_k(float(doppler_hz != 0))
