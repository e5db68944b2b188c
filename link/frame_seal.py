"""A seal on link frames where both ends share a key: who made a frame, and that it is none of long ago.

    frame | sequence (6 bytes) | tag (8 bytes)      tag = keyed BLAKE2s of all before it

14 bytes more a frame; the frame itself stays as docs/link_frame.md says. Numbers of one key count up for ever. A frame
is good as long as its number is not far behind the newest: within that window the same one may come twice, which its
name makes harmless, and what was recorded before it is refused.

References
----------
BLAKE2: RFC 7693, keyed mode. Replay windows: RFC 4303, section 3.4.3.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from hashlib import blake2s

from semcom.link.errors import FrameError

KEY_BYTES = 32
SEQUENCE_BYTES = 6
TAG_BYTES = 8
SEAL_BYTES = SEQUENCE_BYTES + TAG_BYTES

WINDOW = 1024
"""A number so far behind the newest is refused: twice the frames that a radio has on the way."""

_PERSON = b"semcomfr"
_REUSED = WINDOW // 2


class FrameSealer:
    """Seals frames. The same frame, sent again soon, is the same bytes, so that receivers can combine the two.

    Parameters
    ----------
    key : bytes
        `KEY_BYTES`.
    sequence : int
        Of the first frame; greater than all that were used with this key.
    """

    def __init__(self, key: bytes, sequence: int) -> None:
        self._key, self.sequence = key, sequence
        self._sealed: OrderedDict[bytes, bytes] = OrderedDict()

    def seal(self, frame: bytes) -> bytes:
        """The frame with its seal."""
        if frame not in self._sealed:
            body = frame + self.sequence.to_bytes(SEQUENCE_BYTES, "big")
            self._sealed[frame] = body + _tag(body, self._key)
            self.sequence += 1
            if len(self._sealed) > _REUSED:
                self._sealed.popitem(last=False)
        return self._sealed[frame]


class FrameOpener:
    """Takes the seal off frames.

    Parameters
    ----------
    key : bytes
        `KEY_BYTES`.
    newest : int
        The greatest number seen so far, as far as it is known.
    """

    def __init__(self, key: bytes, newest: int = 0) -> None:
        self._key, self.newest = key, newest

    def open(self, data: bytes) -> bytes:
        """The frame.

        Raises
        ------
        FrameError
            Its field says why: ``cut`` (too short for a seal), ``forged`` (the tag is none of our key's), ``replayed``.
        """
        if len(data) <= SEAL_BYTES:
            raise FrameError("cut", f"sealed frame must be longer than {SEAL_BYTES} bytes, got {len(data)}")
        body, tag = data[:-TAG_BYTES], data[-TAG_BYTES:]
        if not hmac.compare_digest(_tag(body, self._key), tag):
            raise FrameError("forged", "seal must be made with the key that both ends share, is another")
        sequence = int.from_bytes(body[-SEQUENCE_BYTES:], "big")
        if sequence <= self.newest - WINDOW:
            rule = f"sequence of a frame must be less than {WINDOW} behind the newest ({self.newest})"
            raise FrameError("replayed", f"{rule}, got {sequence}")
        self.newest = max(self.newest, sequence)
        return body[:-SEQUENCE_BYTES]


def _tag(body: bytes, key: bytes) -> bytes:
    return blake2s(body, digest_size=TAG_BYTES, key=key, person=_PERSON).digest()
