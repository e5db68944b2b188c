"""The door where photos enter: a picture file becomes an sRGB array.

In: a file, or the bytes of one. Out: `PictureFile`: uint8 ``[height, width, 3]``, its format, and notes on what was
decided for the user (page, frame, scale of floats, transparency, what of the colours is not honoured).

A closed list of formats, told by a file's bytes (`formats`); everything else is refused by name. Sizes are checked
before pixels are decoded; damaged metadata never refuses a good picture. docs/pictures.md has it in words.
"""

from semcom.semantic.picture_file.formats import FORMATS, SUFFIXES, format_of
from semcom.semantic.picture_file.limits import (
    MAX_FILE_BYTES,
    MAX_PICTURE_PIXELS,
    MAX_PICTURE_SIDE,
    MIN_PICTURE_SIDE,
    check_picture,
    check_size,
)
from semcom.semantic.picture_file.reading import (
    PictureFile,
    decode_picture_file,
    load_picture,
    probe_picture,
    read_picture,
)

__all__ = [
    "FORMATS", "MAX_FILE_BYTES", "MAX_PICTURE_PIXELS", "MAX_PICTURE_SIDE", "MIN_PICTURE_SIDE", "SUFFIXES",
    "PictureFile", "check_picture", "check_size", "decode_picture_file", "format_of", "load_picture",
    "probe_picture", "read_picture",
]  # fmt: skip
