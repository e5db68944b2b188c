"""KISS: packets between a program and a modem over a stream of bytes [Chepponis 1987].

```
C0 | type | data, with C0 sent as DB DC and DB as DB DD | C0
```

The type's low half is the command, 0 for data; its high half is the port of the modem. Settings of the modem that
programs send (keying delay, persistence, slot time ...) mean nothing here and are taken without a word.
"""

from __future__ import annotations

from collections import Counter

from semcom.link.packets.packet import MAX_PACKET_BYTES

FEND, FESC, TFEND, TFESC = 0xC0, 0xDB, 0xDC, 0xDD
DATA = 0
_SETTINGS = frozenset({1, 2, 3, 4, 5, 6, 15})


def encode_kiss(packet: bytes) -> bytes:
    """One packet as a data frame of port 0."""
    body = packet.replace(bytes([FESC]), bytes([FESC, TFESC])).replace(bytes([FEND]), bytes([FESC, TFEND]))
    return bytes([FEND, DATA]) + body + bytes([FEND])


class KissParser:
    """Bytes as they come → packets. Holds at most one frame of `MAX_PACKET_BYTES`; never raises.

    Attributes
    ----------
    counts : Counter
        ``frames``, ``settings``, and what was refused: ``outside`` (bytes before the first frame mark), ``too_long``,
        ``bad_escape``, ``other_port``, ``unknown_command`` (frames, each counted once).
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._frame: bytearray | None = None  # None: outside of any frame
        self._refused = ""
        self._escaped = False

    @property
    def num_refused(self) -> int:
        """Frames and bytes that were no frames."""
        return sum(self.counts.values()) - self.counts["frames"] - self.counts["settings"]

    @property
    def inside(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._frame) or bool(self._refused)

    def push(self, data: bytes) -> list[bytes]:
        """The packets that these bytes complete."""
        packets: list[bytes] = []
        at = 0
        while at < len(data):
            end = data.find(FEND, at)
            part = data[at : end if end >= 0 else len(data)]
            if self._frame is None:
                self.counts["outside"] += len(part)
            elif part:
                self._add(part)
            if end < 0:
                break
            self._finish(packets)
            at = end + 1
        return packets

    def _add(self, part: bytes) -> None:
        """Bytes between frame marks, escapes undone."""
        if self._refused:
            return
        pieces = part.split(bytes([FESC]))
        if self._escaped:  # an escape stood at the end of what came before
            pieces.insert(0, b"")
        self._escaped = False
        self._frame += pieces[0]
        for number, piece in enumerate(pieces[1:], start=2):
            if not piece and number == len(pieces):
                self._escaped = True
            elif piece[:1] == bytes([TFEND]):
                self._frame += bytes([FEND]) + piece[1:]
            elif piece[:1] == bytes([TFESC]):
                self._frame += bytes([FESC]) + piece[1:]
            else:
                self._refused = "bad_escape"
                return
        if len(self._frame) > 1 + MAX_PACKET_BYTES:
            self._refused = "too_long"
            self._frame = bytearray()

    def _finish(self, packets: list[bytes]) -> None:
        frame, refused = self._frame, self._refused or ("bad_escape" if self._escaped else "")
        self._frame, self._refused, self._escaped = bytearray(), "", False
        if refused:
            self.counts[refused] += 1
        elif frame:
            command, port = frame[0] & 0x0F, frame[0] >> 4
            if frame[0] == 0xFF or command in _SETTINGS:
                self.counts["settings"] += 1
            elif command != DATA:
                self.counts["unknown_command"] += 1
            elif port != 0:
                self.counts["other_port"] += 1
            else:
                self.counts["frames"] += 1
                packets.append(bytes(frame[1:]))
