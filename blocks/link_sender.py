"""Layers in, link frames out, most important first and best protected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from semcom.blocks.live.live_settings import obey_command, setting
from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import key_numbers, number, read_pdu, required_keys
from semcom.blocks.picture_protection import PictureProtection
from semcom.link import FrameName, Item, Key, OutgoingFrame, Scope, Sender, SetKey

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
        exact_bytes (so many bytes at its start must arrive exactly, the rest may come as soft text), and requires (four
        numbers for each layer required).
    command : in
        A dictionary, or a pair of name and value: mcs.
    frames : out
        PDUs: one link frame; metadata stream, group, picture, layer (of layers that share frames: set), piece,
        importance; mcs with a policy; coded_bytes of soft text.
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
        self._protection = PictureProtection(policy, mcs, waveform, max_frame_bytes) if policy else None
        self._waiting: dict[Scope, dict[Key, Item]] = {}

        self.receive_in_order("command", self.on_command)

    @setting
    def set_mcs(self, mcs: str) -> None:
        """MCS of the pictures that come from now on; an unknown one is logged and changes nothing."""
        if self._protection is not None:
            self._protection.set_mcs(mcs)

    def on_command(self, message: Any) -> None:
        """Handler of ``command``."""
        obey_command(self, {"mcs": self.set_mcs}, message, SETTINGS_OF_THE_MODEM)

    def handle(self, message: Any) -> None:
        meta, payload = read_pdu(message)
        exact = number(meta, "exact_bytes") if "exact_bytes" in meta else None
        item = Item(Key(*key_numbers(meta)), number(meta, "importance"), payload, required_keys(meta), exact)
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
            self.publish("frames", {**meta, "mcs": frame.mcs, "coded_bytes": frame.coded_bytes}, frame.data)


def _names(name: FrameName) -> dict[str, int]:
    """Metadata that name a frame."""
    if isinstance(name.key, SetKey):
        return {**name.key.scope._asdict(), "set": name.key.set_number, "piece": name.piece}
    return {**name.key._asdict(), "piece": name.piece}
