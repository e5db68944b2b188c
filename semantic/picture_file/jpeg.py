"""JPEG files: the segments that pixels need, and what the others say about them.

The decoder is given the picture alone: metadata that is damaged cannot keep it from being read.

References
----------
ITU-T T.81, annex B (segments); Exif 2.32, 4.5.4; ICC.1, annex B.4 (profiles in several segments); CIPA DC-007 (MPO).
"""

from __future__ import annotations

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file.metadata import MAX_PROFILE_BYTES, Metadata

MAX_SCANS = 200
END = b"\xff\xd9"
_START_OF_SCAN, _COMMENT = 0xDA, 0xFE
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_UNREAD_FRAMES = {0xC3: "lossless", 0xC5: "differential", 0xC6: "differential", 0xC7: "lossless differential",
                  0xCB: "lossless", 0xCD: "differential", 0xCE: "differential", 0xCF: "lossless differential",
                  0xF7: "JPEG-LS"}  # fmt: skip
_PROFILE = b"ICC_PROFILE\0"
_NEEDED = {0xE0: b"JFIF\0", 0xEE: b"Adobe"}
"""Application segments that say how samples are coded."""


def bare_jpeg(data: bytes, name: str) -> tuple[bytes, Metadata]:
    """The file without metadata, and the metadata.

    Raises
    ------
    PictureError
        A way of coding that is not read, by name; or so many scans that decoding would not end.
    """
    metadata, kept, profile = Metadata(), [data[:2]], {}
    at, in_headers = 2, True
    while in_headers and at + 4 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if kind == 0xFF:  # filling before a marker
            at += 1
            continue
        if kind == 0x01 or 0xD0 <= kind <= 0xD7:  # markers without a body
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        segment, body = data[at : at + 2 + length], data[at + 4 : at + 2 + length]
        _check_coding(kind, body, name)
        if kind == 0xE1 and body.startswith(b"Exif\0"):
            metadata.take_exif(body)
        elif kind == 0xE2 and body.startswith(_PROFILE) and len(body) > len(_PROFILE) + 2:
            profile.setdefault(body[len(_PROFILE)], body[len(_PROFILE) + 2 :])
        elif kind == 0xE2 and body.startswith(b"MPF\0"):
            metadata.notes.append("the file holds further pictures (MPO): the first is taken")
        if kind == _START_OF_SCAN or length < 2:
            in_headers = False
        else:
            if _is_needed(kind, body):
                kept.append(segment)
            at += 2 + length
    if profile and sum(map(len, profile.values())) <= MAX_PROFILE_BYTES:
        metadata.profile = b"".join(profile[number] for number in sorted(profile))
    kept.append(data[at:])
    if data.count(bytes([0xFF, _START_OF_SCAN]), at) > MAX_SCANS:
        raise PictureError(f"{name}: a JPEG must have at most {MAX_SCANS} scans, got more")
    return b"".join(kept), metadata


def _is_needed(kind: int, body: bytes) -> bool:
    """Whether the decoder needs a segment: all but comments and applications' own."""
    if kind in _NEEDED:
        return body.startswith(_NEEDED[kind])
    return not (0xE0 <= kind <= 0xEF or kind == _COMMENT)


def _check_coding(kind: int, body: bytes, name: str) -> None:
    if kind in _UNREAD_FRAMES:
        raise PictureError(f"{name}: is a JPEG of a kind that is not read ({_UNREAD_FRAMES[kind]})")
    if kind in _FRAMES and body and body[0] != 8:
        raise PictureError(f"{name}: is a JPEG of {body[0]} bits a sample; those of 8 are read")
