"""Samples of TIFF pages that Pillow does not read, or not rightly: deep greys, floats, planes, odd bits, more samples.

Strips and tiles come as bytes, a band of rows at a time (`tiff_strips`); what they mean is decided here. Full scale
goes by the kind of number, never by the values: integers of n bits from 0 to 2^n - 1, floats from 0 to 1, clipped, with
what is not finite as 0.

References
----------
TIFF 6.0, sections 8 (planes), 14 (predictor), 15 (tiles), 19 (sample format); TIFF Technical Note 3 (float predictor).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file import tiff_layout as tiff
from semcom.semantic.picture_file.tiff_directory import Directory
from semcom.semantic.picture_file.tiff_layout import Layout
from semcom.semantic.picture_file.tiff_strips import bands

_DEPTHS = {tiff.UNSIGNED: range(1, 65), tiff.FLOAT: (16, 32, 64)}
COLOURS = {tiff.MIN_IS_WHITE: 1, tiff.MIN_IS_BLACK: 1, tiff.RGB: 3, tiff.CMYK: 4}


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
    num_colours = COLOURS.get(layout.photometric)
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
    num_colours = COLOURS[layout.photometric]
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
    samples = 1 if plane is not None else layout.samples
    for row, width, columns in bands(page, layout, plane, name):
        parts = [_samples(raw, page, layout, width, samples) for raw in columns]
        yield row, np.concatenate(parts, axis=1)[:, : layout.width]


def _samples(raw: np.ndarray, page: Directory, layout: Layout, width: int, samples: int) -> np.ndarray:
    """Bytes of rows as numbers [rows, width, samples], predictor undone."""
    predictor = page.number(tiff.PREDICTOR, 1) if layout.compression != tiff.RAW_BYTES else 1
    rows = len(raw)
    if layout.bits % 8:
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
