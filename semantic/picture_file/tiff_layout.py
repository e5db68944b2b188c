"""How the samples of a TIFF page lie in the file and what they mean, read from its tags.

References
----------
TIFF 6.0, section 8 (baseline tags), 19 (sample format).
"""

from __future__ import annotations

from dataclasses import dataclass

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file.tiff_directory import Directory

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_BYTES, PLANAR = 273, 277, 278, 279, 284
PREDICTOR, COLOUR_MAP, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTES = 317, 320, 322, 323, 324, 325
EXTRA_SAMPLES, SAMPLE_FORMAT, FAX_OPTIONS, JPEG_TABLES = 338, 339, 292, 347

MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE, CMYK, YCBCR, LAB = 0, 1, 2, 3, 5, 6, 8
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
RAW_BYTES, JPEG_OLD, JPEG = 1, 6, 7

PHOTOMETRIC_NAMES = {0: "grey", 1: "grey", 2: "RGB", 3: "palette", 4: "mask", 5: "CMYK", 6: "YCbCr", 8: "CIE Lab",
                9: "ICC Lab", 10: "ITU Lab", 32844: "LogL", 32845: "LogLuv"}  # fmt: skip
FAX_OR_JPEG = (2, 3, 4, JPEG_OLD, JPEG, 50001)
"""Ways of compressing that know what a pixel is; all others compress bytes."""


@dataclass(frozen=True)
class Layout:
    """How the samples of a page lie in the file.

    Attributes
    ----------
    width, height : int
    bits : int
        Of each sample.
    sample_format : int
        `UNSIGNED`, `SIGNED`, `FLOAT`.
    photometric, compression, samples, planar : int
        As TIFF 6.0 numbers them; samples a pixel, 2 where each lies in a plane of its own.
    extra : tuple of int
        Meaning of samples beyond the colours: 1 and 2 are opacity.
    """

    width: int
    height: int
    bits: int
    sample_format: int
    photometric: int
    compression: int
    samples: int
    planar: int
    extra: tuple[int, ...]

    @classmethod
    def of(cls, page: Directory, name: str) -> Layout:
        """From a page's tags; samples of unequal kind are refused."""
        samples = page.number(SAMPLES, 3 if page.number(PHOTOMETRIC, 0) in (RGB, YCBCR) and
                              page.number(COMPRESSION, 1) == JPEG_OLD else 1)  # fmt: skip
        bits, formats = (set(page.numbers(tag)[:samples]) or {1} for tag in (BITS, SAMPLE_FORMAT))
        if len(bits) > 1 or len(formats) > 1:
            raise PictureError(f"{name}: is a TIFF whose samples differ in size or kind, which is not read")
        sample_format = int(min(formats))
        return cls(
            page.number(WIDTH, 0),
            page.number(HEIGHT, 0),
            int(min(bits)),
            UNSIGNED if sample_format == 4 else sample_format,  # "undefined" is what it looks like
            page.number(PHOTOMETRIC, 0),
            page.number(COMPRESSION, RAW_BYTES),
            samples,
            page.number(PLANAR, 1),
            tuple(int(value) for value in page.numbers(EXTRA_SAMPLES)),
        )

    @property
    def kind(self) -> str:
        """In words: ``RGB of 16-bit integers``."""
        numbers = {UNSIGNED: "integers", SIGNED: "signed integers", FLOAT: "floats"}
        what = PHOTOMETRIC_NAMES.get(self.photometric, f"colour space {self.photometric}")
        return f"{what} of {self.bits}-bit {numbers.get(self.sample_format, 'complex numbers')}"
