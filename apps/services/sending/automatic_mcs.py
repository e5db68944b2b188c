"""``host tx --mcs auto``: the base MCS follows what the receiving host reports.

```
reports: SNR ──────────────► LinkAdaptation ─► MCS of the next picture
outcomes: came, lost ────────┘      ▲ most robust: before the first report, and where sending is not answered
```
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from semcom.apps.delivery.frame_plan import FramePlan
from semcom.link import LinkAdaptation
from semcom.link.messages import Outcome
from semcom.phy.burst_layout import max_block_bytes
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import find_mcs
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.waveform import Waveform

_LOST_ON_AIR = (Outcome.MISSED, Outcome.HEADER, Outcome.CRC)
log = logging.getLogger("semcom.tx")

SILENT_S = 10.0
"""What is sent and not answered for so long says that nothing is known of the air."""


class AutomaticMcs:
    """Chooses the MCS of the next picture.

    Parameters
    ----------
    waveform : Waveform
        Its thresholds (`phy.sensitivity`), of those MCS whose bursts carry a frame.
    frame_bytes : int
        Longest frame.
    clock : callable
        Seconds, monotonic.

    Raises
    ------
    ConfigurationError
        No MCS carries such a frame.
    """

    def __init__(self, waveform: Waveform, frame_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        needs_db = thresholds_db(waveform)
        fits = {name: snr for name, snr in needs_db.items() if max_block_bytes(waveform, find_mcs(name)) >= frame_bytes}
        if not fits:
            raise ConfigurationError(f"frame_bytes must fit a burst of {waveform.name}, got {frame_bytes}")
        self._thresholds_db, self._clock = fits, clock
        self._adaptation = LinkAdaptation(fits)
        self._came = self._lost = 0
        self._unanswered_since_s: float | None = None

    @property
    def mcs(self) -> str:
        """For the next picture; the most robust one where nothing is known."""
        since_s = self._unanswered_since_s
        if since_s is not None and self._clock() - since_s > SILENT_S:
            self._adaptation = LinkAdaptation(self._thresholds_db)
        return self._adaptation.mcs

    def next_plan(self, plan: FramePlan) -> FramePlan:
        """For a picture that is going to be sent: the same plan, or one with another MCS."""
        if (mcs := self.mcs) != plan.mcs:
            log.info("%s instead of %s from now on", mcs, plan.mcs)
            plan = plan.with_mcs(mcs)
        if self._unanswered_since_s is None:
            self._unanswered_since_s = self._clock()
        return plan

    def settled(self, outcomes: Sequence[tuple[int, int]]) -> None:
        """What the radio says of frames, (number, `Outcome`), where it knows."""
        codes = [code for _, code in outcomes]
        self._came += codes.count(Outcome.RECEIVED)
        self._lost += sum(code in _LOST_ON_AIR for code in codes)

    def reported(self, snr_db: float | None) -> None:
        """The receiving host's estimate; a report without one answers nothing."""
        if snr_db is None or not math.isfinite(snr_db):
            return
        self._adaptation.report(snr_db, acks=self._came, nacks=self._lost)
        self._came = self._lost = 0
        self._unanswered_since_s = None

    def status(self) -> dict[str, Any]:
        """For ``status``: ``snr_db`` is the mean of the reports, ``offset_db`` what losses add to all thresholds."""
        snr_db = self._adaptation.snr_db
        return {"chosen": self.mcs, "snr_db": snr_db, "offset_db": self._adaptation.offset_db}
