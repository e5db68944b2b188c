"""ZeroMQ: each message is a packet; several receivers each get every packet.

Any number of programs may push (`PUSH`) to where packets are taken, and subscribe (`SUB`) where they are given out.
Nothing here is signed or encrypted: between computers, use the services.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

import zmq

from semcom.apps.modem.errors import PortError
from semcom.apps.modem.ports.port import MAX_READS, Quiet
from semcom.link.packets.packet import MAX_PACKET_BYTES

MAX_QUEUED = 1000
PATIENCE_S = 1.0
"""For a receiver whose queue is full; then it loses the packet, and that is said."""

LINGER_MS = 1000
"""For packets that wait to leave when the port closes."""


class ZeromqPort(Quiet):
    """Packets in by PULL, out by PUB.

    Parameters
    ----------
    listen : str, optional
        Where PULL binds, such as ``tcp://127.0.0.1:5801``.
    give : str, optional
        Where PUB binds.
    """

    def __init__(self, listen: str | None = None, give: str | None = None) -> None:
        self._context = zmq.Context()
        self._notes: list[str] = []
        self._receivers = self._lost = self._unheard = 0
        self._pull = self._pub = None
        try:
            if listen:
                self._pull = self._bound(zmq.PULL, listen)
            if give:
                self._pub = self._bound(zmq.XPUB, give)
        except PortError:
            self.close()
            raise
        self.ended = listen is None

    def waits_on(self) -> Sequence[Any]:
        return [socket for socket in (self._pull, self._pub) if socket is not None]

    def read(self) -> list[bytes]:
        self._count_receivers()
        packets: list[bytes] = []
        while self._pull is not None and len(packets) < MAX_READS:
            try:
                parts = self._pull.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            if len(parts) > 1 or len(parts[0]) > MAX_PACKET_BYTES:
                size = sum(map(len, parts))
                rule = f"a message must have one part of at most {MAX_PACKET_BYTES} bytes"
                self._notes.append(f"zmq: {rule}, got {len(parts)} of {size} bytes; it is not sent")
                continue
            packets.append(parts[0])
        return packets

    def write(self, data: bytes) -> None:
        self._count_receivers()
        if self._pub is None:
            return
        if not self._receivers:
            self._unheard += 1
            if self._unheard == 1:
                self._notes.append("zmq: a packet came while nobody had subscribed; such are counted and dropped")
            return
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._pub.send(data, zmq.NOBLOCK)
                return
            except zmq.Again:
                if time.monotonic() > deadline:
                    break
                time.sleep(0.005)
        self._pub.setsockopt(zmq.XPUB_NODROP, 0)
        self._pub.send(data)
        self._pub.setsockopt(zmq.XPUB_NODROP, 1)
        self._lost += 1
        if self._lost == 1:
            self._notes.append(f"zmq: a receiver has not read for {PATIENCE_S:g} s and loses packets; others do not")

    def notes(self) -> list[str]:
        notes, self._notes = self._notes, []
        return notes

    def close(self) -> None:
        for socket in (self._pull, self._pub):
            if socket is not None:
                socket.close(LINGER_MS)
        # A receiver that stopped reading can keep libzmq from ending its context; that must not keep the modem.
        ending = threading.Thread(target=self._context.term, name="zmq ends", daemon=True)
        ending.start()
        ending.join(2e-3 * LINGER_MS)

    def _bound(self, kind: int, address: str) -> zmq.Socket:
        socket = self._context.socket(kind)
        socket.setsockopt(zmq.SNDHWM, MAX_QUEUED)
        socket.setsockopt(zmq.RCVHWM, MAX_QUEUED)
        socket.setsockopt(zmq.MAXMSGSIZE, 4 * MAX_PACKET_BYTES)
        if kind == zmq.XPUB:
            socket.setsockopt(zmq.XPUB_NODROP, 1)
            socket.setsockopt(zmq.XPUB_VERBOSER, 1)
        try:
            socket.bind(address)
        except zmq.ZMQError as error:
            socket.close(0)
            raise PortError(
                f"zmq: address must be free and like tcp://127.0.0.1:5801, got {address!r}: {error}"
            ) from None
        return socket

    def _count_receivers(self) -> None:
        while self._pub is not None:
            try:
                told = self._pub.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            self._receivers = max(0, self._receivers + (1 if told[:1] == b"\x01" else -1))
