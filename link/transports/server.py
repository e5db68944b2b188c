"""The end that binds: admits peers with a known key, keeps their sessions apart, answers their hello.

A role is held by one process of a key at a time. A second one is refused by name while the first is there, and comes in
when it is gone; a session that had to give way comes back in the same way. Keys count at every message: whose key was
taken away is no peer any more.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import zmq

from semcom.link.errors import MessageError
from semcom.link.messages import Kind, Message, Role, join_batches, split_batch
from semcom.link.refusals import Refusals
from semcom.link.transports.authenticator import Authenticator
from semcom.link.transports.conversation import Conversation, new_session
from semcom.link.transports.front_process import FrontProcess
from semcom.link.transports.key_files import KeyRing
from semcom.link.transports.own_pauses import OwnPauses
from semcom.link.transports.sockets import DISCONNECTED, Monitor, bind, make_socket

MAX_PEERS = 32
PEER_TIMEOUT_S = 6.0
ALIVE_S = 2.0
"""Four hellos: a process that was silent for so long gives its role to another one with the same key."""

HELD_BY_ONE = (Role.TX, Role.RX, Role.RADIO)
MAX_PAST_SESSIONS = 4096
MAX_MESSAGE_BYTES = 1 << 16
MAX_QUEUED = 2048
_MOST_AT_ONCE = 256

log = logging.getLogger("semcom.link")


@dataclass(eq=False)
class Peer:
    """Somebody who said hello.

    Attributes
    ----------
    name : str
        As the folder of keys calls its public key.
    role : Role
    window : int
        Messages it takes before it has confirmed the first of them.
    """

    route: bytes
    key: str
    name: str
    role: Role
    window: int
    conversation: Conversation
    heard_at_s: float = field(default_factory=time.monotonic)


class Server:
    """Not for several threads.

    Parameters
    ----------
    address : str
        Where to listen, ``tcp://0.0.0.0:5701``.
    keys : KeyRing
    window : int
        Messages a peer may send before the first of them is confirmed.
    about : str
        A line for peers to show.
    admit : callable
        Given (role, name of the key), says why a peer cannot come in, or None.
    max_message_bytes, max_queued : int

    Attributes
    ----------
    address : str
        In use.
    peers : list of Peer
    counts : Counter
        ``heard``, ``sent``, ``dropped`` (the peer's queue was full), ``refused``, ``refused_CAUSE``.
    """

    def __init__(
        self,
        address: str,
        keys: KeyRing,
        window: int,
        about: str = "",
        admit: Callable[[Role, str], str | None] = lambda role, name: None,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        max_queued: int = MAX_QUEUED,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.session = new_session()
        self._refusals = Refusals(log, self.counts)
        self._welcome = {"window": window, "about": about}
        self._admit = admit
        self._context = zmq.Context()
        self._authenticator = Authenticator(self._context, keys)
        self._keys, self._keys_revision = keys, keys.revision
        self._front: FrontProcess | None = None
        self.socket = make_socket(self._context, zmq.ROUTER, keys, max_message_bytes, max_queued)
        self.socket.router_mandatory = True
        self._monitor = Monitor(self.socket)
        self._peers: dict[bytes, Peer] = {}
        self._pauses = OwnPauses()
        self._past_sessions: deque[int] = deque(maxlen=MAX_PAST_SESSIONS)
        self._silent: OrderedDict[int, Peer] = OrderedDict()  # by session: may come back
        try:
            self.address, self._front = bind(self.socket, address)
        except BaseException:
            self.close()
            raise

    @property
    def peers(self) -> list[Peer]:
        return list(self._peers.values())

    def peer_of(self, role: Role) -> Peer | None:
        """The peer that has this role, the one heard of last where there are several."""
        return max((p for p in self._peers.values() if p.role is role), key=lambda p: p.heard_at_s, default=None)

    def receive(self) -> Iterator[tuple[Peer, Message]]:
        """Messages that wait, at most some hundred; what is refused is counted and logged.

        A hello comes out only where it begins a session, or a new connection of one: what was on the way is lost.
        """
        self._look_after_peers()
        for _ in range(_MOST_AT_ONCE):
            try:
                parts = self.socket.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            try:
                if len(parts) != 2:
                    raise MessageError("parts", f"parts of a message must be 1, got {len(parts) - 1}")
                messages = split_batch(parts[1].bytes)
                while (data := next(messages, None)) is not None:
                    yield from self._taken(parts[0].bytes, parts[1].get("User-Id"), data)
            except MessageError as error:
                self._refusals.note(error.field, str(error))

    def send(self, peer: Peer, kind: Kind, **body: Any) -> bool:
        """Send to a peer; False where it is gone or its queue is full (counted)."""
        return self.send_all(peer, [(kind, body)]) == 1

    def send_all(self, peer: Peer, messages: Iterable[tuple[Kind, dict[str, Any]]]) -> int:
        """Send several messages in few pieces; how many went out before the peer was gone or its queue full."""
        if self._peers.get(peer.route) is not peer:
            return 0
        sent = 0
        for count, data in join_batches(peer.conversation.outgoing(kind, **body) for kind, body in messages):
            try:
                self.socket.send_multipart([peer.route, data], zmq.NOBLOCK)
            except zmq.ZMQError:
                self.counts["dropped"] += count
                break
            sent += count
        self.counts["sent"] += sent
        return sent

    def statistics(self) -> dict[str, Any]:
        """Counts of the door and of the messages."""
        return dict(self._authenticator.counts + self.counts)

    def close(self) -> None:
        self._monitor.close()
        self.socket.close()
        self._authenticator.close()
        self._context.term()
        if self._front is not None:
            self._front.close()

    def _taken(self, route: bytes, key: str, data: bytes) -> Iterator[tuple[Peer, Message]]:
        try:
            heard = self._take(route, key, data)
        except MessageError as error:
            self._refusals.note(error.field, str(error))
            return
        if heard is not None:
            yield heard

    def _take(self, route: bytes, key: str, data: bytes) -> tuple[Peer, Message] | None:
        message = Message.from_bytes(data)
        peer = self._peers.get(route)
        if message.kind is Kind.HELLO and (peer is None or peer.conversation.peer_session != message.session):
            return self._greet(route, key, message)
        if peer is None:
            raise MessageError("hello", f"the first message of a session must be HELLO, got {message.kind.name}")
        peer.conversation.accept(message)
        peer.heard_at_s = time.monotonic()
        self.counts["heard"] += 1
        if message.kind is Kind.HELLO:
            self.send(peer, Kind.WELCOME, **self._welcome)
            return None
        return peer, message

    def _greet(self, route: bytes, key: str, message: Message) -> tuple[Peer, Message] | None:
        """A hello from a connection or a session that is new here."""
        known = next((p for p in self._peers.values() if p.conversation.peer_session == message.session), None)
        if known is not None and known.key == key:  # the same session over a new connection
            known.conversation.accept(message)
            del self._peers[known.route]
            known.route, known.heard_at_s = route, time.monotonic()
            self._peers[route] = known
            self.counts["reconnected"] += 1
            self.send(known, Kind.WELCOME, **self._welcome)
            return known, message
        silent = self._silent.get(message.session)
        returns = silent is not None and silent.key == key
        taken = known is not None or route in self._peers or message.session in self._past_sessions
        if taken or (silent is not None and not returns):
            raise MessageError("session", f"session must be a new one, got {message.session:016x} again")
        if message.peer_session not in (0, self.session):
            raise MessageError("peer_session", f"peer_session must be 0 or ours, got {message.peer_session:016x}")
        name = self._keys.name_of(key.encode())
        if name is None:
            raise MessageError("key", "key of a peer must be in peers/, got one that was taken away")
        role = Role(message.body["role"])
        conversation = silent.conversation if returns else Conversation(self.session, message.session)
        conversation.accept(message)
        self._silent.pop(message.session, None)
        peer = Peer(route, key, name, role, message.body["window"], conversation)
        reason = self._reason_against(peer)
        self._peers[route] = peer
        if reason is not None:
            self._refusals.note("role", f"{name}: {reason}")
            self.send(peer, Kind.REFUSED, reason=reason)
            self._let_go(peer)  # the reason may pass
            return None
        self.counts["sessions"] += 1
        self.counts["heard"] += 1
        self.send(peer, Kind.WELCOME, **self._welcome)
        return peer, message

    def _reason_against(self, peer: Peer) -> str | None:
        """Why somebody who says hello cannot come in now."""
        if wrong := self._keys.refuses_role(peer.name, peer.role.name.lower()):
            return wrong
        for other in [p for p in self._peers.values() if p.key == peer.key and p.role is peer.role]:
            silent_s = time.monotonic() - other.heard_at_s
            is_there = self.send(other, Kind.WELCOME, **self._welcome) and silent_s < ALIVE_S
            if is_there and peer.role in HELD_BY_ONE:
                holder = f"another process with the key {peer.name}"
                return f"role {peer.role.name.lower()} is held by {holder}, heard of {silent_s:.1f} s ago"
            if not is_there:
                self._let_go(other)
        if len(self._peers) >= MAX_PEERS:
            return f"peers must be at most {MAX_PEERS}"
        return self._admit(peer.role, peer.name)

    def _look_after_peers(self) -> None:
        for failure in self._monitor.events():
            if failure == DISCONNECTED:
                self.counts["disconnected"] += 1
            elif failure != "auth":  # the authenticator has counted those
                self._refusals.note(failure, f"a connection must be made with ZeroMQ, CURVE and our key ({failure})")
        self._look_after_keys()
        if self._front is not None:
            refused, again = self._front.look()
            self.counts["front_started_again"] += again
            for count, host in refused:
                self.counts["unproven_connections"] += count
                self._refusals.note("connection", f"a connection must prove a key in time, got {count} from {host}")
        pause_s, now = self._pauses.look(), time.monotonic()
        for peer in self._peers.values():
            peer.heard_at_s += pause_s
        for peer in [p for p in self._peers.values() if now - p.heard_at_s > PEER_TIMEOUT_S]:
            self._let_go(peer)

    def _look_after_keys(self) -> None:
        """Who has no key any more, or another role, is no peer from now on."""
        self._keys.look()
        if self._keys.revision == self._keys_revision:
            return
        self._keys_revision = self._keys.revision
        for peer in self.peers:
            name = self._keys.name_of(peer.key.encode())
            reason = self._keys.refuses_role(name, peer.role.name.lower()) if name else "its key was taken away"
            if reason:
                self._refusals.note("key", f"{peer.name} is no peer any more: {reason}")
                self._let_go(peer)

    def _let_go(self, peer: Peer) -> None:
        """It is no peer any more, but may come back with its session: numbers go on where they were."""
        self._peers.pop(peer.route, None)
        self._silent[peer.conversation.peer_session] = peer
        while len(self._silent) > MAX_PAST_SESSIONS:
            self._past_sessions.append(self._silent.popitem(last=False)[0])
