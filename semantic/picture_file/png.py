"""PNG files: the chunks that pixels need, and what the others say about them.

References
----------
PNG (third edition), 11.3 (ancillary chunks), 13.13 (gamma).
"""

from __future__ import annotations

import zlib

from semcom.semantic.picture_file.metadata import MAX_PROFILE_BYTES, Metadata

_SIGNATURE_BYTES = 8
_NEEDED = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_USUAL_GAMMA = 0.45455
_TOLERANCE = 0.02
"""Exponents so near to that of sRGB mean sRGB: writers round them."""
_LEAST_GAMMA, _MOST_GAMMA = 0.1, 3.0


def bare_png(data: bytes) -> tuple[bytes, Metadata]:
    """The file without metadata, and the metadata."""
    metadata, kept, gamma, is_srgb = Metadata(), [data[:_SIGNATURE_BYTES]], None, False
    at = _SIGNATURE_BYTES
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body, end = data[at + 8 : at + 8 + length], at + 12 + length
        if kind in _NEEDED:
            kept.append(data[at:end])
        elif kind == b"iCCP":
            metadata.profile = _profile(body)
            if metadata.profile is None:
                metadata.notes.append("the colour profile is damaged and is ignored")
        elif kind == b"sRGB":
            is_srgb = True
        elif kind == b"gAMA" and length == 4:
            gamma = int.from_bytes(body, "big") / 100_000
        elif kind == b"eXIf":
            metadata.take_exif(body)
        elif kind == b"acTL":
            metadata.notes.append("the picture is animated: its still picture is taken")
        at = end
        if kind == b"IEND":
            break
    if gamma is not None and not is_srgb and metadata.profile is None:
        if not _LEAST_GAMMA <= gamma <= _MOST_GAMMA:
            metadata.notes.append(f"a gamma of {gamma:g} makes no sense and is ignored")
        elif abs(gamma - _USUAL_GAMMA) > _TOLERANCE:
            metadata.gamma = gamma
    return b"".join(kept), metadata


def _profile(body: bytes) -> bytes | None:
    """The profile of an iCCP chunk: name, 0, method 0, zlib data."""
    _, separator, rest = body.partition(b"\0")
    if not separator or rest[:1] != b"\0":
        return None
    try:
        unpacker = zlib.decompressobj()
        profile = unpacker.decompress(rest[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return None
    return profile if unpacker.eof else None
