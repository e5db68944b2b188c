"""A modulator that gives samples at the pace of a radio, for flowgraphs without one."""

from __future__ import annotations

import time

from semcom.blocks import burst_modulator

STEP_S = 0.003
"""Samples are given out so much at a time."""

LATEST_S = 0.1
"""Further behind the clock than this, what was missed is left out: who was interrupted does not catch up for long."""


class paced_modulator(burst_modulator):  # noqa: N801 (GNU Radio names its blocks so)
    """As `burst_modulator`, with zeros between bursts, and never ahead of the clock.

    Attributes
    ----------
    num_late : int
        Times that the clock was moved because the computer was late.
    """

    _began_s: float | None = None
    num_late = 0

    def start(self) -> bool:
        self._began_s = None
        return burst_modulator.start(self)

    def work(self, input_items: list, output_items: list) -> int:
        count = min(self._due_samples(), len(output_items[0]))
        out = output_items[0][:count]
        filled = burst_modulator.work(self, input_items, [out])
        if filled < 0:
            return filled
        out[filled:] = 0
        return count

    def _due_samples(self) -> int:
        """How many samples are to be given out now, one or more; waits for a step."""
        rate_hz = self.waveform.nominal_rate_hz
        given_s = self.nitems_written(0) / rate_hz
        now_s = time.monotonic()
        if self._began_s is None:
            self._began_s = now_s - given_s
        if now_s - self._began_s - given_s > LATEST_S:
            self._began_s = now_s - given_s - STEP_S
            self.num_late += 1
        wait_s = self._began_s + given_s + STEP_S - now_s
        if wait_s > 0:
            time.sleep(wait_s)
        due = int((time.monotonic() - self._began_s) * rate_hz) - self.nitems_written(0)
        return max(1, due)
