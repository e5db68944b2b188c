"""Packets as bytes: the layout of docs/link_frame.md, its limits, and bytes from outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.link.errors import FrameError, ItemError
from semcom.link.packets.packet import MAX_CALLSIGN_BYTES, MAX_PACKET_BYTES, Packet, PacketKind


@pytest.mark.parametrize(
    ("packet", "layout"),
    [
        (Packet(PacketKind.DATAGRAM, b"ab", 0x0102), "d0 0102 6162"),
        (Packet(PacketKind.STREAM, b"ab", 1 << 40), "d1 010000000000 6162"),
        (Packet(PacketKind.END, b"\1\2\3\4", 7), "d2 000000000007 01020304"),
        (Packet(PacketKind.STATION, b"DL0ABC"), "d3 444c30414243"),
    ],
)
def test_layout(packet: Packet, layout: str):
    assert packet.to_bytes() == bytes.fromhex(layout)
    assert Packet.from_bytes(bytes.fromhex(layout)) == packet


@given(st.binary(max_size=60))
def test_any_bytes_are_a_packet_or_refused(data: bytes):
    try:
        packet = Packet.from_bytes(data)
    except FrameError:
        return
    assert packet.to_bytes() == data


@pytest.mark.parametrize(
    "data",
    [b"", b"\x10picture", b"\xd0\x01", b"\xd1" + bytes(5), b"\xd2" + bytes(6 + 3), b"\xd2" + bytes(6 + 5),
     b"\xd3" + bytes(MAX_CALLSIGN_BYTES + 1), b"\xd3\xff", b"\xd0" + bytes(3 + MAX_PACKET_BYTES)],
)  # fmt: skip
def test_what_is_no_packet_is_refused(data: bytes):
    with pytest.raises(FrameError):
        Packet.from_bytes(data)


def test_limits_of_the_writer():
    Packet(PacketKind.DATAGRAM, bytes(MAX_PACKET_BYTES), 0xFFFF)
    with pytest.raises(ItemError, match="at most 65535 bytes, got 65536"):
        Packet(PacketKind.DATAGRAM, bytes(MAX_PACKET_BYTES + 1))
    with pytest.raises(ItemError, match="number of a datagram packet must be 0 to 65535, got 65536"):
        Packet(PacketKind.DATAGRAM, b"", 1 << 16)
    with pytest.raises(ItemError, match="number"):
        Packet(PacketKind.STATION, b"", 1)
