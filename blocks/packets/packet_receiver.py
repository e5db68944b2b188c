"""Link frames in, packets out: what stands behind a modem for UDP, IP and KISS."""

from __future__ import annotations

from typing import Any

from semcom.blocks.errors import PduError
from semcom.blocks.message_block import MessageBlock
from semcom.blocks.packets.packet_sender import FRAMINGS
from semcom.blocks.pdu import read_pdu
from semcom.link.packets.kiss import encode_kiss
from semcom.link.packets.packet import PacketKind
from semcom.link.packets.receiver import PacketReceiver


class packet_receiver(MessageBlock):  # noqa: N801 (GNU Radio names its blocks so)
    """Puts packets together again, each once, and counts those that did not come.

    Parameters
    ----------
    framing : str
        ``none``: a PDU per packet. ``kiss``: each as a KISS frame, for a TCP socket.

    Ports
    -----
    frames : in
        PDUs, one link frame each; the ports frames and failed of a modem receiver both fit.
    packets : out
        PDUs; metadata stream (number of the sender's session), number (of the packet, modulo 65536), source, snr_db.
    statistics : out
        One PDU without data at the end: packets, missing (by their numbers), refused, failed, no_packets (frames of
        something else).
    """

    def __init__(self, framing: str = "none"):
        MessageBlock.__init__(self, "semcom packet receiver", "frames", ("packets", "statistics"))
        if framing not in FRAMINGS:
            raise PduError(f"framing must be one of {', '.join(FRAMINGS)}, got {framing!r}")
        self._encode = encode_kiss if framing == "kiss" else bytes
        self._receiver = PacketReceiver()

    def handle(self, message: Any) -> None:
        meta, data = read_pdu(message)
        if not meta.get("crc_ok", True):
            self.counts["failed"] += 1
            return
        quality = {name: meta[name] for name in ("snr_db", "cfo_hz", "evm_db") if isinstance(meta.get(name), float)}
        source = meta["source"] if isinstance(meta.get("source"), int) else 0
        for stream, packet in self._receiver.block(data, source, 0, None, 0.0):
            self._receiver.reports(source)  # nobody asks for them here: none are kept
            if packet.kind in (PacketKind.DATAGRAM, PacketKind.STREAM):
                about = {"stream": stream, "number": packet.number, "source": source}
                self.publish("packets", {**about, **quality}, self._encode(packet.data))
            elif packet.kind is PacketKind.STATION:
                self.counts["identifications"] += 1

    def finish(self) -> None:
        counts = self._receiver.counts
        told = {name: counts[name] for name in ("packets", "missing", "refused", "no_packets")}
        self.publish("statistics", {**told, "failed": self.counts["failed"]})
