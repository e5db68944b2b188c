"""Analog block layer: a part of the complex symbols of a picture in the linear analog code, with or without filters.

```
exact     1 byte   form: bits 0-3 code (0 linear, 1 deep, 2 deep for one SNR), 6 of a cut-out, 7 noise, others zero
          2, 2     picture width, height
          4, 4     complex symbols of the whole picture, place of the first one here
          1        Es/N0 that the gains are best for, dB, + 20
          5        bands, four bits each, + 10, first one high
          2        scale step, + 4096
noise     n bytes  where the form says so: noise variance of each symbol, steps of a quarter dB below 20 dB
symbols   4 n      in-phase and quadrature, big-endian int16 in steps of 1/1024
```

A sender writes no noise. The link delivers the symbols as the modem equalised them and the noise beside them;
`semantic.repair` writes both into the layer, so that its file decodes alone. Any subset of the blocks of a picture
gives a picture: what is missing has infinite noise. A block of a cut-out is about the pixels of its box, whose mask and
place a cut-out layer has; without that it means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from semcom.semantic.coding.linear_analog import (
    LEAST_BAND_STEP,
    LEAST_SNR_DB,
    MAX_SCALE_STEP,
    MOST_BAND_STEP,
    MOST_SNR_DB,
    NUM_BANDS,
    AnalogCode,
    most_symbols,
)
from semcom.semantic.layers.kind import LayerBase
from semcom.semantic.picture_file import MAX_PICTURE_SIDE, MIN_PICTURE_SIDE
from semcom.semantic.wire import BitReader, BitWriter, ByteReader, ByteWriter

CODES = ("linear", "deep", "deep-one-snr")
"""What lies around the linear code, in the order of their numbers."""
MAX_SYMBOLS = 8192
"""Of one block: what one burst of the modem takes."""
MAX_ANALOG_PIXELS = 1 << 22
EXACT_BYTES = 22
"""Of the payload, its first byte among them: without them the symbols mean nothing."""
STEPS_PER_UNIT = 1024
LARGEST_NOISE_DB = 20.0
NOISE_STEPS_PER_DB = 4
SYMBOL_COST = 4
"""Symbols for one of the packet's decoding budget."""

_NOISE, _OF_CUT_OUT = 0x80, 0x40


