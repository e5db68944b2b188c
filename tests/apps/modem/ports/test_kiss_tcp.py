"""Programs at the KISS port: packets from each, to all; junk, half frames and slow readers are said."""

import socket
import time

import pytest

from semcom.apps.modem.errors import PortError
from semcom.apps.modem.ports import kiss_tcp
from semcom.apps.modem.ports.kiss_tcp import KissPort
from semcom.experiments.services.service_processes import free_port
from semcom.link.packets.kiss import encode_kiss

LIMIT_S = 60.0


@pytest.fixture
def port():
    found = free_port()
    with_port = KissPort(str(found))
    yield with_port
    with_port.close()


def read_until(port: KissPort, condition) -> list[bytes]:
    packets, deadline = [], time.monotonic() + LIMIT_S
    while not condition(packets):
        assert time.monotonic() < deadline, (packets, port.num_clients)
        packets += port.read()
    return packets


def connect(port: KissPort) -> socket.socket:
    before = port.num_clients
    ours = socket.create_connection(port.address[:2], LIMIT_S)
    read_until(port, lambda packets: port.num_clients == before + 1)
    return ours


def test_packets_of_each_program_come_and_go_to_all(port):
    with connect(port) as one, connect(port) as two:
        one.sendall(encode_kiss(b"from one"))
        two.sendall(encode_kiss(b"\xc0 from two"))
        assert sorted(read_until(port, lambda packets: len(packets) == 2)) == [b"from one", b"\xc0 from two"]
        port.write(b"to all \xdb")
        frame = encode_kiss(b"to all \xdb")
        assert one.recv(1000) == frame and two.recv(1000) == frame
    assert any("is connected" in note for note in port.notes())


def test_junk_is_said_once_and_who_sends_nothing_else_is_cut_off(port):
    with connect(port) as ours:
        port.notes()
        ours.sendall(b"GET / HTTP/1.0\r\n\r\n")
        notes = []
        read_until(port, lambda packets: notes.extend(port.notes()) or notes)
        assert "sends what is no frame of port 0 (outside 18)" in notes[0] and len(notes) == 1
        ours.sendall(bytes(kiss_tcp.MAX_JUNK))
        read_until(port, lambda packets: port.num_clients == 0)
        assert ["is cut off" in note for note in port.notes()] == [True]
    with connect(port) as ours:  # the port goes on
        ours.sendall(encode_kiss(b"good"))
        assert read_until(port, lambda packets: packets) == [b"good"]


def test_half_a_frame_at_the_end_is_said_and_not_sent(port):
    with connect(port) as ours:
        ours.sendall(encode_kiss(b"whole") + b"\xc0\x00half")
    assert read_until(port, lambda packets: port.num_clients == 0) == [b"whole"]
    assert "its last frame was cut off and is not sent" in port.notes()[-1]


def test_who_does_not_read_is_cut_off_and_the_others_go_on(port, monkeypatch):
    monkeypatch.setattr(kiss_tcp, "MAX_UNSENT_BYTES", 100_000)
    with connect(port) as slow:
        for _ in range(2000):
            port.write(bytes(60_000))
            if not port.num_clients:
                break
        assert port.num_clients == 0 and "it has not read" in port.notes()[-1]
        slow.close()


def test_too_many_programs_are_refused_by_name(port, monkeypatch):
    monkeypatch.setattr(kiss_tcp, "MAX_CLIENTS", 1)
    with connect(port), socket.create_connection(port.address[:2], LIMIT_S) as second:
        notes = []
        read_until(port, lambda packets: notes.extend(port.notes()) or any("was refused" in note for note in notes))
        assert second.recv(1) == b"" and port.num_clients == 1


def test_without_a_program_packets_are_counted_and_said_once(port):
    port.write(b"a")
    port.write(b"b")
    assert len(port.notes()) == 1


def test_an_address_that_is_taken_is_refused(port):
    with pytest.raises(PortError, match=r"must be free"):
        KissPort(str(port.address[1]))
    for wrong in ("0", "65536", "host:", "a:b"):
        with pytest.raises(PortError):
            KissPort(wrong)
