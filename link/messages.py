"""Messages between the processes of a link: one header, then a body that its kind describes.

The only place where the layout of docs/messages.md is written and parsed. A message says from which session it comes
and for which one it is meant, and has a number in it: what was recorded yesterday, or was meant for a process that has
been started anew since, is refused (`transports.conversation`). Who sent it is known from its key (CURVE), not from it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from semcom.link.errors import MessageError
from semcom.link.frame import MAX_FRAME_BYTES
from semcom.link.message_fields import Appended, Blob, Cursor, Flag, Names, Number, Outcomes, Real, Text

MAGIC = b"SEMC"
VERSION = 1
HEADER = struct.Struct(">4sBBHQQQI")
"""Magic, version, kind, reserved, session, peer session, sequence, bytes of the body: 36 bytes."""

MAX_BATCH_BYTES = 1 << 15
"""Messages may travel several to a ZeroMQ message, back to back, up to this many bytes together."""

MAX_ENTRIES = 512
"""Frames that one receipt or one list of outcomes may name."""

MAX_WINDOW = 4096
MAX_SAMPLES_BYTES = 1 << 20
MAX_PHOTO_BYTES = 32 << 20
MAX_ENCODE_REQUEST_BYTES = 4096
MAX_REPEAT_BYTES = 16
MAX_FEEDBACK_BYTES = 1 << 16
MAX_TEXT_BYTES = 300
MAX_VIEW_BYTES = 1024
MAX_SPECTRUM_BYTES = 1024
_MAX_U64 = (1 << 64) - 1


class Role(IntEnum):
    """What a process that says hello is."""

    TX = 1
    RX = 2
    RADIO = 3
    ASKING = 4


class Outcome(IntEnum):
    """What a radio says of a frame it was given. The last word on delivery has the receiving host's receipt."""

    ON_AIR = 0  # sent; this radio does not hear the other end
    RECEIVED = 1
    MISSED = 2
    HEADER = 3
    CRC = 4
    REFUSED = 5


class Kind(IntEnum):
    """What a message is; the body of each is in `BODIES`."""

    HELLO = 1
    WELCOME = 2
    REFUSED = 3
    FRAME = 4
    OUTCOMES = 5
    RECEIVED = 6
    BURST = 7
    RECEIPT = 8
    FEEDBACK = 9
    DROPPED = 10
    REQUEST = 11
    ANSWER = 12
    SAMPLES = 13
    CREDIT = 14
    SPECTRUM = 15


_QUALITY = {"snr_db": Real(), "cfo_hz": Real(), "evm_db": Real()}
_MCS = Text(32)

