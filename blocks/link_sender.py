"""Layers in, link frames out, most important first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import key_numbers, number, read_pdu, required_keys
from semcom.link import Item, Key, Scope, Sender

MAX_WAITING_ITEMS = 4096


class link_sender(MessageBlock):  # noqa: N801 (GNU Radio names its blocks so)
    """Splits the layers of a picture into link frames.

    A picture is sent when as many of its layers have come as their PDUs announce (``num_layers``), most important
    first. Layers that announce nothing are sent at once.

    Parameters
    ----------
    max_frame_bytes : int
        Longest frame, bytes.
    frame_bytes_step : int
        Frames are padded to a multiple of this many bytes.

    Ports
    -----
    layers : in
        PDUs: payload of a layer; metadata stream, group, picture, layer, importance; may have num_layers,
        exact_bytes (so many bytes at its start must arrive exactly, the rest may come as soft text), analog (that rest
        are complex symbols), and requires (four numbers for each layer required).
    frames : out
        PDUs: one link frame; metadata stream, group, picture, layer, piece, importance; coded_bytes of soft text
        and of complex symbols, which say analog as well.
    """

    def __init__(self, max_frame_bytes: int = 256, frame_bytes_step: int = 1):
        MessageBlock.__init__(self, "semcom link sender", "layers", ("frames",))
        self._sender = Sender(max_frame_bytes, frame_bytes_step)
        self._waiting: dict[Scope, dict[Key, Item]] = {}

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

    def _send_incomplete(self, scope: Scope) -> None:
        self.counts["incomplete_pictures"] += 1
        self._send(list(self._waiting.pop(scope).values()))

    def _send(self, items: list[Item], whole: bool = True) -> None:
        for frame in self._sender.frames(items, whole):
            self.counts["frames"] += 1
            meta = {**frame.name.key._asdict(), "piece": frame.name.piece, "importance": frame.importance}
            self.publish("frames", {**meta, "coded_bytes": frame.coded_bytes, **frame.uncoded}, frame.data)
