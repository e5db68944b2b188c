"""Layers in, link frames out, most important first and best protected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from semcom.blocks.live.live_settings import obey_command, setting
from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import key_numbers, number, read_pdu, required_keys
from semcom.link import (
    FLAT,
    FrameName,
    Item,
    Key,
    OutgoingFrame,
    ProtectionPolicy,
    Scope,
    Sender,
    SetKey,
    SetPlanner,
)
from semcom.phy.airtime import airtime_function
from semcom.phy.mcs import Mcs, find_mcs
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.soft_text import head_mcs
from semcom.phy.waveform import Waveform

MAX_WAITING_ITEMS = 4096
SETTINGS_OF_THE_MODEM = ("amplitude", "peak_limit_db")
"""Commands to a whole chain reach this block, too."""


class link_sender(MessageBlock):  # noqa: N801 (GNU Radio names its blocks so)
    """Splits the layers of a picture into link frames.

    A picture is sent when as many of its layers have come as their PDUs announce (``num_layers``), most important
    first. Layers that announce nothing are sent at once, in frames of their own. With a policy, a picture's layers of
    one class of importance share frames, and go at the MCS that the policy has for them.

    Parameters
    ----------
    max_frame_bytes : int
        Longest frame, bytes.
    frame_bytes_step : int
        Frames of a single layer are padded to a multiple of this many bytes.
    policy : str or Path
        Protection by importance: a name in sdr_configs/policies/ or the path of a YAML file. Empty: every layer in
        frames of its own, at the MCS of the modem.
    mcs : str
        Of what the policy protects neither better nor worse.
    waveform : str or Path
        Of the modem: it tells how long frames take, and what SNR each MCS needs.

    Ports
    -----
    layers : in
        PDUs: payload of a layer; metadata stream, group, picture, layer, importance; may have num_layers,
        exact_bytes (so many bytes at its start must arrive exactly, the rest may come as soft text), analog (that rest
        are complex symbols), and requires (four numbers for each layer required).
    command : in
        A dictionary, or a pair of name and value: mcs.
    frames : out
        PDUs: one link frame; metadata stream, group, picture, layer (of layers that share frames: set), piece,
        importance; mcs with a policy (of soft text and complex symbols that of their coded head); coded_bytes of soft
        text and of complex symbols, which say analog as well.
    """

    def __init__(
        self,
        max_frame_bytes: int = 256,
        frame_bytes_step: int = 1,
        policy: str | Path = "layered",
        mcs: str = "qpsk-1/2",
        waveform: str | Path = "ofdm64",
    ):
        MessageBlock.__init__(self, "semcom link sender", "layers", ("frames",))
        self._sender = Sender(max_frame_bytes, frame_bytes_step)
        self._protection = self._protected(policy, mcs, waveform, max_frame_bytes) if policy else None
        self._waiting: dict[Scope, dict[Key, Item]] = {}

        self.receive_in_order("command", self.on_command)

    @property
    def mcs(self) -> Mcs | None:
        """Of what is neither better nor worse protected; None where there is no policy."""
        return find_mcs(self._protection.mcs) if self._protection is not None else None

    @setting
    def set_mcs(self, mcs: str) -> None:
        """MCS of the pictures that come from now on; an unknown one is logged and changes nothing."""
        find_mcs(mcs)
        if self._protection is not None:
            self._protection.set_mcs(mcs)

    def on_command(self, message: Any) -> None:
        """Handler of ``command``."""
        obey_command(self, {"mcs": self.set_mcs}, message, SETTINGS_OF_THE_MODEM)

    def handle(self, message: Any) -> None:
        meta, payload = read_pdu(message)
        exact = number(meta, "exact_bytes") if "exact_bytes" in meta else None
        item = Item(Key(*key_numbers(meta)), number(meta, "importance"), payload, required_keys(meta), exact)
        item = replace(item, analog=bool(meta.get("analog", False)))
        if "num_layers" not in meta:
            self._send([item], whole=False)
            return
        num_layers = number(meta, "num_layers")
        waiting = self._waiting.setdefault(item.key.scope, {})
        waiting[item.key] = item
        if len(waiting) >= num_layers:
            self._send(list(self._waiting.pop(item.key.scope).values()))
        elif sum(len(items) for items in self._waiting.values()) > MAX_WAITING_ITEMS:
            self._send_incomplete(next(iter(self._waiting)))

    def finish(self) -> None:
        for scope in list(self._waiting):
            self._send_incomplete(scope)

    def _protected(self, *settings: Any) -> _Protection | None:
        """The policy; None, with a line in the log, where what reads policy files is not installed."""
        try:
            return _Protection(*settings)
        except ImportError as error:
            self.logger.warn(f"layers go out without protection by importance: {' '.join(str(error).split())}")
            return None

    def _send_incomplete(self, scope: Scope) -> None:
        self.counts["incomplete_pictures"] += 1
        self._send(list(self._waiting.pop(scope).values()))

    def _send(self, items: list[Item], whole: bool = True) -> None:
        if self._protection is None or not whole:
            self._publish(self._sender.frames(items, whole))
            return
        frames, cost = self._protection.frames(items, self._sender)
        self._publish(frames)
        self.logger.info(f"picture {items[0].key.scope}: {cost}")

    def _publish(self, frames: list[OutgoingFrame]) -> None:
        for frame in frames:
            self.counts["frames"] += 1
            meta = {**_names(frame.name), "importance": frame.importance}
            about = {"mcs": self._mcs_of(frame), "coded_bytes": frame.coded_bytes, **frame.uncoded}
            self.publish("frames", {**meta, **about}, frame.data)

    def _mcs_of(self, frame: OutgoingFrame) -> str | None:
        """What the policy says; of frames with an uncoded part the robust one of their head; None without a policy."""
        is_ours = self._protection is not None and frame.coded_bytes is not None
        return head_mcs(self._protection.mcs) if is_ours else frame.mcs


def _names(name: FrameName) -> dict[str, int]:
    """Metadata that name a frame."""
    if isinstance(name.key, SetKey):
        return {**name.key.scope._asdict(), "set": name.key.set_number, "piece": name.piece}
    return {**name.key._asdict(), "piece": name.piece}


class _Protection:
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
        from semcom.sdr_configs.policy import load_policy  # only who protects needs pydantic

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

        Text that is welcome as soft values, and complex symbols, go in frames of its own, from `sender`, and first.
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
