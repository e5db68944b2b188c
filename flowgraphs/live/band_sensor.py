"""Whether there is a signal in the band: listening before talking.

    stream ═ |x|² ═ one-pole average ═ probe, which is read now and then          (═: C++)

What counts as a signal lies `THRESHOLD_DB` above the quietest that was read lately: an energy detector that needs no
calibration, and that a carrier which never ends cannot silence for ever.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from gnuradio import blocks
from gnuradio import filter as gr_filter

AVERAGE_S = 0.5e-3
THRESHOLD_DB = 6.0
FLOOR_WINDOW_S = 10.0
FLOOR_STEP_S = 1.0
LEAST_POWER = 1e-9
"""Below this (a channel without any noise) nothing is a signal, full scale 1."""


class NoiseFloor:
    """The quietest power of the last seconds, and whether a power lies clear above it. Told the time."""

    def __init__(self) -> None:
        self._quietest: deque[tuple[float, float]] = deque()  # begin of a step, least power in it

    def is_busy(self, power: float, now_s: float) -> bool:
        """Take one reading; whether it is that of a signal."""
        if not self._quietest or now_s - self._quietest[-1][0] >= FLOOR_STEP_S:
            self._quietest.append((now_s, power))
            while now_s - self._quietest[0][0] > FLOOR_WINDOW_S:
                self._quietest.popleft()
        elif power < self._quietest[-1][1]:
            self._quietest[-1] = self._quietest[-1][0], power
        floor = max(LEAST_POWER, min(power for _, power in self._quietest))
        return power > floor * 10 ** (THRESHOLD_DB / 10)


class BandSensor:
    """Reads the power of a stream.

    Parameters
    ----------
    sample_rate_hz : float
    clock : callable
    """

    def __init__(self, sample_rate_hz: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._power = blocks.complex_to_mag_squared()
        self._average = gr_filter.single_pole_iir_filter_ff(min(1.0, 1.0 / (AVERAGE_S * sample_rate_hz)))
        self._probe = blocks.probe_signal_f()
        self._floor, self._clock = NoiseFloor(), clock

    def connect(self, top_block: Any, source: Any) -> None:
        """Let it hear what a block gives."""
        top_block.connect(source, self._power, self._average, self._probe)

    @property
    def is_busy(self) -> bool:
        """Whether there is a signal in the band now."""
        return self._floor.is_busy(self._probe.level(), self._clock())
