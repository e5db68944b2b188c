"""Frames of a picture's layers, as MCS, frame length and protection policy have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from semcom.apps.delivery.outgoing import AirSettings, cost_of_protection, make_planner
from semcom.link import Item, OutgoingFrame, Sender
from semcom.link.protection import mcs_with_margin
from semcom.phy.mcs import find_mcs
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.waveform import Waveform

FALLBACK_DB = 2.4
"""What goes out again with nothing to combine it with needs so much less SNR: the second more robust MCS."""


class FramePlan:
    """What a service that sends one picture after another needs to know of the air.

    Parameters
    ----------
    air : AirSettings
    waveform : Waveform
        Of the radio: it tells how long frames take.

    Raises
    ------
    LinkError, ConfigError, ConfigurationError
        A policy, MCS or frame length that does not exist or does not fit.
    """

    def __init__(self, air: AirSettings, waveform: Waveform) -> None:
        find_mcs(air.mcs)
        self._air, self._waveform, self._thresholds_db = air, waveform, thresholds_db(waveform)
        self._sender = Sender(air.max_frame_bytes)
        self._planner = make_planner(air, waveform) if air.policy is not None else None

    @property
    def mcs(self) -> str:
        """Of what is neither better nor worse protected."""
        return self._air.mcs

    def with_mcs(self, mcs: str) -> FramePlan:
        """The same with another MCS."""
        return FramePlan(replace(self._air, mcs=mcs), self._waveform)

    def frames(self, items: Sequence[Item]) -> list[OutgoingFrame]:
        """Frames of whole pictures; with a policy, layers of a class share them.

        Messages between processes carry no soft values: text that is welcome as such goes coded like everything else.
        """
        items = _exact(items)
        if self._planner is None:
            return self._sender.frames(items)
        return [frame for entry in self._planner.plan(items) for frame in entry.frames()]

    def cost_of_protection(self, items: Sequence[Item]) -> str | None:
        """What the policy takes of the airtime of such a picture, as a sentence; None where there is none."""
        if self._planner is None:
            return None
        items = _exact(items)
        return cost_of_protection(self._planner.plan(items), items, self._air, self._waveform)

    def frames_of_more(self, items: Sequence[Item]) -> list[OutgoingFrame]:
        """Frames of layers that come after the picture."""
        return self._sender.frames(_exact(items), whole=False)

    def mcs_of(self, frame: OutgoingFrame, num_sent: int = 0) -> str:
        """The MCS of a frame that has been sent `num_sent` times."""
        mcs = frame.mcs or self._air.mcs
        return mcs_with_margin(mcs, FALLBACK_DB * num_sent, self._thresholds_db)


def _exact(items: Sequence[Item]) -> list[Item]:
    return [replace(item, exact_bytes=None, analog=False) for item in items]
