"""ZeroMQ: several receivers each get every packet; who pushes what is none is told; nothing is lost in silence."""

import time

import pytest
import zmq

from semcom.apps.modem.errors import PortError
from semcom.apps.modem.ports import zeromq
from semcom.apps.modem.ports.zeromq import ZeromqPort

LIMIT_S = 60.0


@pytest.fixture
def context():
    context = zmq.Context()
    context.setsockopt(zmq.LINGER, 0)
    context.setsockopt(zmq.RCVTIMEO, int(1000 * LIMIT_S))
    yield context
    context.destroy(0)  # with whatever sockets a failed test left


def subscribed(context, port: ZeromqPort, address: str, count: int) -> list[zmq.Socket]:
    sockets = []
    for _ in range(count):
        socket = context.socket(zmq.SUB)
        socket.subscribe(b"")
        socket.connect(address)
        sockets.append(socket)
    deadline = time.monotonic() + LIMIT_S
    while port._receivers < count:
        assert time.monotonic() < deadline
        port.read()
    return sockets


def test_every_subscriber_gets_every_packet(context, tmp_path):
    address = f"ipc://{tmp_path}/out"
    port = ZeromqPort(give=address)
    try:
        port.write(b"to nobody")
        assert "nobody had subscribed" in port.notes()[0]
        sockets = subscribed(context, port, address, 3)
        packets = [b"", b"a", bytes(60_000)]
        for packet in packets:
            port.write(packet)
        for socket in sockets:
            assert [socket.recv() for _ in packets] == packets
            socket.close()
    finally:
        port.close()


def test_who_does_not_read_loses_packets_and_it_is_said(context, tmp_path, monkeypatch):
    monkeypatch.setattr(zeromq, "PATIENCE_S", 0.05)
    monkeypatch.setattr(zeromq, "MAX_QUEUED", 2)
    address = f"ipc://{tmp_path}/out"
    port = ZeromqPort(give=address)
    try:
        (slow,) = subscribed(context, port, address, 1)
        notes = []
        for _ in range(3000):
            port.write(bytes(60_000))
            if notes := port.notes():
                break
        assert notes and "loses packets" in notes[0]
    finally:
        port.close()
    slow.close()


def test_packets_are_pulled_and_what_is_none_is_named(context, tmp_path):
    address = f"ipc://{tmp_path}/in"
    port = ZeromqPort(listen=address)
    try:
        push = context.socket(zmq.PUSH)
        push.connect(address)
        push.send(bytes(70_000))
        push.send_multipart([b"two", b"parts"])
        push.send(b"good")
        packets, deadline = [], time.monotonic() + LIMIT_S
        while not packets:
            assert time.monotonic() < deadline
            packets += port.read()
        assert packets == [b"good"]
        notes = port.notes()
        assert "got 1 of 70000 bytes" in notes[0] and "got 2 of 8 bytes" in notes[1]
        push.close()
    finally:
        port.close()


def test_an_address_that_cannot_be_is_refused():
    with pytest.raises(PortError, match="zmq: address must be free and like"):
        ZeromqPort(listen="what")
