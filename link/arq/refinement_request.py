"""A refinement request on the feedback channel: which picture, and what is wanted of it, as the rooms above code it.

The link carries it and knows nothing of its meaning. Layout in docs/link_frame.md; written and parsed here only.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from semcom.link.errors import FrameError
from semcom.link.frame import CRC_BYTES
from semcom.link.item import Scope

REFINEMENT_MARK = 0xF2
"""First byte: no version of a link frame starts so."""

MAX_CONTENT_BYTES = 64
_HEADER_BYTES = 8


@dataclass(frozen=True)
class RefinementFrame:
    """One refinement request as it travels.

    Attributes
    ----------
    scope : Scope
        The picture.
    number : int
        0..255, by whoever sends it: a request that comes twice is answered once.
    content : bytes
        At most `MAX_CONTENT_BYTES`.
    """

    scope: Scope
    number: int
    content: bytes

    def __post_init__(self) -> None:
        if not 1 <= len(self.content) <= MAX_CONTENT_BYTES:
            raise FrameError("content", f"content must be 1 to {MAX_CONTENT_BYTES} bytes, got {len(self.content)}")
        limits = [(name, value, 0xFFFF) for name, value in self.scope._asdict().items()]
        for name, value, most in (*limits, ("number", self.number, 0xFF)):
            if not 0 <= value <= most:
                raise FrameError(name, f"{name} of a refinement request must be 0 to {most}, got {value}")

    def to_bytes(self) -> bytes:
        data = bytes([REFINEMENT_MARK, self.number])
        data += b"".join(value.to_bytes(2, "big") for value in self.scope) + self.content
        return data + crc32(data).to_bytes(CRC_BYTES, "big")

    @classmethod
    def from_bytes(cls, data: bytes) -> RefinementFrame:
        """Parse a refinement request.

        Raises
        ------
        FrameError
            Field, rule, value.
        """
        least, most = _HEADER_BYTES + 1 + CRC_BYTES, _HEADER_BYTES + MAX_CONTENT_BYTES + CRC_BYTES
        if not least <= len(data) <= most:
            raise FrameError(
                "refinement request", f"refinement request must be {least} to {most} bytes, got {len(data)}"
            )
        body, crc = bytes(data[:-CRC_BYTES]), int.from_bytes(data[-CRC_BYTES:], "big")
        if crc32(body) != crc:
            raise FrameError("crc", f"CRC-32 must be {crc32(body):08x}, got {crc:08x}")
        if body[0] != REFINEMENT_MARK:
            raise FrameError(
                "refinement request", f"refinement request must start with {REFINEMENT_MARK:02x}, got {body[0]:02x}"
            )
        scope = Scope(*(int.from_bytes(body[at : at + 2], "big") for at in (2, 4, 6)))
        return cls(scope, body[1], body[_HEADER_BYTES:])


def is_refinement_frame(data: bytes) -> bool:
    """Whether bytes claim to be a refinement request."""
    return len(data) > 0 and data[0] == REFINEMENT_MARK
