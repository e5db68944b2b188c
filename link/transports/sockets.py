"""ZeroMQ sockets with all limits set, and what happens on them below the messages."""

from __future__ import annotations

import zmq
from zmq.utils.monitor import recv_monitor_message

from semcom.link.errors import TransportError
from semcom.link.transports.addresses import checked, needs_ipv6
from semcom.link.transports.front_process import FrontProcess
from semcom.link.transports.key_files import KeyRing

HANDSHAKE_TIMEOUT_MS = 5000
HEARTBEAT_MS = 1000
HEARTBEAT_TIMEOUT_MS = 4000
RECONNECT_MS = 100
MOST_RECONNECT_MS = 1000
BACKLOG = 64
DOMAIN = b"semcom"

FAILURES = {
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "handshake",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "protocol",
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "auth",
}
DISCONNECTED = "disconnected"


def make_socket(context: zmq.Context, kind: int, keys: KeyRing, max_message_bytes: int, max_queued: int) -> zmq.Socket:
    """A socket with our keys, bounded queues, heartbeats, and no patience when it is closed."""
    socket = context.socket(kind)
    socket.linger = 0
    socket.sndhwm = socket.rcvhwm = max_queued
    socket.maxmsgsize = max_message_bytes
    socket.backlog = BACKLOG
    socket.handshake_ivl = HANDSHAKE_TIMEOUT_MS
    socket.heartbeat_ivl = HEARTBEAT_MS
    socket.heartbeat_timeout = socket.heartbeat_ttl = HEARTBEAT_TIMEOUT_MS
    socket.reconnect_ivl, socket.reconnect_ivl_max = RECONNECT_MS, MOST_RECONNECT_MS
    socket.curve_secretkey, socket.curve_publickey = keys.secret, keys.public
    return socket


def bind(socket: zmq.Socket, address: str) -> tuple[str, FrontProcess | None]:
    """Bind a server; the address in use (``tcp://127.0.0.1:*`` takes any free port), and who accepts there for TCP."""
    socket.curve_server = True
    socket.zap_domain = DOMAIN
    socket.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)  # without an authenticator nobody comes in
    front = FrontProcess(address) if checked(address).startswith("tcp://") else None
    try:
        socket.bind(front.inner if front else address)
        if front:
            front.start()
    except (zmq.ZMQError, OSError) as error:
        if front:
            front.close()
        raise TransportError(f"address {address} cannot be bound: {error.strerror}") from None
    return front.address if front else address, front


def connect(socket: zmq.Socket, address: str, server_key: bytes) -> None:
    """Connect to a server that must own ``server_key``; it need not be there yet."""
    socket.curve_serverkey = server_key
    socket.ipv6 = needs_ipv6(checked(address))
    try:
        socket.connect(address)
    except zmq.ZMQError as error:
        raise TransportError(f"address {address} cannot be used: {error.strerror}") from None


class Monitor:
    """Connections that ended or never came about, by why."""

    def __init__(self, socket: zmq.Socket) -> None:
        self._watched = socket
        self._socket = socket.get_monitor_socket(sum(FAILURES) | zmq.EVENT_DISCONNECTED)
        self._socket.rcvhwm = 1000

    def events(self) -> list[str]:
        """Since last asked: ``handshake``, ``protocol`` (no ZeroMQ, no CURVE, wrong server key), ``auth``,
        ``disconnected``."""
        found = []
        while self._socket.poll(0):
            event = recv_monitor_message(self._socket)["event"]
            found.append(FAILURES.get(event, DISCONNECTED))
        return found

    def close(self) -> None:
        self._watched.disable_monitor()
        self._socket.close(linger=0)
