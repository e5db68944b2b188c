"""Reception at any sample rate that a radio or a recording has.

```
samples at any rate → Resampler, where the rate is neither the waveform's nor twice it → Receiver → Burst
```

Positions of bursts come out in samples of what went in.
"""

from __future__ import annotations

from dataclasses import replace
from math import floor

import numpy as np

from semcom.phy.burst import Burst
from semcom.phy.coding.soft_buffers import SoftBuffers
from semcom.phy.errors import ConfigurationError
from semcom.phy.frontend.resampling import Resampler
from semcom.phy.receiver import Receiver
from semcom.phy.waveform import Waveform

MAX_SAMPLE_RATE_HZ = 1e9
SAME_RATE = 2e-5
"""Rates whose ratio differs from 1 by less are the same one: the receiver follows clocks that are so far apart."""

_BAND_SHARE = 0.48  # of the lower rate: what a filter can pass at all
_ROOM = 1.02  # between the lowest rate and the waveform's band, for the filter


class AnyRateReceiver:
    """As `Receiver`, for samples at any rate that holds the waveform's band.

    Bursts are received at the nominal rate, or, where the search for carriers leads beyond its edge, at twice that,
    which takes about twice as long.

    Parameters
    ----------
    waveform : Waveform
    input_rate_hz : float
        Of the samples.
    max_cfo_subcarriers : float, optional
        Carrier offset searched on either side; the waveform's by default.
    num_workers : int
        As of `Receiver`.

    Attributes
    ----------
    input_rate_hz : float
    sample_rate_hz : float
        At which bursts are received.
    resampler : Resampler or None
        None where both rates are the same.

    Raises
    ------
    ConfigurationError
        A rate that cannot work; the message names the lowest one.
    """

    def __init__(
        self,
        waveform: Waveform,
        input_rate_hz: float,
        max_cfo_subcarriers: float | None = None,
        num_workers: int = 0,
    ) -> None:
        check_rate(waveform, input_rate_hz)
        self.waveform, self.input_rate_hz = waveform, float(input_rate_hz)
        nominal_hz = waveform.nominal_rate_hz
        reach = waveform.max_cfo_subcarriers if max_cfo_subcarriers is None else float(max_cfo_subcarriers)
        edge_hz = band_edge_hz(waveform) + reach * waveform.subcarrier_spacing_hz
        twice = edge_hz > nominal_hz / 2 and input_rate_hz > nominal_hz * (1 + SAME_RATE)
        self.sample_rate_hz = nominal_hz * (2 if twice else 1)
        self._receiver = Receiver(waveform, self.sample_rate_hz, None, max_cfo_subcarriers, num_workers)
        self.resampler: Resampler | None = None
        if abs(input_rate_hz / self.sample_rate_hz - 1) > SAME_RATE:
            lower_hz = min(input_rate_hz, self.sample_rate_hz)
            self.resampler = Resampler(input_rate_hz, self.sample_rate_hz, min(edge_hz, _BAND_SHARE * lower_hz))

    def keep_soft_values_in(self, soft_buffers: SoftBuffers) -> None:
        """Combine repeats with what another receiver kept, and keep what fails in the same place."""
        self._receiver.keep_soft_values_in(soft_buffers)

    def close(self) -> None:
        """End the worker processes, if any; what comes after it is received in this process alone."""
        self._receiver.close()

    def reset(self) -> None:
        """Start a new stream at position 0, after a gap or an overflow. Soft values for repeats are kept."""
        self._receiver.reset()
        if self.resampler is not None:
            self.resampler.reset()

    def push(self, samples: np.ndarray) -> list[Burst]:
        """Take in complex64 [n]; give out the bursts that are complete, in order. Chunks may end anywhere."""
        if self.resampler is None:
            return self._receiver.push(samples)
        return self._placed(self._receiver.push(self.resampler.push(samples)))

    def flush(self) -> list[Burst]:
        """End of the stream: give out what is still pending, as if silence followed, and start a new stream."""
        if self.resampler is None:
            return self._receiver.flush()
        return self._placed(self._receiver.push(self.resampler.flush()) + self._receiver.flush())

    def _placed(self, bursts: list[Burst]) -> list[Burst]:
        """Positions in samples of the input."""
        place = self.resampler.position_of
        return [replace(burst, start_sample=floor(place(burst.start_sample) + 0.5)) for burst in bursts]


def band_edge_hz(waveform: Waveform) -> float:
    """Outer edge of the outermost carrier, from the centre."""
    return (max(map(abs, waveform.used_carriers)) + 0.5) * waveform.subcarrier_spacing_hz


def lowest_rate_hz(waveform: Waveform) -> float:
    """Below it samples do not hold the waveform's carriers."""
    return 2 * _ROOM * band_edge_hz(waveform)


def check_rate(waveform: Waveform, sample_rate_hz: float) -> None:
    """Refuse a rate at which the waveform cannot be received.

    Raises
    ------
    ConfigurationError
    """
    lowest_hz = lowest_rate_hz(waveform)
    if not lowest_hz <= sample_rate_hz <= MAX_SAMPLE_RATE_HZ:  # also what is no number
        raise ConfigurationError(
            f"sample_rate_hz must be {lowest_hz:.10g} to {MAX_SAMPLE_RATE_HZ:g} to receive waveform {waveform.name}, "
            f"whose carriers fill {2 * band_edge_hz(waveform):.10g} Hz, got {sample_rate_hz:.10g}"
        )
