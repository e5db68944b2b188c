"""What a receiver says back: what came of a picture, which blocks it holds soft values of, how well it hears.

Names are those of frames, not numbers of transmissions: a report that comes late, twice, or after a restart is still
true, for what has come has come. Written and parsed here only; the layout is in docs/link_frame.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from semcom.link.arrival import Part
from semcom.link.errors import FrameError
from semcom.link.frame import CRC_BYTES, MAX_FRAME_BYTES
from semcom.link.item import Scope

FEEDBACK_MARK = 0xF1
"""First byte: no version of a link frame starts so."""

NUM_PROCESSES = 64
MAX_PARTS = 255
MAX_LAYERS = 256
MAX_MAP_BYTES = 512

_HEADER_BYTES = 10
_LEAST_BODY_BYTES = 4
_NO_SNR = -128
_SNR_STEP_DB = 0.5
_SET_BIT = 0x80


@dataclass(frozen=True)
class Feedback:
    """One report about one picture.

    Attributes
    ----------
    scope : Scope
    source : int
        Whose blocks are meant: the sender's number on the radio, 0..255.
    layers : frozenset of int
        Items that are whole.
    sets : frozenset of int
        Sets that are whole.
    parts : tuple of Part
        Unfinished ones of which something came.
    failed : frozenset of int
        Processes of blocks that were heard and not decoded since the last report: their soft values are kept.
    snr_db : float or None
        As the receiver estimates it, in steps of 0.5 dB.
    complete : bool
        Nothing of the picture is missing.
    """

    scope: Scope
    source: int = 0
    layers: frozenset[int] = frozenset()
    sets: frozenset[int] = frozenset()
    parts: tuple[Part, ...] = ()
    failed: frozenset[int] = frozenset()
    snr_db: float | None = None
    complete: bool = False

    def __post_init__(self) -> None:
        limits = [(name, value, 0xFFFF) for name, value in self.scope._asdict().items()]
        limits += [("source", self.source, 0xFF)]
        limits += [("layer", number, MAX_LAYERS - 1) for number in self.layers]
        limits += [("set", number, MAX_LAYERS - 1) for number in self.sets]
        limits += [("process", number, NUM_PROCESSES - 1) for number in self.failed]
        for part in self.parts:
            limits += [("part", part.number, MAX_LAYERS - 1)]
            limits += [("piece", number, 8 * MAX_MAP_BYTES - 1) for number in part.received]
        for field, value, most in limits:
            if not 0 <= value <= most:
                raise FrameError(field, f"{field} of a feedback must be 0 to {most}, got {value}")

    def to_bytes(self) -> bytes:
        """The report as bytes; parts that do not fit a frame are left out: they are then sent again, no worse."""
        snr = _NO_SNR if self.snr_db is None or not math.isfinite(self.snr_db) else round(self.snr_db / _SNR_STEP_DB)
        head = bytes([FEEDBACK_MARK, self.source, self.complete])
        head += b"".join(number.to_bytes(2, "big") for number in self.scope)
        head += max(_NO_SNR, min(snr, 127)).to_bytes(1, "big", signed=True)
        body = _bit_map(self.failed) + _bit_map(self.layers) + _bit_map(self.sets)
        parts = []
        room = MAX_FRAME_BYTES - len(head) - len(body) - 1 - CRC_BYTES
        for part in self.parts[:MAX_PARTS]:
            coded = bytes([_SET_BIT * part.is_set, part.number]) + _bit_map(part.received)
            if len(coded) > room:
                break
            parts.append(coded)
            room -= len(coded)
        data = head + body + bytes([len(parts)]) + b"".join(parts)
        return data + crc32(data).to_bytes(CRC_BYTES, "big")

    @classmethod
    def from_bytes(cls, data: bytes) -> Feedback:
        """Parse a report.

        Raises
        ------
        FrameError
            Field, rule, value.
        """
        least = _HEADER_BYTES + _LEAST_BODY_BYTES + CRC_BYTES
        if not least <= len(data) <= MAX_FRAME_BYTES:
            raise FrameError("feedback", f"feedback must be {least} to {MAX_FRAME_BYTES} bytes, got {len(data)}")
        body, crc = bytes(data[:-CRC_BYTES]), int.from_bytes(data[-CRC_BYTES:], "big")
        if crc32(body) != crc:
            raise FrameError("crc", f"CRC-32 must be {crc32(body):08x}, got {crc:08x}")
        if body[0] != FEEDBACK_MARK or body[2] > 1:
            raise FrameError("feedback", f"feedback must start with {FEEDBACK_MARK:02x}, got {body[:3].hex()}")
        scope = Scope(*(int.from_bytes(body[at : at + 2], "big") for at in (3, 5, 7)))
        snr = int.from_bytes(body[9:10], "big", signed=True)
        failed, at = _read_map(body, 10, NUM_PROCESSES)
        layers, at = _read_map(body, at, MAX_LAYERS)
        sets, at = _read_map(body, at, MAX_LAYERS)
        if at >= len(body):
            raise FrameError("parts", "feedback must say how many parts follow, got its end")
        parts, number, at = [], body[at], at + 1
        for _ in range(number):
            if at + 2 > len(body) or body[at] & ~_SET_BIT:
                raise FrameError("parts", f"part of a feedback must start with 00 or 80, got {body[at : at + 1].hex()}")
            received, end = _read_map(body, at + 2, 8 * MAX_MAP_BYTES)
            parts.append(Part(bool(body[at] & _SET_BIT), body[at + 1], received))
            at = end
        if at != len(body):
            raise FrameError("parts", f"feedback must end with its last part, got {len(body) - at} bytes more")
        snr_db = None if snr == _NO_SNR else snr * _SNR_STEP_DB
        return cls(scope, body[1], layers, sets, tuple(parts), failed, snr_db, bool(body[2]))


def is_feedback(data: bytes) -> bool:
    """Whether bytes claim to be a report."""
    return len(data) > 0 and data[0] == FEEDBACK_MARK


def _bit_map(numbers: Iterable[int]) -> bytes:
    """A length (one byte; from 255 on that byte and two more), then bit n in byte n // 8, lowest bit first."""
    bits = 0
    for number in numbers:
        bits |= 1 << number
    packed = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    length = bytes([len(packed)]) if len(packed) < 0xFF else b"\xff" + len(packed).to_bytes(2, "big")
    return length + packed


def _read_map(data: bytes, at: int, limit: int) -> tuple[frozenset[int], int]:
    """The numbers and where the next byte is."""
    if at >= len(data):
        raise FrameError("map", "bit map of a feedback must have a length, got its end")
    length, at = data[at], at + 1
    if length == 0xFF:
        length, at = int.from_bytes(data[at : at + 2], "big"), at + 2
    if length > limit // 8 or at + length > len(data):
        raise FrameError("map", f"bit map of a feedback must have at most {limit // 8} bytes here, got {length}")
    bits = int.from_bytes(data[at : at + length], "little")
    return frozenset(number for number in range(8 * length) if bits >> number & 1), at + length
