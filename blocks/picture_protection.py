"""Frames of whole pictures as a protection policy has them, and what the protection costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from semcom.link import FLAT, Item, OutgoingFrame, ProtectionPolicy, Sender, SetPlanner
from semcom.phy.airtime import airtime_function
from semcom.phy.mcs import find_mcs
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.policy import load_policy


class PictureProtection:
    """A policy, the waveform that it plans for, and the MCS of what it protects neither better nor worse.

    Parameters
    ----------
    policy : str or Path
        A name in sdr_configs/policies/ or the path of a YAML file.
    mcs : str
    waveform : str or Path
    max_frame_bytes : int

    Raises
    ------
    ConfigError, ConfigurationError, LinkError
        A policy, MCS, waveform or frame length that cannot be.
    """

    def __init__(self, policy: str | Path, mcs: str, waveform: str | Path, max_frame_bytes: int = 256) -> None:
        self._name, self._policy = str(policy), load_policy(policy)
        self._waveform, self._max_frame_bytes = Waveform.load(waveform), max_frame_bytes
        self.set_mcs(mcs)

    def set_mcs(self, mcs: str) -> None:
        """From now on; an unknown one raises `ConfigurationError` and changes nothing."""
        self.mcs = find_mcs(mcs).name
        self._planner = self._planner_of(ProtectionPolicy.of(self._policy.classes))
        self._flat = self._planner_of(FLAT)

    def frames(self, items: Sequence[Item], sender: Sender) -> tuple[list[OutgoingFrame], str]:
        """Frames of all items of a picture, and a sentence on what their protection costs.

        Text that is welcome as soft values goes in frames of its own, from `sender`, and first.
        """
        soft = [frame for frame in sender.frames(items) if frame.coded_bytes is not None]
        coded = [item for item in items if item.exact_bytes is None]
        plan = self._planner.plan(coded, len(items))
        uses = sum(entry.channel_uses for entry in plan)
        flat_uses = sum(entry.channel_uses for entry in self._flat.plan(coded, len(items)))
        rate_hz = self._waveform.nominal_rate_hz
        cost = f"{1e3 * uses / rate_hz:.1f} ms on air"
        if flat_uses:
            cost += f", {uses / flat_uses - 1:+.0%} for protection by importance ({self._name})"
        return [*soft, *(frame for entry in plan for frame in entry.frames())], cost

    def _planner_of(self, policy: ProtectionPolicy) -> SetPlanner:
        longest_ms, rate_hz = self._policy.max_frame_ms, self._waveform.nominal_rate_hz
        longest = None if longest_ms is None else int(longest_ms * 1e-3 * rate_hz)
        airtime = airtime_function(self._waveform)
        return SetPlanner(policy, self.mcs, thresholds_db(self._waveform), airtime, self._max_frame_bytes, longest)
