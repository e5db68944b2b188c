"""Picture files written by hand, a byte at a time: what no library writes, or not on purpose."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

from semcom.semantic.picture_file import read_picture

HEIGHT, WIDTH = 24, 32
GREY = (np.add.outer(7 * np.arange(HEIGHT), 3 * np.arange(WIDTH)) % 231 + 12).astype(np.uint8)
"""A picture neither black nor white anywhere, unlike its mirror images."""
COLOURS = np.dstack([GREY, GREY[::-1], GREY[:, ::-1]])

_LETTERS = {1: "B", 2: "B", 3: "H", 4: "I", 5: "I", 7: "B", 10: "i", 16: "Q"}

Page = tuple[dict[int, tuple], bytes]
"""Tags (number → type, values...) and the bytes of the samples."""


def tiff(*pages: Page, order: str = "<", big: bool = False, last_link: int = 0) -> bytes:
    """A TIFF of these pages, one strip each unless the tags say otherwise; the last one links to `last_link`."""
    letter, room = ("Q", 8) if big else ("I", 4)
    mark = {"<": b"II", ">": b"MM"}[order]
    body = bytearray(mark + (struct.pack(order + "HHHQ", 43, 8, 0, 0) if big else struct.pack(order + "HI", 42, 0)))
    link = len(body) - room
    for tags, samples in pages:
        tags = {273: (4, len(body)), 279: (4, len(samples)), **tags}
        body += samples + bytes(len(samples) % 2)
        entries = b""
        for number, (kind, *values) in sorted(tags.items()):
            raw = struct.pack(f"{order}{len(values)}{_LETTERS[kind]}", *values)
            count = len(values) // (2 if kind in (5, 10) else 1)
            if len(raw) > room:
                place = struct.pack(order + letter, len(body))
                body += raw + bytes(len(raw) % 2)
            else:
                place = raw.ljust(room, b"\0")
            entries += struct.pack(order + "HH" + letter, number, kind, count) + place
        body[link : link + room] = struct.pack(order + letter, len(body))
        body += struct.pack(order + ("Q" if big else "H"), len(tags)) + entries
        link = len(body)
        body += struct.pack(order + letter, last_link)
    return bytes(body)


def page(array: np.ndarray, photometric: int, order: str = "<", **tags: tuple) -> Page:
    """A page of an array [height, width] or [height, width, samples], uncompressed; `tNNN` replaces tag NNN."""
    samples = array.shape[2] if array.ndim == 3 else 1
    bits, kind = 8 * array.dtype.itemsize, {"u": 1, "i": 2, "f": 3, "c": 6}[array.dtype.kind]
    usual = {
        256: (4, array.shape[1]), 257: (4, array.shape[0]), 258: (3, *[bits] * samples), 259: (3, 1),
        262: (3, photometric), 277: (3, samples), 278: (4, array.shape[0]), 339: (3, *[kind] * samples),
    }  # fmt: skip
    data = np.ascontiguousarray(array).astype(array.dtype.newbyteorder(order)).tobytes()
    return usual | {int(name[1:]): value for name, value in tags.items()}, data


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(array: np.ndarray, *chunks: bytes, colour_type: int, transparency: bytes = b"") -> bytes:
    """A PNG of 8 or 16 bits a sample, with further chunks before its pixels."""
    height, width = array.shape[:2]
    rows = np.ascontiguousarray(array).astype(array.dtype.newbyteorder(">")).reshape(height, -1)
    data = b"".join(b"\0" + row.tobytes() for row in rows)
    head = struct.pack(">IIBBBBB", width, height, 8 * array.dtype.itemsize, colour_type, 0, 0, 0)
    clear = chunk(b"tRNS", transparency) if transparency else b""
    parts = (chunk(b"IHDR", head), *chunks, clear, chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def saved(array: np.ndarray | Image.Image, kind: str, **options) -> bytes:
    """As Pillow writes it."""
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int, kind: int = 3, more: tuple = ()) -> bytes:
    """An Exif block: orientation, and further entries (number, type, count, four bytes)."""
    entries = [(0x0112, kind, 1, struct.pack("<HH", orientation, 0)), *more]
    listed = b"".join(struct.pack("<HHI", number, kind, count) + value for number, kind, count, value in entries)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(entries)) + listed + bytes(4)


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """A JPEG with one more application segment."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + jpeg[2:]


def grey_profile(gamma: float) -> bytes:
    """An ICC profile of greys: sample = light ** (1 / gamma)."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    white = b"XYZ " + bytes(4) + struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D)
    text = b"desc" + bytes(4) + struct.pack(">I", 2) + b"g\0" + bytes(78)
    parts, table, at = b"", b"", 128 + 4 + 3 * 12
    for name, data in ((b"desc", text), (b"wtpt", white), (b"kTRC", curve)):
        table += name + struct.pack(">II", at + len(parts), len(data))
        parts += data + bytes(-len(data) % 4)
    size = at + len(parts)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02400000, b"mntr", b"GRAY", b"XYZ ") + bytes(12)
    head += b"acsp" + bytes(28) + struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D)
    return head.ljust(128, b"\0") + struct.pack(">I", 3) + table + parts


MIN_IS_WHITE, MIN_IS_BLACK, RGB, CMYK, LAB = 0, 1, 2, 5, 8
SMALL: Page = page(np.full((16, 16, 3), 200, np.uint8), RGB)
LARGE: Page = page(COLOURS, RGB)


def greys(data: bytes) -> np.ndarray:
    """The one channel of a picture that must be grey."""
    pixels = read_picture(data).pixels
    assert (pixels == pixels[:, :, :1]).all()
    return pixels[:, :, 0]
