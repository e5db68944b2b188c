"""Boxes of a file that holds one still picture, as AVIF and HEIC are.

References
----------
ISO/IEC 14496-12 (boxes) and 23008-12 (items and their properties).
"""

from __future__ import annotations

import struct


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full_box(kind: bytes, *parts: bytes) -> bytes:
    """A box with version 0 and no flags."""
    return box(kind, bytes(4), *parts)


def one_item_file(brands: bytes, item_type: bytes, properties: bytes, association: bytes, payload: bytes) -> bytes:
    """The whole file: brands, the boxes that describe the one item, then its bytes.

    Parameters
    ----------
    brands : bytes
        The box ``ftyp``.
    item_type : bytes
        Four letters, such as ``av01``.
    properties : bytes
        Boxes of the item's properties, one after the other.
    association : bytes
        The box ``ipma``: which of them the item has.
    payload : bytes
        What the decoder reads.
    """

    def meta(offset: int) -> bytes:
        location = struct.pack(">BBHHHHII", 0x44, 0, 1, 1, 0, 1, offset, len(payload))
        entry = box(b"infe", bytes((2, 0, 0, 0)), struct.pack(">HH", 1, 0), item_type, b"\0")
        return full_box(
            b"meta",
            full_box(b"hdlr", bytes(4), b"pict", bytes(13)),
            full_box(b"pitm", struct.pack(">H", 1)),
            full_box(b"iloc", location),
            full_box(b"iinf", struct.pack(">H", 1), entry),
            box(b"iprp", box(b"ipco", properties), association),
        )

    return brands + meta(len(brands) + len(meta(0)) + 8) + box(b"mdat", payload)
