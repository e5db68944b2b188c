"""Which messages belong to this conversation, and in which order: nothing twice, nothing from an earlier session."""

from __future__ import annotations

import secrets
from collections import Counter
from typing import Any

from semcom.link.errors import MessageError
from semcom.link.messages import Kind, Message


def new_session() -> int:
    """64 random bits, never 0."""
    return secrets.randbits(64) or 1


class Conversation:
    """Both directions between a session of ours and one of theirs.

    Parameters
    ----------
    session : int
        Ours.
    peer_session : int
        Theirs; 0 while it is not known.

    Attributes
    ----------
    counts : Counter
        ``sent``, ``heard``, ``skipped`` (numbers that never came).
    """

    def __init__(self, session: int, peer_session: int = 0) -> None:
        self.session, self.peer_session = session, peer_session
        self._sent = self._heard = 0
        self.counts: Counter[str] = Counter()

    def outgoing(self, kind: Kind, **body: Any) -> bytes:
        """The next message to send, as bytes."""
        data = Message(kind, body, self.session, self.peer_session, self._sent + 1).to_bytes()
        self._sent += 1
        self.counts["sent"] += 1
        return data

    def continue_from(self, other: Conversation) -> None:
        """Number what goes out after what went out there: our session is the same."""
        self._sent = other._sent

    def accept(self, message: Message) -> None:
        """Check that a message is the next one, or a later one.

        Raises
        ------
        MessageError
            It comes from or is meant for another session, or its number is not above the last one.
        """
        if message.session != self.peer_session:
            raise MessageError("session", f"session must be {self.peer_session:016x}, got {message.session:016x}")
        first = message.kind is Kind.HELLO and message.peer_session == 0
        if message.peer_session != self.session and not first:
            got = f"{message.peer_session:016x}"
            raise MessageError("peer_session", f"peer_session must be {self.session:016x}, got {got}")
        if message.sequence <= self._heard:
            raise MessageError("sequence", f"sequence must be above {self._heard}, got {message.sequence}")
        self.counts["skipped"] += message.sequence - self._heard - 1
        self.counts["heard"] += 1
        self._heard = message.sequence
