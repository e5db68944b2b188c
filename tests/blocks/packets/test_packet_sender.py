"""Packets of any length into frames of a modem: UDP, KISS, call sign."""

import pytest

from semcom.blocks import packet_sender
from semcom.blocks.errors import PduError
from semcom.blocks.pdu import make_pdu, read_pdu
from semcom.link import Receiver
from semcom.link.errors import ItemError
from semcom.link.packets.kiss import encode_kiss
from semcom.link.packets.packet import MAX_PACKET_BYTES, Packet, PacketKind


def packets_of(messages) -> list[Packet]:
    receiver = Receiver()
    return [
        Packet.from_bytes(item.payload) for message in messages for item in receiver.push(read_pdu(message)[1]).items
    ]


def test_long_packets_are_split_and_numbered(run_block, rng):
    block = packet_sender(max_frame_bytes=256)
    data = [b"", rng.bytes(1500), rng.bytes(20_000)]
    came = run_block(block, "packets", [make_pdu({"mcs": "16qam-1/2"}, each) for each in data], ["frames"])["frames"]
    assert packets_of(came) == [Packet(PacketKind.DATAGRAM, each, number) for number, each in enumerate(data)]
    assert all(read_pdu(message)[0] == {"mcs": "16qam-1/2"} for message in came)
    assert max(len(read_pdu(message)[1]) for message in came) in (255, 256)


def test_kiss_is_parsed_across_pdus_and_junk_is_counted(run_block):
    block = packet_sender(framing="kiss")
    stream = b"junk" + encode_kiss(b"\xc0one") + encode_kiss(b"two")
    pieces = [make_pdu({}, stream[at : at + 3]) for at in range(0, len(stream), 3)]
    came = run_block(block, "packets", pieces, ["frames"])["frames"]
    assert [packet.data for packet in packets_of(came)] == [b"\xc0one", b"two"] and block.counts["junk"] == 4


def test_the_call_sign_goes_first_and_last(run_block):
    block = packet_sender(callsign="DL0ABC")
    came = run_block(block, "packets", [make_pdu({}, b"a"), make_pdu({}, b"b")], ["frames"])["frames"]
    kinds = [packet.kind for packet in packets_of(came)]
    assert kinds == [PacketKind.STATION, PacketKind.DATAGRAM, PacketKind.DATAGRAM, PacketKind.STATION]


def test_what_cannot_be_is_refused(run_block):
    with pytest.raises(PduError, match="framing must be one of none, kiss, got 'slip'"):
        packet_sender(framing="slip")
    with pytest.raises(ItemError, match="max_frame_bytes must be 64 to 8192, got 63"):
        packet_sender(max_frame_bytes=63)
    block = packet_sender()
    messages = [make_pdu({}, bytes(MAX_PACKET_BYTES + 1)), make_pdu({}, b"good")]
    came = run_block(block, "packets", messages, ["frames"])["frames"]
    assert [packet.data for packet in packets_of(came)] == [b"good"] and block.counts["refused"] == 1
