"""From what a receiver reports to the MCS for the next frames.

```
report: snr_db, evm_db ─ smooth ─ minus offset ─ compare with thresholds, hysteresis ─ MCS
        acks, nacks ──── offset: up a step for each loss, down a little for each frame that came
```

The offset is the outer loop of HSDPA and LTE: its steps balance when the share of lost frames is the target, whatever
is wrong with the thresholds, the receiver's estimates, or the age of the report.

References
----------
[Sampath 1997], see docs/references.md
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from semcom.link.errors import AdaptationError

_LEAST_OFFSET_DB = -3.0  # long luck must not make it bold
_LARGEST_OFFSET_DB = 20.0
_MOST_STEPS = 3.0  # that one report may move the offset
MAX_FRAMES_PER_REPORT = 1_000_000


class LinkAdaptation:
    """Chooses an MCS for one receiver. One instance per receiver; not for several threads.

    Parameters
    ----------
    thresholds_db : mapping of str to float
        SNR at which each MCS loses about `target_per` of its frames, most robust MCS first. An MCS that needs
        no less than a faster one is never chosen.
    target_per : float
        Share of frames that may be lost, above 0 and at most 0.5.
    hysteresis_db : float
        SNR beyond its threshold that a faster MCS must have before it is taken up.
    step_db : float
        By how much one lost frame raises all thresholds.
    smoothing : float
        Weight of a new report above the mean SNR, above 0 and at most 1. One below it replaces it.
    start : str, optional
        MCS before the first report; the most robust one by default.

    Attributes
    ----------
    mcs : str
        MCS for the next frames.
    offset_db : float
        What is added to all thresholds at present.
    snr_db : float or None
        Mean of the reports.

    Raises
    ------
    AdaptationError
        Parameter, rule and value.
    """

    def __init__(
        self,
        thresholds_db: Mapping[str, float],
        target_per: float = 0.01,
        hysteresis_db: float = 0.5,
        step_db: float = 0.5,
        smoothing: float = 0.3,
        start: str | None = None,
    ) -> None:
        if not thresholds_db:
            raise AdaptationError("thresholds_db must name at least one MCS, got none")
        for name, threshold in thresholds_db.items():
            _check(f"thresholds_db of {name}", threshold, -100.0, 100.0)
        self.target_per = _check("target_per", target_per, 1e-6, 0.5)
        self.hysteresis_db = _check("hysteresis_db", hysteresis_db, 0.0, 20.0)
        self.step_db = _check("step_db", step_db, 1e-3, 10.0)
        self.smoothing = _check("smoothing", smoothing, 1e-3, 1.0)
        self.operating_points = _operating_points(thresholds_db)
        names = [name for name, _ in self.operating_points]
        if start is not None and start not in names:
            raise AdaptationError(f"start must be one of {', '.join(names)}, got {start!r}")
        self._index = 0 if start is None else names.index(start)
        self.offset_db = 0.0
        self.snr_db: float | None = None

    @property
    def mcs(self) -> str:
        return self.operating_points[self._index][0]

    def report(self, snr_db: float | None = None, evm_db: float | None = None, acks: int = 0, nacks: int = 0) -> str:
        """Take in one report and choose again.

        Parameters
        ----------
        snr_db : float, optional
            As the receiver estimated it; without, the last mean stays.
        evm_db : float, optional
            Error of the received points over their power (negative). Where it is worse than the SNR explains (phase
            noise, a mixer, an interferer), it counts instead.
        acks, nacks : int
            Frames of the present MCS that arrived and that were lost since the last report.

        Returns
        -------
        mcs : str
        """
        self._take_quality(snr_db, evm_db)
        self._take_losses(acks, nacks)
        if self.snr_db is not None:
            self._choose(self.snr_db - self.offset_db)
        elif nacks > acks:
            self._index = max(0, self._index - 1)
        return self.mcs

    def no_report(self, nacks: int = 1) -> str:
        """Nothing was heard back: the frames are taken for lost, and the MCS goes down by one step at least."""
        before = self._index
        self.report(nacks=nacks)
        self._index = max(0, min(self._index, before - 1))
        return self.mcs

    def _take_quality(self, snr_db: float | None, evm_db: float | None) -> None:
        values = [snr_db, None if evm_db is None else -evm_db]
        known = [value for value in values if value is not None and math.isfinite(value)]
        if known:
            quality = min(max(min(known), -100.0), 100.0)
            if self.snr_db is None or quality < self.snr_db:
                self.snr_db = quality  # a fade must be followed at once: it may go deeper
            else:
                self.snr_db += self.smoothing * (quality - self.snr_db)

    def _take_losses(self, acks: int, nacks: int) -> None:
        for key, count in (("acks", acks), ("nacks", nacks)):
            if type(count) is not int or not 0 <= count <= MAX_FRAMES_PER_REPORT:
                raise AdaptationError(f"{key} must be 0 to {MAX_FRAMES_PER_REPORT}, got {count!r}")
        # What is lost with the most robust MCS is not the thresholds' fault.
        losses = nacks if self._index > 0 else 0
        steps = losses - acks * self.target_per / (1.0 - self.target_per)
        steps = min(max(steps, -_MOST_STEPS), _MOST_STEPS)
        self.offset_db = min(max(self.offset_db + steps * self.step_db, _LEAST_OFFSET_DB), _LARGEST_OFFSET_DB)

    def _choose(self, snr_db: float) -> None:
        """Down as soon as the present MCS does not hold; up where the next ones hold with hysteresis to spare."""
        while self._index > 0 and snr_db < self.operating_points[self._index][1]:
            self._index -= 1
        while (
            self._index + 1 < len(self.operating_points)
            and snr_db >= self.operating_points[self._index + 1][1] + self.hysteresis_db
        ):
            self._index += 1


def _operating_points(thresholds_db: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Name and threshold, both rising: what needs no less than something faster is left out."""
    kept: list[tuple[str, float]] = []
    for name, threshold in reversed(thresholds_db.items()):
        if not kept or threshold < kept[-1][1]:
            kept.append((name, float(threshold)))
    return tuple(reversed(kept))


def _check(key: str, value: float, least: float, most: float) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not least <= value <= most:
        raise AdaptationError(f"{key} must be {least:g} to {most:g}, got {value!r}")
    return float(value)
