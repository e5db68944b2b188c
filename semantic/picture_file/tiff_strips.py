"""Strips and tiles of a TIFF page as decompressed bytes, a band of rows at a time, as far as the file has them.

What compresses bytes is left to Pillow: each band becomes an 8-bit grey TIFF of its own, in memory. So a band's size is
bounded, and nothing else of the page is trusted to a reader that might take its numbers for others.

References
----------
TIFF 6.0, sections 3 and 15 (strips, tiles).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import numpy as np
from PIL import Image

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import tiff_layout as tiff
from semcom.semantic.picture_file.partial import load_pixels
from semcom.semantic.picture_file.tiff_directory import Directory
from semcom.semantic.picture_file.tiff_layout import Layout

_BAND_BYTES = 1 << 23
MAX_BAND_BYTES = 160 << 20
"""Decompressed, of one strip or row of tiles: Pillow refuses more."""
MAX_BLOCK_SIDE = 1 << 16


def is_cut_off(page: Directory) -> bool:
    """Whether strips or tiles reach beyond the end of the file."""
    tiled = tiff.TILE_OFFSETS in page
    offsets = page.numbers(tiff.TILE_OFFSETS if tiled else tiff.STRIP_OFFSETS)
    lengths = page.numbers(tiff.TILE_BYTES if tiled else tiff.STRIP_BYTES)
    return any(begin + length > len(page.data) for begin, length in zip(offsets, lengths, strict=False))


def bands(page: Directory, layout: Layout, plane: int | None, name: str) -> Iterator[tuple[int, int, list[np.ndarray]]]:
    """(first row, width of a tile or strip, bytes of each column of tiles) from top to bottom; ends where the data do.

    The bytes are uint8 [rows, bytes of a row of the tile or strip].

    Raises
    ------
    PictureError
        Strips or tiles without a size, or larger than is taken at once.
    """
    tiled = tiff.TILE_OFFSETS in page
    offsets = page.numbers(tiff.TILE_OFFSETS if tiled else tiff.STRIP_OFFSETS)
    lengths = page.numbers(tiff.TILE_BYTES if tiled else tiff.STRIP_BYTES)
    width = page.number(tiff.TILE_WIDTH, 0) if tiled else layout.width
    height = page.number(tiff.TILE_HEIGHT, 0) if tiled else page.number(tiff.ROWS_PER_STRIP, layout.height)
    height = height if tiled else min(height, layout.height)
    if not (1 <= width <= MAX_BLOCK_SIDE and 1 <= height <= MAX_BLOCK_SIDE):
        raise PictureError(f"{name}: is damaged: a TIFF's strips or tiles must have a size, got {width} × {height}")
    samples = 1 if plane is not None else layout.samples
    row_bytes = -(-width * samples * layout.bits // 8)
    across, down = -(-layout.width // width), -(-layout.height // height)
    if row_bytes * height > MAX_BAND_BYTES:
        raise PictureError(f"{name}: is a TIFF in strips of {row_bytes * height} bytes, at most {MAX_BAND_BYTES}")
    if not lengths and across * down == 1:
        lengths = (row_bytes * height,) * len(offsets)
    first = 0 if plane is None else plane * across * down
    together = max(1, _BAND_BYTES // (row_bytes * height)) if across == 1 else 1
    for begin in range(0, down, together):
        numbers = range(begin, min(begin + together, down))
        rows = min(len(numbers) * height, layout.height - begin * height)
        wanted = len(numbers) * height if tiled else rows
        columns = []
        for column in range(across):
            blocks = [_block(page, offsets, lengths, first + row * across + column) for row in numbers]
            columns.append(_decompressed(blocks, row_bytes, wanted, height, page)[:rows])
        came = min(map(len, columns))
        if came:
            yield begin * height, width, [column[:came] for column in columns]
        if came < rows:
            return


def _block(page: Directory, offsets: tuple, lengths: tuple, index: int) -> bytes:
    """Compressed bytes of one strip or tile, as far as the file has them."""
    if index >= min(len(offsets), len(lengths)):
        return b""
    begin, length = int(offsets[index]), int(lengths[index])
    return page.data[begin : begin + length] if begin >= 0 and length > 0 else b""


def _decompressed(blocks: list[bytes], row_bytes: int, height: int, block_height: int, page: Directory) -> np.ndarray:
    """uint8 [up to height, row_bytes] of strips or tiles that lie below each other."""
    compression, fill = page.number(tiff.COMPRESSION, 1), page.number(tiff.FILL_ORDER, 1)
    if b"" in blocks:
        blocks = blocks[: blocks.index(b"")]
        height = min(height, len(blocks) * block_height)
    if not blocks:
        return np.zeros((0, row_bytes), np.uint8)
    if compression == tiff.RAW_BYTES and fill == 1:
        return _uncompressed(blocks, row_bytes, height, block_height)
    file = _grey_tiff(blocks, row_bytes, height, block_height, compression, fill)
    try:
        with Image.open(io.BytesIO(file), formats=["TIFF"]) as opened:
            image, share, _ = load_pixels(opened)
            return np.asarray(image)[: round(share * height)]
    except MemoryError:
        raise
    except Exception:  # decoders of damaged files raise nearly anything
        return np.zeros((0, row_bytes), np.uint8)


def _uncompressed(blocks: list[bytes], row_bytes: int, height: int, block_height: int) -> np.ndarray:
    parts = []
    for number, block in enumerate(blocks):
        rows = min(block_height, height - number * block_height)
        whole = min(rows, len(block) // row_bytes)
        parts.append(np.frombuffer(block, np.uint8, whole * row_bytes).reshape(whole, row_bytes))
        if whole < rows:
            break
    return np.concatenate(parts)


def _grey_tiff(
    blocks: list[bytes], row_bytes: int, height: int, block_height: int, compression: int, fill_order: int
) -> bytes:
    """A TIFF of 8-bit greys whose strips are these blocks."""
    body = b"".join(blocks)
    tables = 8 + len(body) + len(body) % 2
    starts = (8 + np.cumsum([0, *map(len, blocks[:-1])])).tolist()
    several = len(blocks) > 1
    entries = [
        (tiff.WIDTH, 1, row_bytes), (tiff.HEIGHT, 1, height), (tiff.BITS, 1, 8), (tiff.COMPRESSION, 1, compression),
        (tiff.PHOTOMETRIC, 1, tiff.MIN_IS_BLACK), (tiff.FILL_ORDER, 1, fill_order),
        (tiff.STRIP_OFFSETS, len(blocks), tables if several else 8), (tiff.SAMPLES, 1, 1),
        (tiff.ROWS_PER_STRIP, 1, min(block_height, height)),
        (tiff.STRIP_BYTES, len(blocks), tables + 4 * len(blocks) if several else len(body)),
    ]  # fmt: skip
    file = b"II*\0" + struct.pack("<I", tables + 8 * len(blocks)) + body.ljust(tables - 8, b"\0")
    file += struct.pack(f"<{2 * len(blocks)}I", *starts, *map(len, blocks)) + struct.pack("<H", len(entries))
    return file + b"".join(struct.pack("<HHII", number, 4, count, value) for number, count, value in entries) + bytes(4)
