"""Files of boxes, each with a length and a name: AVIF and HEIC (ISO base media), JPEG 2000; and WebP's chunks.

Only what decoders do not tell: sizes before anything is allocated, and which colours are meant.

References
----------
ISO/IEC 14496-12, 4.2 (boxes); ISO/IEC 15444-1, annex I (JP2, colr); RFC 9649 (WebP); ITU-T H.273 (code points).
"""

from __future__ import annotations

from collections.abc import Iterator

from semcom.semantic.picture_file.metadata import MAX_PROFILE_BYTES

MAX_BOXES = 10_000
_CONTAINERS = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"jp2h": 0}
"""Boxes that hold boxes, and how many bytes lie before these."""
_USUAL_PRIMARIES, _P3, _BT2020 = (1, 2, 5, 6), 12, 9
_PQ, _HLG = 16, 18


def boxes(data: bytes, begin: int = 0, end: int | None = None, depth: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """(name, contents) of each box, and of the boxes in those that hold some."""
    end = len(data) if end is None else end
    for _ in range(MAX_BOXES):
        if begin + 8 > end:
            return
        length, name, head = int.from_bytes(data[begin : begin + 4], "big"), data[begin + 4 : begin + 8], 8
        if length == 1:
            length, head = int.from_bytes(data[begin + 8 : begin + 16], "big"), 16
        stop = end if length == 0 else min(begin + length, end)
        if stop < begin + head:
            return
        if name in _CONTAINERS and depth < 4:
            yield from boxes(data, begin + head + _CONTAINERS[name], stop, depth + 1)
        elif name != b"mdat" and name != b"jp2c":
            yield name, data[begin + head : stop]
        begin = stop


def jpeg2000_profile(data: bytes) -> bytes | None:
    """The ICC profile of a JP2 file."""
    for name, body in boxes(data):
        if name == b"colr" and body[:1] == b"\2" and len(body) <= MAX_PROFILE_BYTES:
            return body[3:]
    return None


def colour_notes(data: bytes) -> list[str]:
    """What of the colours of an AVIF or HEIC file is not honoured: wide gamut or high range told by numbers alone."""
    codes = [body for name, body in boxes(data) if name == b"colr"]
    if any(body[:4] in (b"prof", b"rICC") for body in codes):
        return []
    for body in codes:
        if body[:4] == b"nclx" and len(body) >= 8:
            primaries, curve = (int.from_bytes(body[at : at + 2], "big") for at in (4, 6))
            if curve in (_PQ, _HLG):
                return [f"the picture has a high dynamic range ({'PQ' if curve == _PQ else 'HLG'}): taken as sRGB"]
            if primaries not in _USUAL_PRIMARIES:
                known = {_P3: "Display P3", _BT2020: "BT.2020"}.get(primaries, f"primaries {primaries}")
                return [f"the colours are of a wider range without a profile ({known}): taken as sRGB"]
    return []


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height as the first chunk of a WebP file has them; None where it is cut off or unknown."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None
