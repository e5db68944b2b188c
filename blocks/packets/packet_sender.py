"""Packets of any length in, link frames out: what stands in front of a modem for UDP, IP and KISS."""

from __future__ import annotations

import secrets
import time
from typing import Any

from semcom.blocks.errors import PduError
from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import read_pdu
from semcom.link.errors import ItemError
from semcom.link.frame import MAX_FRAME_BYTES
from semcom.link.packets.framer import PacketFramer
from semcom.link.packets.kiss import KissParser
from semcom.link.packets.packet import NUM_SEQUENCE_NUMBERS, Packet, PacketKind
from semcom.link.packets.station_id import StationId

FRAMINGS = ("none", "kiss")
LEAST_FRAME_BYTES = 64
"""A call sign fits one frame."""


class packet_sender(MessageBlock):  # noqa: N801 (GNU Radio names its blocks so)
    """Splits packets into link frames with numbers and CRC-32; a packet that is too long is refused, and counted.

    Parameters
    ----------
    framing : str
        ``none``: each PDU is a packet. ``kiss``: PDUs are pieces of a stream of KISS frames, as a TCP socket gives it.
    max_frame_bytes : int
        Longest frame, 64 to 8192 bytes; longer packets take several.
    callsign : str
        Sent with the first packet and every so many minutes in front of others; empty: none.
    identify_every_min : float

    Ports
    -----
    packets : in
        PDUs of 0 to 65535 bytes; metadata mcs and tx_time go on to the frames.
    frames : out
        PDUs, one link frame each, for a modem transmitter.
    """

    def __init__(
        self,
        framing: str = "none",
        max_frame_bytes: int = 1536,
        callsign: str = "",
        identify_every_min: float = 10.0,
    ):
        MessageBlock.__init__(self, "semcom packet sender", "packets", ("frames",))
        if framing not in FRAMINGS:
            raise PduError(f"framing must be one of {', '.join(FRAMINGS)}, got {framing!r}")
        if not LEAST_FRAME_BYTES <= max_frame_bytes <= MAX_FRAME_BYTES:
            raise ItemError(f"max_frame_bytes must be {LEAST_FRAME_BYTES} to {MAX_FRAME_BYTES}, got {max_frame_bytes}")
        self._framer = PacketFramer(secrets.randbelow(1 << 16), max_frame_bytes)
        self._kiss = KissParser() if framing == "kiss" else None
        self._station = StationId(callsign, identify_every_min * 60)
        self._number = 0

    def handle(self, message: Any) -> None:
        meta, data = read_pdu(message)
        kept = {name: meta[name] for name in ("mcs", "tx_time") if name in meta}
        packets = [data] if self._kiss is None else self._kiss.push(data)
        self.counts["junk"] = 0 if self._kiss is None else self._kiss.num_refused
        for packet in packets:
            if self._station.is_due(time.monotonic()):
                self._send(self._station.packet(time.monotonic()), kept)
            self._send(Packet(PacketKind.DATAGRAM, packet, self._number), kept)
            self._number = (self._number + 1) % NUM_SEQUENCE_NUMBERS
            self._station.spoke()

    def finish(self) -> None:
        if self._station.is_due_last:
            self._send(self._station.packet(time.monotonic()), {})

    def _send(self, packet: Packet, meta: dict[str, Any]) -> None:
        self.counts["packets"] += 1
        for frame in self._framer.frames([packet]):
            self.counts["frames"] += 1
            self.publish("frames", meta, frame.data)
