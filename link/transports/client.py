"""The end that connects: says hello until it is welcome, and notices when the server has been started anew."""

from __future__ import annotations

import contextlib
import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import zmq

from semcom.link.errors import KeyFileError, MessageError
from semcom.link.messages import Kind, Message, Role, join_batches, split_batch
from semcom.link.refusals import Refusals
from semcom.link.transports.addresses import resolver_trouble
from semcom.link.transports.conversation import Conversation, new_session
from semcom.link.transports.key_files import KeyRing
from semcom.link.transports.own_pauses import OwnPauses
from semcom.link.transports.server import MAX_MESSAGE_BYTES, MAX_QUEUED
from semcom.link.transports.sockets import DISCONNECTED, Monitor, connect, make_socket

HELLO_EVERY_S = 0.5
SILENCE_S = 3.0
CONNECT_AGAIN_S = 1.0
RESOLVE_EVERY_S = 30.0
_MOST_AT_ONCE = 256

log = logging.getLogger("semcom.link")


class Client:
    """Not for several threads.

    Parameters
    ----------
    address : str
    keys : KeyRing
    server : str
        Name of the server's key in ``peers/``.
    role : Role
    window : int
        Messages we take before we have confirmed the first of them.
    name : str
    max_message_bytes, max_queued : int

    Attributes
    ----------
    welcome : dict or None
        What the server said of itself; None before.
    refused : str
        Why the server does not want us; empty otherwise.
    unresolved : str
        What the resolver says of the server's name where it does not know it.
    counts : Counter
        ``heard``, ``sent``, ``dropped``, ``refused``, ``refused_CAUSE``, ``sessions``.
    """

    def __init__(
        self,
        address: str,
        keys: KeyRing,
        server: str,
        role: Role,
        window: int = 1,
        name: str = "",
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        max_queued: int = MAX_QUEUED,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.address, self.welcome, self.refused = address, None, ""
        self._refusals = Refusals(log, self.counts)
        self._hello = {"role": role, "window": window, "name": name}
        self._keys, self._server = keys, server
        self._resolve_again_at_s, self.unresolved = 0.0, ""
        self._context = zmq.Context()
        self.socket = make_socket(self._context, zmq.DEALER, keys, max_message_bytes, max_queued)
        self._monitor = Monitor(self.socket)
        self._conversation = Conversation(new_session())
        self._hello_at_s = self._heard_at_s = 0.0
        self._pauses = OwnPauses()
        self._connect_again_at_s = math.inf
        try:
            connect(self.socket, address, keys.key_of(server))
        except BaseException:
            self.close()
            raise

    @property
    def connected(self) -> bool:
        """Whether the server has been heard of lately."""
        return self.welcome is not None and time.monotonic() - self._heard_at_s < SILENCE_S

    def receive(self) -> Iterator[Message]:
        """Messages that wait.

        A welcome comes out only where it begins a session of the server, or a new connection: what was on the way is
        lost.
        """
        self._greet()
        for _ in range(_MOST_AT_ONCE):
            try:
                parts = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            try:
                if len(parts) != 1:
                    raise MessageError("parts", f"parts of a message must be 1, got {len(parts)}")
                messages = split_batch(parts[0])
                while (data := next(messages, None)) is not None:
                    yield from self._taken(data)
            except MessageError as error:
                self._refusals.note(error.field, str(error))

    def send(self, kind: Kind, **body: Any) -> bool:
        """Send to the server; False while there is none, or where the queue to it is full (counted)."""
        return self.send_all([(kind, body)]) == 1

    def send_all(self, messages: Iterable[tuple[Kind, dict[str, Any]]]) -> int:
        """Send several messages in few pieces; how many went out before the queue was full."""
        return 0 if self.welcome is None else self._send(messages)

    def statistics(self) -> dict[str, Any]:
        return {**self.counts, "connected": self.connected}

    def close(self) -> None:
        self._monitor.close()
        self.socket.close()
        self._context.term()

    def _greet(self) -> None:
        for failure in self._monitor.events():
            if failure == DISCONNECTED:
                self._leave()
                continue
            reason = "does not know our key" if failure == "auth" else "has another key, or is no server of ours"
            self.refused = f"{self.address} {reason}"
            self._refusals.note(failure, self.refused)
            self._connect_again_at_s = time.monotonic() + CONNECT_AGAIN_S
        self._heard_at_s += self._pauses.look()
        now = time.monotonic()
        if self.welcome is None and now >= self._resolve_again_at_s:
            self._resolve_again_at_s = now + RESOLVE_EVERY_S
            threading.Thread(target=self._resolve, name="semcom resolver", daemon=True).start()
        if now >= self._connect_again_at_s:
            self._connect_again_at_s = math.inf
            self._connect_again()
        if now - self._hello_at_s >= HELLO_EVERY_S:
            self._hello_at_s = now
            if self.welcome is not None and now - self._heard_at_s > SILENCE_S:
                self._leave()
            if self.socket.poll(0, zmq.POLLOUT):
                self._send([(Kind.HELLO, self._hello)])

    def _connect_again(self) -> None:
        """After a failed handshake libzmq gives up; the server may be given our key, or be replaced."""
        with contextlib.suppress(zmq.ZMQError):
            self.socket.disconnect(self.address)
        self._keys.look()
        with contextlib.suppress(KeyFileError):  # taken away: the one we have is tried again
            self.socket.curve_serverkey = self._keys.key_of(self._server)
        self.socket.connect(self.address)

    def _resolve(self) -> None:
        """In a thread of its own: a resolver may take its time."""
        self.unresolved = resolver_trouble(self.address)

    def _leave(self) -> None:
        """The server is gone: the next hello asks whoever comes in its place."""
        self._conversation, self.welcome = self._anew(0), None

    def _anew(self, peer_session: int) -> Conversation:
        """The same session of ours, with another one of theirs: our numbers go on."""
        before = self._conversation
        after = Conversation(before.session, peer_session)
        after.continue_from(before)
        return after

    def _send(self, messages: Iterable[tuple[Kind, dict[str, Any]]]) -> int:
        sent = 0
        for count, data in join_batches(self._conversation.outgoing(kind, **body) for kind, body in messages):
            try:
                self.socket.send(data, zmq.NOBLOCK)
            except zmq.ZMQError:
                self.counts["dropped"] += count
                break
            sent += count
        self.counts["sent"] += sent
        return sent

    def _taken(self, data: bytes) -> Iterator[Message]:
        try:
            message = self._take(data)
        except MessageError as error:
            self._refusals.note(error.field, str(error))
            return
        if message is not None:
            yield message

    def _take(self, data: bytes) -> Message | None:
        message = Message.from_bytes(data)
        fresh = False
        if message.kind in (Kind.WELCOME, Kind.REFUSED) and message.session != self._conversation.peer_session:
            if message.peer_session != self._conversation.session:
                raise MessageError("peer_session", f"peer_session must be ours, got {message.peer_session:016x}")
            self._conversation, fresh = self._anew(message.session), True
        self._conversation.accept(message)
        self._heard_at_s = time.monotonic()
        self.counts["heard"] += 1
        if message.kind is Kind.REFUSED:
            self.refused = message.body["reason"]
            self._leave()
            return message
        if message.kind is Kind.WELCOME:
            self.refused = ""
            if not fresh and self.welcome is not None:
                return None
            self.welcome = message.body
            self.counts["sessions"] += 1
        return message
