"""What a file is, told by its first bytes: a closed list of formats that are read; everything else is refused by name.

Nothing is tried out. A decoder that is not on the list (PostScript, which would start another program) is never asked.
"""

from __future__ import annotations

import re

from semcom.semantic.errors import PictureError

JPEG, PNG, WEBP, TIFF, BMP, PPM, GIF, AVIF, HEIC, JPEG2000 = FORMATS = (
    "JPEG", "PNG", "WebP", "TIFF", "BMP", "PPM", "GIF", "AVIF", "HEIC", "JPEG 2000",
)  # fmt: skip
"""Formats that are read."""

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".bmp", ".ppm", ".pgm", ".pbm", ".gif", ".avif",
     ".heic", ".heif", ".jp2", ".j2k")
)  # fmt: skip
"""Endings of names under which such files are looked for; what a file is, its bytes tell."""

_RAW = "a camera raw file ({}), which must be developed first"
_VIDEO = "a video ({})"

_READ = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\0\0\0\x0cjP  \r\n\x87\n", JPEG2000),
    (b"\xff\x4f\xff\x51", JPEG2000),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0+", TIFF),
)
_REFUSED = (
    (b"%!PS", "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file (EPS)"),
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop document (PSD)"),
    (b"gimp xcf", "a GIMP document (XCF)"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
    (b"II\xbc", "a JPEG XR picture"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"#?RADIANCE", "a Radiance HDR picture"),
    (b"#?RGBE", "a Radiance HDR picture"),
    (b"PF\n", "a PFM map of floats"),
    (b"Pf\n", "a PFM map of floats"),
    (b"P7\n", "a PAM picture"),
    (b"SIMPLE  =", "a FITS file"),
    (b"qoif", "a QOI picture"),
    (b"BPG\xfb", "a BPG picture"),
    (b"FLIF", "a FLIF picture"),
    (b"DDS ", "a DDS texture"),
    (b"\xabKTX", "a KTX texture"),
    (b"\0\0\x01\0", "a Windows icon (ICO)"),
    (b"\0\0\x02\0", "a Windows cursor (CUR)"),
    (b"icns", "a macOS icon (ICNS)"),
    (b"\xd7\xcd\xc6\x9a", "a Windows metafile (WMF)"),
    (b"FUJIFILMCCD-RAW", _RAW.format("Fujifilm RAF")),
    (b"IIRO", _RAW.format("Olympus ORF")),
    (b"IIRS", _RAW.format("Olympus ORF")),
    (b"MMOR", _RAW.format("Olympus ORF")),
    (b"IIU\0", _RAW.format("Panasonic RW2")),
    (b"FOVb", _RAW.format("Sigma X3F")),
    (b"\0MRM", _RAW.format("Minolta MRW")),
    (b"\x1aE\xdf\xa3", _VIDEO.format("Matroska or WebM")),
    (b"\0\0\x01\xba", _VIDEO.format("MPEG")),
    (b"\0\0\x01\xb3", _VIDEO.format("MPEG")),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SM\x01", "a semantic packet of this program"),
)
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"mif2"}
_AVIF_BRANDS = {b"avif", b"avis"}
_LOOKED_AT = 1024


def format_of(data: bytes, name: str = "picture") -> str:
    """Which of `FORMATS` the bytes of a file are.

    Raises
    ------
    PictureError
        Empty, or none of them: the message says what it is, where that can be told.
    """
    if not data:
        raise PictureError(f"{name}: is empty (0 bytes), not a picture")
    head = bytes(data[:_LOOKED_AT])
    if head[:2] in (b"II", b"MM") and head[8:11] == b"CR\x02":
        raise _refused(name, _RAW.format("Canon CR2"))
    for magic, known in _READ:
        if head.startswith(magic):
            return known
    if head[:4] == b"RIFF":
        return _riff(head, name)
    if head[4:8] == b"ftyp":
        return _iso_base_media(head, name)
    if re.match(rb"P[1-6][\s#]", head):
        return PPM
    if head[:2] == b"BM" and head[14:18] in (b"\x0c\0\0\0", b"\x28\0\0\0", b"\x34\0\0\0", b"\x38\0\0\0",
                                             b"\x40\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0"):  # fmt: skip
        return BMP
    for magic, what in _REFUSED:
        if head.startswith(magic):
            raise _refused(name, what)
    raise _refused(name, _other(head, data))


def _riff(head: bytes, name: str) -> str:
    if head[8:12] == b"WEBP":
        return WEBP
    kinds = {b"AVI ": _VIDEO.format("AVI"), b"WAVE": "a sound file (WAV)"}
    raise _refused(name, kinds.get(head[8:12], "a RIFF file of a kind that is no picture"))


def _iso_base_media(head: bytes, name: str) -> str:
    """AVIF and HEIC by the brands of the first box; the same container carries videos and raw files."""
    end = max(16, min(int.from_bytes(head[:4], "big"), len(head)))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
    if b"crx " in brands:
        raise _refused(name, _RAW.format("Canon CR3"))
    if brands & _AVIF_BRANDS:
        return AVIF
    if brands & _HEIF_BRANDS:
        return HEIC
    if b"jxl " in brands:
        raise _refused(name, "a JPEG XL picture")
    raise _refused(name, _VIDEO.format("MP4 or QuickTime"))


def _other(head: bytes, data: bytes) -> str:
    if head[128:132] == b"DICM":
        return "a DICOM file"
    if not any(head) and not any(data):
        return f"{len(data)} bytes of zeros"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in start):
        return "an SVG drawing"
    if start.startswith((b"<!doctype html", b"<html", b"<head")):
        return "a web page"
    return ""


def _refused(name: str, what: str) -> PictureError:
    known = f"{', '.join(FORMATS[:-1])} and {FORMATS[-1]} are read"
    if what:
        return PictureError(f"{name}: is {what}, not a picture in a format we can read: {known}")
    return PictureError(f"{name}: is not a picture in a format we can read: {known}")