@dataclass(frozen=True, eq=False)
class AnalogBlock:
    """Some of the symbols of a picture.

    Attributes
    ----------
    code : AnalogCode
        The same in every block of a picture.
    first : int
        Place of the first symbol among all of the picture.
    symbols : complex64 [n]
    noise_var : float32 [n] or None
        As received; None where they are exact.
    around : str
        One of `CODES`.
    of_cut_out : bool
        Of the pixels of a cut-out, not of the whole picture.
    """

    code: AnalogCode
    first: int
    symbols: np.ndarray
    noise_var: np.ndarray | None = None
    around: str = CODES[0]
    of_cut_out: bool = False

    @property
    def coded_pixels(self) -> int:
        """What it takes from the packet's decoding budget."""
        return -(-len(self.symbols) // SYMBOL_COST)


def with_noise(block: AnalogBlock, noise: bytes) -> AnalogBlock:
    """The block as it came, with what the link says of the noise: one byte a symbol, or none where nobody told it.

    Unknown noise is taken to be what the gains were set for.
    """
    if len(noise) == len(block.symbols):
        return replace(block, noise_var=noise_from_bytes(noise))
    unknown = np.full(len(block.symbols), 10 ** (-block.code.design_snr_db / 10), np.float32)
    return replace(block, noise_var=unknown)


def noise_from_bytes(data: bytes) -> np.ndarray:
    """Noise variance float32 [len(data)], linear."""
    below_db = np.frombuffer(data, np.uint8) / np.float32(NOISE_STEPS_PER_DB)
    return (10 ** ((LARGEST_NOISE_DB - below_db) / 10)).astype(np.float32)


def noise_to_bytes(noise_var: np.ndarray) -> bytes:
    """Inverse of `noise_from_bytes`, to the nearest step."""
    below_db = LARGEST_NOISE_DB - 10 * np.log10(np.clip(noise_var, 1e-9, 1e9))
    return np.clip(np.rint(NOISE_STEPS_PER_DB * below_db), 0, 255).astype(np.uint8).tobytes()


def encode(block: AnalogBlock) -> bytes:
    code, writer, count = block.code, ByteWriter("analog block"), len(block.symbols)
    _check(writer, code, block.first, count)
    if block.around not in CODES:
        raise writer.fail("code", f"must be one of {', '.join(CODES)}", repr(block.around))
    flags = _NOISE * (block.noise_var is not None) | _OF_CUT_OUT * block.of_cut_out
    writer.u8(CODES.index(block.around) | flags)
    writer.u16(code.width).u16(code.height)
    for number in (code.num_symbols, block.first):
        writer.u16(number >> 16).u16(number & 0xFFFF)
    writer.u8(code.design_snr_db - LEAST_SNR_DB)
    bits = BitWriter()
    for step in code.bands:
        bits.put(writer.bounded(step, "band", LEAST_BAND_STEP, MOST_BAND_STEP) - LEAST_BAND_STEP, 4)
    writer.raw(bits.to_bytes()).u16(code.scale_step + MAX_SCALE_STEP)
    if block.noise_var is not None:
        writer.raw(noise_to_bytes(block.noise_var))
    steps = np.rint(STEPS_PER_UNIT * np.ascontiguousarray(block.symbols, np.complex64).view(np.float32))
    return writer.raw(np.clip(steps, -32767, 32767).astype(">i2").tobytes()).to_bytes()


def decode(reader: ByteReader) -> AnalogBlock:
    form = reader.u8("form")
    around = CODES[reader.bounded(form & ~(_NOISE | _OF_CUT_OUT), "code", 0, len(CODES) - 1)]
    width, height = reader.u16("picture width"), reader.u16("picture height")
    num_symbols, first = (reader.u16(field) << 16 | reader.u16(field) for field in ("symbols", "first symbol"))
    snr_db = reader.u8("design SNR") + LEAST_SNR_DB
    bits = BitReader(reader.raw(NUM_BANDS // 2, "bands"))
    bands = tuple(bits.take(4) + LEAST_BAND_STEP for _ in range(NUM_BANDS))
    code = AnalogCode(width, height, num_symbols, snr_db, bands, reader.u16("scale") - MAX_SCALE_STEP)
    each = 5 if form & _NOISE else 4
    count = reader.remaining // each
    _check(reader, code, first, count)
    reader.spend_pixels(-(-count // SYMBOL_COST), 1, "analog block")
    noise_var = noise_from_bytes(reader.raw(count, "noise")) if form & _NOISE else None
    steps = np.frombuffer(reader.raw(4 * count, "symbols"), ">i2").astype(np.float32)
    reader.end()
    symbols = (steps / np.float32(STEPS_PER_UNIT)).view(np.complex64)
    return AnalogBlock(code, first, symbols, noise_var, around, bool(form & _OF_CUT_OUT))


def _check(fields: ByteReader | ByteWriter, code: AnalogCode, first: int, count: int) -> None:
    """The limits that writer and reader share."""
    fields.bounded(code.width, "picture width", MIN_PICTURE_SIDE, MAX_PICTURE_SIDE)
    fields.bounded(code.height, "picture height", MIN_PICTURE_SIDE, MAX_PICTURE_SIDE)
    fields.bounded(code.width * code.height, "picture width × height", 1, MAX_ANALOG_PIXELS)
    fields.bounded(code.num_symbols, "symbols", 1, most_symbols(code.width, code.height))
    fields.bounded(code.design_snr_db, "design SNR", LEAST_SNR_DB, MOST_SNR_DB)
    fields.bounded(code.scale_step, "scale", -MAX_SCALE_STEP, MAX_SCALE_STEP)
    fields.bounded(count, "symbols of the block", 1, MAX_SYMBOLS)
    fields.bounded(first, "first symbol", 0, code.num_symbols - count)


class AnalogBlockKind(LayerBase):
    number, label, importance, colour = 13, "analog_block", 4, "#3f6f9a"
    many = True
    exact_bytes = EXACT_BYTES
    analog = True
    encode, decode = staticmethod(encode), staticmethod(decode)

    def describe(self, content: AnalogBlock) -> str:
        code, count = content.code, len(content.symbols)
        whole = f"{code.num_symbols}{' of the cut-out' if content.of_cut_out else ''}"
        told = f"symbols {content.first} to {content.first + count - 1} of {whole} ({content.around} code)"
        if content.noise_var is None:
            return f"{told}, gains for {code.design_snr_db} dB"
        return f"{told}, received at {-10 * np.log10(content.noise_var.mean()):.1f} dB"

    def size(self, content: AnalogBlock) -> tuple[int, int] | None:
        return None if content.of_cut_out else (content.code.width, content.code.height)

    def says_something(self, content: AnalogBlock) -> bool:
        return not content.of_cut_out


KIND = AnalogBlockKind()
