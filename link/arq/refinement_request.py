"""A question from the receiver to the sender: which picture, and what is wanted of it, as the rooms above code it.

The link carries it and knows nothing of its meaning. Layout in docs/link_frame.md; written and parsed here only.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from semcom.link.errors import FrameError
from semcom.link.frame import CRC_BYTES
from semcom.link.item import Scope

QUESTION_MARK = 0xF2
"""First byte: no version of a link frame starts so."""

MAX_QUESTION_BYTES = 64
_HEADER_BYTES = 8


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes
    ----------
    scope : Scope
        The picture.
    number : int
        0..255, counted up by who asks: a question that comes twice is answered once.
    content : bytes
        At most `MAX_QUESTION_BYTES`.
    """

    scope: Scope
    number: int
    content: bytes

    def __post_init__(self) -> None:
        if not 1 <= len(self.content) <= MAX_QUESTION_BYTES:
            raise FrameError("content", f"content must be 1 to {MAX_QUESTION_BYTES} bytes, got {len(self.content)}")
        limits = [(name, value, 0xFFFF) for name, value in self.scope._asdict().items()]
        for name, value, most in (*limits, ("number", self.number, 0xFF)):
            if not 0 <= value <= most:
                raise FrameError(name, f"{name} of a question must be 0 to {most}, got {value}")

    def to_bytes(self) -> bytes:
        data = bytes([QUESTION_MARK, self.number])
        data += b"".join(value.to_bytes(2, "big") for value in self.scope) + self.content
        return data + crc32(data).to_bytes(CRC_BYTES, "big")

    @classmethod
    def from_bytes(cls, data: bytes) -> Question:
        """Parse a question.

        Raises
        ------
        FrameError
            Field, rule, value.
        """
        least, most = _HEADER_BYTES + 1 + CRC_BYTES, _HEADER_BYTES + MAX_QUESTION_BYTES + CRC_BYTES
        if not least <= len(data) <= most:
            raise FrameError("question", f"question must be {least} to {most} bytes, got {len(data)}")
        body, crc = bytes(data[:-CRC_BYTES]), int.from_bytes(data[-CRC_BYTES:], "big")
        if crc32(body) != crc:
            raise FrameError("crc", f"CRC-32 must be {crc32(body):08x}, got {crc:08x}")
        if body[0] != QUESTION_MARK:
            raise FrameError("question", f"question must start with {QUESTION_MARK:02x}, got {body[0]:02x}")
        scope = Scope(*(int.from_bytes(body[at : at + 2], "big") for at in (2, 4, 6)))
        return cls(scope, body[1], body[_HEADER_BYTES:])


def is_question(data: bytes) -> bool:
    """Whether bytes claim to be a question."""
    return len(data) > 0 and data[0] == QUESTION_MARK
