"""A call sign goes out first, in its interval, and last."""

import pytest

from semcom.link.errors import ItemError
from semcom.link.packets.packet import PacketKind
from semcom.link.packets.station_id import StationId


def test_first_every_so_often_and_last():
    station = StationId("DL0ABC", 600.0)
    assert station.is_due(0.0) and not station.is_due_last
    packet = station.packet(0.0)
    assert (packet.kind, packet.data) == (PacketKind.STATION, b"DL0ABC")
    assert not station.is_due(599.9) and station.is_due(600.0)
    assert not station.is_due_last
    station.spoke()
    assert station.is_due_last
    station.packet(300.0)
    assert not station.is_due_last and not station.is_due(899.0) and station.is_due(900.0)


def test_without_a_call_sign_nothing_is_ever_due():
    station = StationId()
    station.spoke()
    assert not station.is_due(1e9) and not station.is_due_last


@pytest.mark.parametrize("wrong", [("x" * 33, 600.0), ("ÄÖ", 600.0), ("A\n", 600.0), ("A", 0.5), ("A", 1e6)])
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ItemError):
        StationId(*wrong)