BODIES: dict[Kind, dict[str, Any]] = {
    Kind.HELLO: {"role": Number(1, 1, len(Role)), "window": Number(4, 1, MAX_WINDOW), "name": Text(64)},
    Kind.WELCOME: {"window": Number(4, 1, MAX_WINDOW), "about": Text(MAX_TEXT_BYTES)},
    Kind.REFUSED: {"reason": Text(MAX_TEXT_BYTES)},
    Kind.FRAME: {
        "number": Number(8, 1),
        "mcs": _MCS,
        "frame": Blob(MAX_FRAME_BYTES),
        "repeat": Appended(MAX_REPEAT_BYTES),
    },
    Kind.OUTCOMES: {"outcomes": Outcomes(MAX_ENTRIES, max(Outcome))},
    Kind.RECEIVED: {
        "number": Number(8, 1),
        "crc_ok": Flag(),
        **_QUALITY,
        "mcs": _MCS,
        "burst": Number(8),
        "block": Number(2),
        "start_sample": Number(8),
        "frame": Blob(MAX_FRAME_BYTES),
        "combined": Appended(1),
    },
    Kind.BURST: {
        "burst": Number(8),
        "start_sample": Number(8),
        "header_ok": Flag(),
        "mcs": _MCS,
        **_QUALITY,
        "clock_offset_ppm": Real(),
        "num_blocks": Number(2),
        "num_blocks_ok": Number(2),
        "channel_uses": Number(8),
        "view": Appended(MAX_VIEW_BYTES),
    },
    Kind.RECEIPT: {"up_to": Number(8), "names": Names(MAX_ENTRIES)},
    Kind.FEEDBACK: {"feedback": Blob(MAX_FEEDBACK_BYTES)},
    Kind.DROPPED: {"cause": Text(MAX_TEXT_BYTES), "names": Names(MAX_ENTRIES)},
    Kind.REQUEST: {
        "name": Text(MAX_TEXT_BYTES),
        "content": Blob(MAX_PHOTO_BYTES),
        "request": Appended(MAX_ENCODE_REQUEST_BYTES),
    },
    Kind.ANSWER: {"accepted": Flag(), "text": Text(MAX_TEXT_BYTES)},
    Kind.CREDIT: {"heard": Flag(), "pictures": Number(4), "frame_bytes": Number(8), "reason": Text(MAX_TEXT_BYTES)},
    Kind.SPECTRUM: {"sample_rate_hz": Real(), "levels": Blob(MAX_SPECTRUM_BYTES)},
    Kind.SAMPLES: {"position": Number(8), "rate_hz": Real(), "samples": Blob(MAX_SAMPLES_BYTES)},
}


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes
    ----------
    kind : Kind
    body : dict
        The fields that `BODIES` lists for the kind.
    session : int
        Of the sender: 64 random bits, new whenever it is started.
    peer_session : int
        Of the process it is meant for; 0 in the first hello.
    sequence : int
        From 1, in the order of sending.
    """

    kind: Kind
    body: dict[str, Any]
    session: int = 0
    peer_session: int = 0
    sequence: int = 0

    def to_bytes(self) -> bytes:
        """The message as bytes; raises `MessageError` for a field out of its range."""
        layout = BODIES[self.kind]
        appended = {name for name, part in layout.items() if isinstance(part, Appended)}
        if not layout.keys() - appended <= self.body.keys() <= layout.keys():
            raise MessageError("body", f"body of {self.kind.name} must have {', '.join(layout)}, got {list(self.body)}")
        body = b"".join(part.pack(field, self.body.get(field, b"")) for field, part in layout.items())
        numbers = (("session", self.session, 1), ("peer_session", self.peer_session, 0), ("sequence", self.sequence, 1))
        for field, value, least in numbers:
            Number(8, least).check(field, value)
        head = (MAGIC, VERSION, self.kind, 0, self.session, self.peer_session, self.sequence, len(body))
        return HEADER.pack(*head) + body

    @classmethod
    def from_bytes(cls, data: bytes) -> Message:
        """Parse one message.

        Raises
        ------
        MessageError
            Field, rule and value.
        """
        if len(data) < HEADER.size:
            raise MessageError("message", f"message must be {HEADER.size} bytes or more, got {len(data)}")
        magic, version, kind, reserved, session, peer_session, sequence, num_bytes = HEADER.unpack_from(data)
        if magic != MAGIC:
            raise MessageError("magic", f"magic must be {MAGIC!r}, got {magic!r}")
        if version != VERSION:
            raise MessageError("version", f"version must be {VERSION}, got {version}")
        if kind not in BODIES:
            raise MessageError("kind", f"kind must be 1 to {max(Kind)}, got {kind}")
        if reserved:
            raise MessageError("reserved", f"reserved must be 0, got {reserved}")
        if num_bytes != len(data) - HEADER.size:
            raise MessageError(
                "length", f"length must be that of the body ({len(data) - HEADER.size}), got {num_bytes}"
            )
        Number(8, 1).check("session", session)
        Number(8, 1).check("sequence", sequence)
        cursor = Cursor(bytes(data[HEADER.size :]))
        body = {field: part.unpack(field, cursor) for field, part in BODIES[Kind(kind)].items()}
        cursor.end()
        return cls(Kind(kind), body, session, peer_session, sequence)


def split_batch(data: bytes) -> Iterator[bytes]:
    """Messages that lie back to back.

    Raises
    ------
    MessageError
        The last one is cut off; those before it have been given out.
    """
    position = 0
    while position < len(data) or not data:
        left = len(data) - position
        if left < HEADER.size:
            raise MessageError("message", f"message must be {HEADER.size} bytes or more, got {left}")
        end = position + HEADER.size + int.from_bytes(data[position + HEADER.size - 4 : position + HEADER.size], "big")
        if end > len(data):
            raise MessageError("length", f"length must be that of the body ({left - HEADER.size} at most), got more")
        yield data[position:end]
        position = end


def join_batches(messages: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Messages back to back, up to `MAX_BATCH_BYTES` together: how many, and their bytes."""
    batch: list[bytes] = []
    num_bytes = 0
    for message in messages:
        if batch and num_bytes + len(message) > MAX_BATCH_BYTES:
            yield len(batch), b"".join(batch)
            batch, num_bytes = [], 0
        batch.append(message)
        num_bytes += len(message)
    if batch:
        yield len(batch), b"".join(batch)
