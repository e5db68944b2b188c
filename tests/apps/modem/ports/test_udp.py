"""Datagrams in and out, whole, also empty ones; where nobody is, it is said once."""

import socket
import time

import pytest

from semcom.apps.modem.errors import PortError
from semcom.apps.modem.ports.udp import UdpPort
from semcom.experiments.services.service_processes import free_port

LIMIT_S = 60.0


def bound() -> socket.socket:
    ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ours.bind(("127.0.0.1", 0))
    ours.settimeout(LIMIT_S)
    return ours


def read(port: UdpPort, count: int) -> list[bytes]:
    packets, deadline = [], time.monotonic() + LIMIT_S
    while len(packets) < count:
        assert time.monotonic() < deadline
        packets += port.read()
    return packets


def test_datagrams_come_whole_and_answers_go_to_who_sent_last(rng):
    number = free_port(socket.SOCK_DGRAM)
    port = UdpPort(listen=str(number))
    try:
        port.write(b"to nobody")
        assert "nobody yet" in port.notes()[0] and port.notes() == []
        with bound() as ours:
            sent = [b"", rng.bytes(1), rng.bytes(60_000)]
            for data in sent:
                ours.sendto(data, ("127.0.0.1", number))
            assert read(port, 3) == sent and port.read() == []
            port.write(b"answer")
            assert ours.recv(100) == b"answer"
        with pytest.raises(PortError, match="must be free"):
            UdpPort(listen=str(number))
    finally:
        port.close()


def test_a_sink_sends_where_it_is_told_and_gives_nothing():
    with bound() as ours:
        port = UdpPort(to=f"127.0.0.1:{ours.getsockname()[1]}")
        try:
            assert port.ended and port.waits_on() == ()
            port.write(b"")
            port.write(b"data")
            assert [ours.recv(100), ours.recv(100)] == [b"", b"data"]
        finally:
            port.close()


def test_a_name_that_is_none_is_refused():
    with pytest.raises(PortError, match=r"no\.such\.host\.invalid"):
        UdpPort(to="no.such.host.invalid:1")
