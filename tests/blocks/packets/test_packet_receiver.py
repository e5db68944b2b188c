"""Frames of a modem into packets: once each, as PDUs or KISS; what is missing is counted."""

import pytest

from semcom.blocks import packet_receiver
from semcom.blocks.errors import PduError
from semcom.blocks.pdu import make_pdu, read_pdu
from semcom.link.packets.framer import PacketFramer
from semcom.link.packets.packet import Packet, PacketKind


def frames_of(*packets: Packet) -> list[bytes]:
    framer = PacketFramer(77, 128)
    return [frame.data for packet in packets for frame in framer.frames([packet])]


def datagram(number: int, data: bytes) -> Packet:
    return Packet(PacketKind.DATAGRAM, data, number)


def test_packets_leave_once_with_their_metadata(run_block, rng):
    data = [rng.bytes(20), rng.bytes(1000)]
    frames = frames_of(*[datagram(number, each) for number, each in enumerate(data)])
    meta = {"crc_ok": True, "source": 9, "snr_db": 12.5}
    messages = [make_pdu(meta, frame) for frame in [*frames, *frames]]
    came = run_block(packet_receiver(), "frames", messages, ["packets"])["packets"]
    assert [read_pdu(message)[1] for message in came] == data
    assert read_pdu(came[1])[0] == {"stream": 77, "number": 1, "source": 9, "snr_db": 12.5}


def test_kiss_frames_for_a_socket(run_block):
    (frame,) = frames_of(datagram(0, b"a\xc0b"))
    came = run_block(packet_receiver("kiss"), "frames", [make_pdu({}, frame)], ["packets"])["packets"]
    assert [read_pdu(message)[1] for message in came] == [b"\xc0\x00a\xdb\xdcb\xc0"]
    with pytest.raises(PduError, match="framing"):
        packet_receiver("slip")


def test_what_is_missing_is_said_in_the_end(run_block):
    frames = frames_of(datagram(0, b"a"), datagram(3, b"b"), Packet(PacketKind.STATION, b"DL0ABC"))
    messages = [make_pdu({"crc_ok": False}), *[make_pdu({}, frame) for frame in frames], make_pdu({}, b"no frame")]
    block = packet_receiver()
    (statistics,) = run_block(block, "frames", messages, ["statistics"])["statistics"]
    meta = read_pdu(statistics)[0]
    assert (meta["packets"], meta["missing"], meta["refused"], meta["failed"], meta["no_packets"]) == (2, 2, 1, 1, 0)
    assert block.counts["identifications"] == 1
