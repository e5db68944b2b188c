"""Samples of TIFF pages that Pillow does not read, or not rightly: deep greys, floats, planes, odd bits, more samples.

Strips and tiles are decompressed as bytes, a band of rows at a time, by handing each band to Pillow as an 8-bit grey
TIFF; what the bytes mean is decided here. Full scale goes by the kind of number, never by the values: integers of n
bits from 0 to 2^n - 1, floats from 0 to 1, clipped, with what is not finite as 0.

References
----------
TIFF 6.0, sections 8 (planes), 14 (predictor), 15 (tiles), 19 (sample format); TIFF Technical Note 3 (float predictor).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import tiff_layout as tiff
from semcom.semantic.picture_file.tiff_directory import Directory
from semcom.semantic.picture_file.tiff_layout import Layout

_BAND_BYTES = 1 << 23
_MAX_BAND_BYTES = 160 << 20
"""Decompressed, of one strip or row of tiles: Pillow refuses more."""
_DEPTHS = {tiff.UNSIGNED: range(1, 65), tiff.FLOAT: (16, 32, 64)}
_COLOURS = {tiff.MIN_IS_WHITE: 1, tiff.MIN_IS_BLACK: 1, tiff.RGB: 3, tiff.CMYK: 4}


@dataclass
class _Values:
    """How many values had to be changed to fit the scale."""

    total: int = 0
    clipped: int = 0
    not_finite: int = 0

    def notes(self, layout: Layout) -> list[str]:
        """A line on the scale, and one on what did not fit it."""
        if layout.sample_format != tiff.FLOAT:
            return []
        lines = [f"samples are {layout.bits}-bit floats: 0 is taken as black and 1 as white"]
        if self.not_finite:
            lines.append(f"{self.not_finite} values are not finite and are taken as 0")
        if self.clipped:
            lines.append(f"{self.clipped} of {self.total} values lie outside of 0 to 1 and are clipped")
        return lines


def check_samples(layout: Layout, name: str) -> None:
    """Refuse by name what is not read."""
    num_colours = _COLOURS.get(layout.photometric)
    wide = layout.bits not in _DEPTHS[layout.sample_format] or (layout.bits > 16 and layout.bits not in (32, 64))
    if num_colours is None or layout.samples < num_colours or wide:
        raise PictureError(f"{name}: is a TIFF of {layout.kind}, which is not read")
    if layout.compression in tiff.FAX_OR_JPEG:
        raise PictureError(f"{name}: is a TIFF of {layout.kind} with JPEG or fax compression, which is not read")
    if layout.photometric == tiff.CMYK and layout.sample_format == tiff.FLOAT:
        raise PictureError(f"{name}: is a TIFF of {layout.kind}, which is not read")


def read_samples(page: Directory, layout: Layout, name: str) -> tuple[Image.Image, float, list[str]]:
    """Decode a page.

    Returns
    -------
    image : PIL.Image
        Mode I;16, L, LA, RGB, RGBA or CMYK.
    share : float
        Of the rows that came.
    notes : list of str

    Raises
    ------
    PictureError
        Nothing came.
    """
    num_colours = _COLOURS[layout.photometric]
    has_alpha = num_colours in (1, 3) and layout.samples > num_colours and layout.extra[:1] in ((1,), (2,))
    kept = num_colours + has_alpha
    deep = num_colours == 1 and not has_alpha
    pixels = np.zeros((layout.height, layout.width, kept), np.uint16 if deep else np.uint8)
    values, rows_that_came = _Values(), layout.height
    planes = range(kept) if layout.planar == 2 and layout.samples > 1 else (None,)
    for plane in planes:
        done = 0
        for row, band in _bands(page, layout, plane, name):
            scaled = _scaled(band[..., :kept], layout, values)
            if layout.photometric == tiff.MIN_IS_WHITE:
                scaled[..., :1] = 1.0 - scaled[..., :1]
            if has_alpha and layout.extra[0] == 1 and plane is None:  # colours have been multiplied by opacity
                opacity = np.maximum(scaled[..., -1:], 1e-6)
                scaled[..., :-1] = np.minimum(scaled[..., :-1] / opacity, 1.0)
            full = 65535.0 if deep else 255.0
            where = slice(None) if plane is None else slice(plane, plane + 1)
            pixels[row : row + len(band), :, where] = np.rint(full * scaled)
            done = row + len(band)
        rows_that_came = min(rows_that_came, done)
    if rows_that_came == 0:
        raise PictureError(f"{name}: is damaged: not a single row of the TIFF can be read")
    notes = values.notes(layout)
    dropped = layout.samples - kept
    if dropped:
        notes.append(f"{dropped} of {layout.samples} samples a pixel are no colours and are left out")
    modes = {(1, False): "I;16", (1, True): "LA", (3, False): "RGB", (3, True): "RGBA", (4, False): "CMYK"}
    mode = modes[num_colours, has_alpha]
    if mode == "I;16":
        image = Image.fromarray(pixels[..., 0])
    else:
        image = Image.frombytes(mode, (layout.width, layout.height), pixels.tobytes())
    return image, rows_that_came / layout.height, notes


def _scaled(band: np.ndarray, layout: Layout, values: _Values) -> np.ndarray:
    """Samples as float32, 0..1."""
    if layout.sample_format == tiff.UNSIGNED:
        return (band / np.float64(2**layout.bits - 1)).astype(np.float32)
    finite = np.isfinite(band)
    values.total += band.size
    values.not_finite += int(band.size - finite.sum())
    band = np.where(finite, band, 0).astype(np.float32)
    values.clipped += int(((band < 0) | (band > 1)).sum())
    return np.clip(band, 0.0, 1.0)


def _bands(page: Directory, layout: Layout, plane: int | None, name: str) -> Iterator[tuple[int, np.ndarray]]:
    """(first row, samples [rows, width, samples]) from top to bottom; ends where the data do."""
    tiled = tiff.TILE_OFFSETS in page
    offsets = page.numbers(tiff.TILE_OFFSETS if tiled else tiff.STRIP_OFFSETS)
    lengths = page.numbers(tiff.TILE_BYTES if tiled else tiff.STRIP_BYTES)
    block_width = page.number(tiff.TILE_WIDTH, 0) if tiled else layout.width
    block_height = page.number(tiff.TILE_HEIGHT, 0) if tiled else page.number(tiff.ROWS_PER_STRIP, layout.height)
    block_height = min(block_height, 1 << 20) if tiled else min(block_height, layout.height)
    if not 1 <= block_width <= 1 << 16 or block_height < 1:
        raise PictureError(f"{name}: is damaged: a TIFF's strips or tiles must have a size")
    samples = 1 if plane is not None else layout.samples
    row_bytes = -(-block_width * samples * layout.bits // 8)
    across, down = -(-layout.width // block_width), -(-layout.height // block_height)
    if row_bytes * block_height > _MAX_BAND_BYTES:
        raise PictureError(
            f"{name}: is a TIFF in strips of {row_bytes * block_height} bytes, at most {_MAX_BAND_BYTES}"
        )
    if not lengths and across * down == 1 and offsets:
        lengths = (row_bytes * block_height,)
    first = 0 if plane is None else plane * across * down
    together = max(1, _BAND_BYTES // (row_bytes * block_height)) if across == 1 else 1
    for begin in range(0, down, together):
        rows = [
            [_block(page, offsets, lengths, first + (row * across) + column) for column in range(across)]
            for row in range(begin, min(begin + together, down))
        ]
        num_rows = min(len(rows) * block_height, layout.height - begin * block_height)
        parts = []
        for column in range(across):
            blocks = [row[column] for row in rows]
            height = block_height * len(blocks) if tiled else num_rows
            raw = _decompressed(blocks, row_bytes, height, block_height, page)
            if raw is None:
                return
            parts.append(_samples(raw, page, layout, block_width, samples)[:num_rows])
        yield begin * block_height, np.concatenate(parts, axis=1)[:, : layout.width]


def _block(page: Directory, offsets: tuple, lengths: tuple, index: int) -> bytes:
    """Compressed bytes of one strip or tile; empty where the file does not have them."""
    if index >= min(len(offsets), len(lengths)):
        return b""
    begin, length = int(offsets[index]), int(lengths[index])
    return page.data[begin : begin + length] if begin >= 0 and length > 0 else b""


def _decompressed(blocks: list[bytes], row_bytes: int, height: int, block_height: int, page: Directory):
    """uint8 [height, row_bytes] of strips or tiles that lie below each other; None where they cannot be had.

    They become the strips of an 8-bit grey TIFF of their own, which Pillow decompresses.
    """
    if not all(blocks):
        return None
    compression, fill = page.number(tiff.COMPRESSION, 1), page.number(tiff.FILL_ORDER, 1)
    body = b"".join(blocks)
    starts = [8 + sum(map(len, blocks[:at])) for at in range(len(blocks))] if len(blocks) < 64 else _starts(blocks)
    if compression == tiff.RAW_BYTES and fill == 1:
        if len(body) < row_bytes * height:
            return None
        return np.frombuffer(body, np.uint8, row_bytes * height).reshape(height, row_bytes)
    tables = 8 + len(body) + len(body) % 2
    entries = [
        (tiff.WIDTH, 4, 1, row_bytes), (tiff.HEIGHT, 4, 1, height), (tiff.BITS, 3, 1, 8),
        (tiff.COMPRESSION, 3, 1, compression), (tiff.PHOTOMETRIC, 3, 1, 1), (tiff.FILL_ORDER, 3, 1, fill),
        (tiff.STRIP_OFFSETS, 4, len(blocks), tables if len(blocks) > 1 else 8),
        (tiff.SAMPLES, 3, 1, 1), (tiff.ROWS_PER_STRIP, 4, 1, min(block_height, height)),
        (tiff.STRIP_BYTES, 4, len(blocks), tables + 4 * len(blocks) if len(blocks) > 1 else len(body)),
    ]  # fmt: skip
    directory = tables + 8 * len(blocks)
    file = b"II*\0" + struct.pack("<I", directory) + body.ljust(tables - 8, b"\0")
    file += struct.pack(f"<{len(blocks)}I", *starts) + struct.pack(f"<{len(blocks)}I", *map(len, blocks))
    file += struct.pack("<H", len(entries))
    for number, kind, count, value in entries:
        file += struct.pack("<HHI", number, kind, count) + struct.pack("<I" if kind == 4 else "<HH", *(
            (value,) if kind == 4 else (value, 0)))  # fmt: skip
    try:
        with Image.open(io.BytesIO(file + bytes(4)), formats=["TIFF"]) as image:
            return np.asarray(image)
    except MemoryError:
        raise
    except Exception:  # decoders of damaged files raise nearly anything
        return None


def _starts(blocks: list[bytes]) -> list[int]:
    lengths = np.array([0, *(len(block) for block in blocks[:-1])])
    return (8 + np.cumsum(lengths)).tolist()


def _samples(raw: np.ndarray, page: Directory, layout: Layout, width: int, samples: int) -> np.ndarray:
    """Bytes of rows as numbers [rows, width, samples], predictor undone."""
    predictor = page.number(tiff.PREDICTOR, 1) if layout.compression != tiff.RAW_BYTES else 1
    rows = len(raw)
    if layout.bits % 8 or layout.bits == 24:
        return _packed(raw, layout.bits, width * samples).reshape(rows, width, samples)
    size = layout.bits // 8
    if predictor == 3 and layout.sample_format == tiff.FLOAT:
        flat = np.add.accumulate(raw.reshape(rows, -1, samples), axis=1, dtype=np.uint8).reshape(rows, size, -1)
        raw = np.ascontiguousarray(flat.transpose(0, 2, 1)).reshape(rows, -1)  # most significant bytes came first
        order = ">"
    else:
        order = page.order
    letter = "f" if layout.sample_format == tiff.FLOAT else "u"
    integers = np.ascontiguousarray(raw).view(f"{order}u{size}").reshape(rows, width, samples)
    if predictor == 2:
        integers = np.add.accumulate(integers, axis=1, dtype=f"u{size}")
        order = "="
    return integers.view(f"{order}{letter}{size}") if letter == "f" else integers


def _packed(raw: np.ndarray, bits: int, count: int) -> np.ndarray:
    """Samples of odd sizes, packed most significant bit first, each row from a whole byte on."""
    unpacked = np.unpackbits(np.ascontiguousarray(raw), axis=1)[:, : count * bits].reshape(len(raw), count, bits)
    weights = (1 << np.arange(bits - 1, -1, -1)).astype(np.uint32)
    return (unpacked.astype(np.uint32) * weights).sum(axis=2, dtype=np.uint32)
