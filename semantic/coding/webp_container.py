"""A lossy WebP file ⇄ the bytes of its VP8 key frame without start code and size.

References
----------
RFC 6386, 9.1 (frame tag, start code, size); RFC 9649 (RIFF container). See docs/coding.md.
"""

from __future__ import annotations

import struct

_TAG_BYTES = 3
_START_CODE = b"\x9d\x01\x2a"
_HEADER_BYTES = _TAG_BYTES + len(_START_CODE) + 4


def strip_webp(file: bytes) -> bytes | None:
    """Take the VP8 frame out of a trusted simple lossy WebP file; None where the file is of another kind."""
    if file[8:16] != b"WEBPVP8 " or len(file) < 20 + _HEADER_BYTES:
        return None
    size = struct.unpack("<I", file[16:20])[0]
    frame = file[20 : 20 + size]
    return frame[:_TAG_BYTES] + frame[_HEADER_BYTES:]


def rebuild_webp(frame: bytes, width: int, height: int) -> bytes:
    """Put a WebP file around what `strip_webp` left; the size the library sees is the one given here."""
    frame = frame[:_TAG_BYTES] + _START_CODE + struct.pack("<HH", width, height) + frame[_TAG_BYTES:]
    body = b"WEBPVP8 " + struct.pack("<I", len(frame)) + frame + bytes(len(frame) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body
